import { nearest } from '../../document/nearest.ts';
import type { DocumentPath } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import { OPERATION_KINDS } from '../../model/operation.ts';
import type { Condition } from '../condition.ts';
import type { ComparedWord } from '../condition-tree.ts';
import type { CrmModel } from '../data-map.ts';
import type { DeclaredKind } from '../declared.ts';
import type { Check, PolicyContext } from './check.ts';
import { undeclared } from './undeclared.ts';

const KINDS: ReadonlyMap<string, DeclaredKind> = new Map([
  ['principal.roles', 'role'],
  ['principal.level', 'level'],
  ['principal.levels', 'level'],
  ['principal.purpose', 'purpose'],
  ['principal.purposes', 'purpose'],
  ['principal.region', 'region'],
  ['record.level', 'level'],
  ['record.region', 'region'],
]);

/**
 * Checks the words that a condition compares: nothing is equal to a misspelt one, so the policy would not apply where it
 * should. @param path of the condition in the document
 */
export function checkWords({ context, complainIn }: Check, { words }: Condition, path: DocumentPath): void {
  for (const word of words) {
    const message = word.word === '' ? undefined : complaintAbout(word, context);
    if (message !== undefined) complainIn(path, word.offset, message);
  }
}

function complaintAbout(
  { variable, name, word }: ComparedWord,
  { declared, models, mapsComplete }: PolicyContext,
): string | undefined {
  const member = `${variable}.${name}`;
  const kind = KINDS.get(member);
  if (kind !== undefined) return undeclared(kind, word, declared);
  if (member === 'operation.kind') return unknownKind(word);
  if (member !== 'operation.objects' || !mapsComplete) return undefined;
  const objects = objectNames(models.values());
  return objects.includes(word) ? undefined : unknownObject(word, objects);
}

function unknownKind(word: string): string | undefined {
  if (OPERATION_KINDS.some((kind) => kind === word)) return undefined;
  const near = didYouMean(nearest(word, OPERATION_KINDS));
  return `found "${word}", expected one of ${OPERATION_KINDS.join(', ')}${near}`;
}

export function objectNames(models: Iterable<CrmModel>): readonly string[] {
  return Array.from(models).flatMap(({ objects }) => [...objects.values()].map(({ name }) => name));
}

export function unknownObject(word: string, known: readonly string[]): string {
  return `found unknown object "${word}", expected an object of a data map${didYouMean(nearest(word, known))}`;
}
