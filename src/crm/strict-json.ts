import { isUtf8 } from 'node:buffer';
import { PrivetError } from '../errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a request body that a decision rests on. What is read here must be what the CRM reads, so anything two parsers
 * could read differently is refused: invalid UTF-8, a byte order mark, duplicate names.
 * @throws PrivetError BODY_UNREADABLE
 */
export function parseStrictJson(body: Buffer | undefined): unknown {
  if (body === undefined || !isUtf8(body)) return refuseBody('it is not UTF-8 text.');
  const text = body.toString('utf8');
  let value: unknown;
  let hasDuplicates: boolean;
  try {
    value = JSON.parse(text);
    hasDuplicates = namesWritten(text) !== namesIn(value);
  } catch {
    return refuseBody('it is not JSON.');
  }
  if (hasDuplicates) return refuseBody('it has duplicate names.');
  return value;
}

/** A JSON object as body. @throws PrivetError BODY_UNREADABLE */
export function parseJsonObject(body: Buffer | undefined): JsonObject {
  const value = parseStrictJson(body);
  return isJsonObject(value) ? value : refuseBody('it is not a JSON object.');
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The array of strings under a name; undefined when it is absent. @throws PrivetError BODY_UNREADABLE when it is something else */
export function stringsIn(object: JsonObject, name: string): readonly string[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return refuseBody(`"${name}" is not a list of names.`);
}

/** Refuses a body. The detail never quotes it. */
export function refuseBody(what: string): never {
  throw new PrivetError('BODY_UNREADABLE', `Body: ${what}`);
}

/** Names of members as they stand in valid JSON text, duplicates counted each. */
function namesWritten(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"[ \t\r\n]*(:?)/g)) if (colon === ':') count += 1;
  return count;
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members: unknown[] = Object.values(value);
  return members.reduce<number>(
    (sum, member) => sum + namesIn(member),
    Array.isArray(value) ? 0 : members.length,
  );
}
