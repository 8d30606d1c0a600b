import { isDeepStrictEqual } from 'node:util';
import type { FieldUse, Operation } from '../model/operation.ts';
import type { ReplaceValue } from './adapter.ts';
import { type JsonObject, numbersSurvive, parseJsonObject } from './json-body.ts';
import { withJsonBody, withSegment } from './request-edit.ts';

/** A field that a value is compared with. Lists several objects when it is not known which one is meant. */
export interface ComparedField {
  readonly objects: readonly string[];
  readonly field: string;
}

/** Replaces the values of one operation, and knows whether that could be done. */
export interface Substitution {
  /** Alternatives for a value; undefined where it stays. */
  readonly alternatives: (compared: ComparedField, value: string) => readonly string[] | undefined;
  /** For where the CRM takes a single value: the only alternative, or the value itself. */
  readonly single: (compared: ComparedField, value: string) => string;
  /** Notes that the operation cannot be rewritten exactly. */
  readonly fail: () => void;
  readonly failed: () => boolean;
}

export function createSubstitution(replace: ReplaceValue): Substitution {
  let isExact = true;
  const fail = (): undefined => {
    isExact = false;
    return undefined;
  };

  function alternatives({ objects, field }: ComparedField, value: string): readonly string[] | undefined {
    const perObject = objects.map((object) => replace({ object, field }, value));
    const replaced = perObject.filter((found) => found !== undefined);
    if (replaced.length === 0) return undefined;
    // If only some of the objects keep tokens, both kinds of value would have to be asked for.
    const all = [...new Set(replaced.flat())];
    if (replaced.length < perObject.length || all.length === 0 || !all.every(isValue)) return fail();
    return all;
  }

  return {
    alternatives,
    single: (compared, value) => {
      const [first = value, ...more] = alternatives(compared, value) ?? [];
      if (more.length > 0) fail();
      return first;
    },
    fail,
    failed: () => !isExact,
  };
}

function isValue(text: string): boolean {
  return text !== '' && text.isWellFormed();
}

/** For operations whose values have been sent before. */
export const unreplaced = (operation: Operation): Operation => operation;

/** The operation with its JSON body edited by `edit`, if that changes it. A body whose numbers would change fails. */
export function replaceInBody(
  operation: Operation,
  substitution: Substitution,
  edit: (body: JsonObject) => JsonObject,
): Operation {
  const { request } = operation;
  const body = parseJsonObject(request.body);
  const edited = edit(body);
  if (isDeepStrictEqual(edited, body)) return operation;
  if (request.body === undefined || !numbersSurvive(request.body)) substitution.fail();
  return { ...operation, request: withJsonBody(request, edited) };
}

/** The operation with the value in a path segment replaced. */
export function replaceInPath(
  operation: Operation,
  substitution: Substitution,
  index: number,
  compared: ComparedField,
): Operation {
  const { request } = operation;
  const value = request.segments[index] ?? '';
  const replaced = substitution.single(compared, value);
  if (replaced === value) return operation;
  // Such a segment is resolved away wherever a URL is parsed (RFC 3986 section 5.2.4).
  if (/^\.{1,2}$/.test(replaced)) substitution.fail();
  return { ...operation, request: withSegment(request, index, replaced) };
}

/** The use with the values that it compares its field with; unchanged when there are none. */
export function comparing(use: FieldUse, values: readonly unknown[]): FieldUse {
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  return values.length > 0 && values.every(isText) ? { ...use, equals: values } : use;
}
