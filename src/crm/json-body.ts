import { PrivetError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { MediaError } from '../media/rewriter.ts';
import { parseStrictJson } from '../media/strict-json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a request body that a decision depends on. The CRM must read the same, so anything that two parsers could read
 * differently is refused.
 * @throws PrivetError BODY_UNREADABLE
 */
export function parseJsonBody(body: Buffer | undefined): unknown {
  if (body === undefined) return refuseBody('there is none.');
  try {
    return parseStrictJson(body, DEFAULT_LIMITS);
  } catch (error) {
    if (error instanceof MediaError) return refuseBody(`${error.message}.`);
    throw error;
  }
}

/** A JSON object as body. @throws PrivetError BODY_UNREADABLE */
export function parseJsonObject(body: Buffer | undefined): JsonObject {
  const value = parseJsonBody(body);
  return isJsonObject(value) ? value : refuseBody('it is not a JSON object.');
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The array of strings under a name; undefined when it is absent.
 * @throws PrivetError BODY_UNREADABLE when it is something else
 */
export function stringsIn(object: JsonObject, name: string): readonly string[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return refuseBody(`"${name}" is not a list of names.`);
}

/**
 * Refuses an object with unknown members: they may name something that is not judged.
 * @throws PrivetError BODY_UNREADABLE
 */
export function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, what: string): void {
  if (Object.keys(object).some((name) => !known.has(name)))
    refuseBody(`${what} has a member that is not known.`);
}

/**
 * True when the JSON can be parsed and written again without changing a number: a double keeps 15 digits, and JSON has
 * longer ones.
 */
export function numbersSurvive(json: Buffer): boolean {
  const withoutStrings = json.toString().replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '');
  const numbers = withoutStrings.match(/[-+.\dEe]*\d[-+.\dEe]*/g) ?? [];
  return numbers.every(
    (number) => /^-?\d+(?:\.\d+)?$/.test(number) && number.replaceAll(/\D/g, '').length <= 15,
  );
}

/** Refuses a body. The detail never quotes it. */
export function refuseBody(what: string): never {
  throw new PrivetError('BODY_UNREADABLE', `Body: ${what}`);
}
