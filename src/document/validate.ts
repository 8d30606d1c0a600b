import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { alternativesInWords, withoutAlternatives } from './alternatives.ts';
import { mostAlike, nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import type { DocumentPath, SourceDocument } from './source.ts';

/** A compiled JSON schema. Made once, used for any number of documents. */
export interface DocumentSchema {
  readonly validate: ValidateFunction;
}

export interface ValidateOptions {
  /** False where values may be secrets: then messages name keys and types, never a value. Default: true. */
  readonly quoteValues?: boolean;
}

/**
 * For ajv. Its optimizer makes objects of all names in the code, which fill the table in which V8 keeps the shapes that
 * objects may take: until the next full collection every new kind of object is slow.
 */
export const UNOPTIMIZED = { optimize: false };

/**
 * Compiles a JSON schema (draft-07). A property whose schema is `{ not: {} }` is known but not supported: using it is
 * reported as such. Prefer `if`/`then` to `oneOf`: only then do errors say what is wrong instead of what does not
 * match.
 *
 * @param options.applyDefaults fills in `default` values; it changes the document's `value`
 */
export function compileSchema(
  schema: object,
  options: { readonly applyDefaults?: boolean } = {},
): DocumentSchema {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    useDefaults: options.applyDefaults ?? false,
    code: UNOPTIMIZED,
  });
  return { validate: ajv.compile(schema) };
}

/** Everything in the document that is not as the schema says, in no particular order. */
export function validateDocument(
  schema: DocumentSchema,
  document: SourceDocument,
  options: ValidateOptions = {},
): Problem[] {
  if (schema.validate(document.value)) return [];
  const complaints = new Map<string, Problem>();
  for (const error of withoutAlternatives(schema.validate.errors ?? [])) {
    const complaint = complaintOf(error, options.quoteValues ?? true);
    if (complaint === undefined) continue;
    const path = pathOf(error.instancePath, document.value);
    const place =
      complaint.key === undefined
        ? document.positionOf(path, complaint.part)
        : document.positionOf([...path, complaint.key], 'key');
    // When two schemas refuse one key, the narrower one tells better what is expected.
    const about = complaint.key === undefined ? complaint.message : '';
    const id = JSON.stringify([path, complaint.key ?? null, about]);
    const known = complaints.get(id);
    if (known !== undefined && known.message.length <= complaint.message.length) continue;
    complaints.set(id, { file: document.file, ...place, message: complaint.message });
  }
  return [...complaints.values()];
}

/**
 * What is left of a value without the parts that the schema refuses, so that the rest can be checked as well. A list
 * with a refused entry is taken out whole: the indexes of what is left would not be those in the document.
 * @returns undefined when nothing is left
 */
export function validPart({ validate }: DocumentSchema, value: unknown): unknown {
  const rest: unknown = structuredClone(value);
  while (!validate(rest)) {
    // Each taken out makes the value smaller, so this comes to an end.
    const refused = (validate.errors ?? []).flatMap((error) => refusedPath(error, rest) ?? []);
    if (!refused.some((path) => takeOut(rest, path))) return undefined;
  }
  return rest;
}

/** Undefined where another error says the same. */
function refusedPath(error: ErrorObject, root: unknown): [DocumentPath] | undefined {
  const path = pathOf(error.instancePath, root);
  if (error.keyword === 'if' || error.keyword === 'propertyNames') return undefined;
  const key = error.propertyName ?? (error.params as Record<string, unknown>)['additionalProperty'];
  return [typeof key === 'string' ? [...path, key] : path];
}

/** @returns false where there is nothing at the path, or nothing around it */
function takeOut(root: unknown, path: DocumentPath): boolean {
  const list = path.findIndex((step) => typeof step === 'number');
  const whole = list < 0 ? path : path.slice(0, list);
  const last = whole.at(-1);
  let around = root;
  for (const step of whole.slice(0, -1)) around = isObject(around) ? around[step] : undefined;
  return last !== undefined && isObject(around) && last in around && Reflect.deleteProperty(around, last);
}

interface Complaint {
  readonly message: string;
  /** Key below the error's own place that the complaint is about. */
  readonly key?: string;
  readonly part?: 'key' | 'value';
}

