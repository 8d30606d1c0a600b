import type { DocumentPath } from '../../document/source.ts';
import { endOf, NO_SUCH_DAY } from '../../document/until.ts';
import { exceptionsOf, isForNobody } from '../who.ts';
import type { Check } from './check.ts';
import { undeclared, wordsOf } from './undeclared.ts';

/** Checks `for`: its words are declared, and its exceptions leave somebody. */
export function checkWho({ document, context, complain }: Check): void {
  const exceptions = exceptionsOf(document.for);
  const pathOf = (index: number): DocumentPath =>
    Array.isArray(document.for?.except) ? ['for', 'except', index] : ['for', 'except'];
  const matches = [
    [document.for ?? {}, ['for']] as const,
    ...exceptions.map((match, index) => [match, pathOf(index)] as const),
  ];
  for (const [match, place] of matches) {
    for (const [kind, word, path] of wordsOf(match)) {
      const message = undeclared(kind, word, context.declared);
      if (message !== undefined) complain([...place, ...path], message);
    }
  }
  for (const [index, { until, ...match }] of exceptions.entries()) {
    if (until === undefined) continue;
    if (endOf(until) === undefined) complain([...pathOf(index), 'until'], NO_SUCH_DAY);
    if (Object.keys(match).length === 0) complain(pathOf(index), UNTIL_FOR_NOBODY, 'key');
  }
  if (isForNobody(document.for, context.declared)) {
    complain(
      ['for', 'except'],
      'found an exception for everyone the policy is for: it can never apply',
      'key',
    );
  }
}

const UNTIL_FOR_NOBODY =
  'found an exception that names nobody, expected roles, purposes, ids, regions or levels beside until';