function complaintOf(error: ErrorObject, quoteValues: boolean): Complaint | undefined {
  const found = describe(error.data, quoteValues);
  const parameters: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'if':
      return undefined; // Its `then` has said what is wrong.
    case 'additionalProperties':
      return unknownKey(String(parameters['additionalProperty']), error.parentSchema);
    case 'propertyNames':
      return undefined; // The error on the name itself stands beside it.
    case 'required':
      return { message: `found no ${quote(String(parameters['missingProperty']))}, expected one here` };
    case 'enum': {
      const expected = expectation(error.parentSchema) ?? oneOf(error.schema);
      return { message: `found ${found}, expected ${expected}${hint(error.data, error.schema)}` };
    }
    case 'oneOf':
    case 'anyOf':
      return { message: `found ${found}, expected ${alternativesInWords(error.schema)}` };
    case 'const':
      return { message: `found ${found}, expected ${describe(error.schema, true)}` };
    case 'type':
      return { message: `found ${found}, expected ${typesOf(error.schema)}` };
    case 'not':
      return {
        message: `found ${quote(lastName(error))}, which is not supported by this version`,
        part: 'key',
      };
    case 'minItems':
      return { message: 'found an empty list, expected at least one entry' };
    case 'minProperties':
      return { message: 'found nothing in it, expected at least one key' };
    case 'maxProperties': {
      const keys = isObject(error.data) ? Object.keys(error.data).length : 0;
      return {
        message: `found ${keys} keys in it, expected ${oneKeyOf('', keysOf(error.parentSchema))} alone`,
      };
    }
    case 'minimum':
      return { message: `found ${found}, expected a number of at least ${String(error.schema)}` };
    case 'maximum':
      return { message: `found ${found}, expected a number of at most ${String(error.schema)}` };
    case 'exclusiveMinimum':
      return { message: `found ${found}, expected a number above ${String(error.schema)}` };
    case 'uniqueItems':
      return { message: 'found an entry twice, expected every entry once' };
    default:
      return (
        nameComplaint(error, found) ?? {
          message: `found ${found}, expected a value that ${error.message ?? 'fits'}`,
        }
      );
  }
}

function nameComplaint(error: ErrorObject, found: string): Complaint | undefined {
  if (error.keyword !== 'pattern') return undefined;
  const expected = expectation(error.parentSchema) ?? `text like ${String(error.schema)}`;
  return error.propertyName === undefined
    ? { message: `found ${found}, expected ${expected}` }
    : { message: `found key ${quote(error.propertyName)}, expected ${expected}`, key: error.propertyName };
}

/** What a schema with a `pattern` or an `enum` wants in words: its `title`. */
function expectation(schema: unknown): string | undefined {
  return isObject(schema) && typeof schema['title'] === 'string' ? schema['title'] : undefined;
}

/** Keys that a schema names and supports. */
function keysOf(schema: unknown): readonly string[] {
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties)
    .filter(([, property]) => !(isObject(property) && 'not' in property))
    .map(([name]) => name);
}

function unknownKey(key: string, parent: unknown): Complaint {
  const known = keysOf(parent);
  const near = nearest(key, known);
  return {
    key,
    message: `found unknown key ${quote(key)}, expected ${oneKeyOf(key, known)}${didYouMean(near)}`,
  };
}

/** Expected keys that a message lists. Where there are more (all limits), it lists the most alike. */
const KEYS_LISTED_MAX = 20;
const KEYS_ALIKE = 5;

function oneKeyOf(key: string, known: readonly string[]): string {
  if (known.length <= KEYS_LISTED_MAX) return `${known.length === 1 ? '' : 'one of '}${known.join(', ')}`;
  return `one of ${known.length} keys, such as ${mostAlike(key, known, KEYS_ALIKE).join(', ')}`;
}

function hint(data: unknown, allowed: unknown): string {
  if (typeof data !== 'string' || !Array.isArray(allowed)) return '';
  return didYouMean(
    nearest(
      data,
      allowed.filter((word) => typeof word === 'string'),
    ),
  );
}

/** The closing words of a message that has a nearest valid word, or nothing. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${quote(near)}?`;
}

function oneOf(allowed: unknown): string {
  if (!Array.isArray(allowed)) return 'another value';
  return `${allowed.length === 1 ? '' : 'one of '}${allowed.map(String).join(', ')}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

function typesOf(schema: unknown): string {
  const types: unknown[] = Array.isArray(schema) ? schema : [schema];
  return types.map((type) => TYPE_NAMES[String(type)] ?? String(type)).join(' or ');
}

function describe(value: unknown, quoteValues: boolean): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return quoteValues ? quote(value) : 'text';
  return quoteValues ? JSON.stringify(value) : `a ${typeof value}`;
}

const QUOTED_LENGTH_MAX = 80;

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}

function lastName(error: ErrorObject): string {
  return segmentsOf(error.instancePath).at(-1) ?? '';
}

function segmentsOf(pointer: string): string[] {
  // RFC 6901: `~1` is a slash, `~0` a tilde, in that order.
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathOf(pointer: string, root: unknown): DocumentPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const segment of segmentsOf(pointer)) {
    const step = Array.isArray(value) ? Number(segment) : segment;
    path.push(step);
    value = Array.isArray(value) ? value[Number(segment)] : isObject(value) ? value[segment] : undefined;
  }
  return path;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
