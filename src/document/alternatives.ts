import type { ErrorObject } from 'ajv';

/**
 * Where a value may be one of several things (`oneOf`, `anyOf`), every alternative has its own errors. What is left of
 * them: those of the alternative that was meant, or else one error for all.
 */
export function withoutAlternatives(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  return errors.filter((error) => choices.every((choice) => tellsMost(error, choice)));
}

/** Whether an error is the one to report of a choice; also true of errors that have nothing to do with it. */
function tellsMost(error: ErrorObject, choice: ErrorObject): boolean {
  const meant = meantBy(choice);
  if (error === choice) return meant === undefined;
  const isBelow =
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    `${error.instancePath}/`.startsWith(`${choice.instancePath}/`);
  return !isBelow || error.schemaPath.startsWith(`${choice.schemaPath}/${meant ?? ''}/`);
}

/**
 * Index of the only alternative that a mapping can mean: by the keys that it must have, or as the only mapping of them
 * where none is required. A title says all there is.
 */
function meantBy({ data, schema }: ErrorObject): number | undefined {
  if (!isObject(data) || Array.isArray(data)) return undefined;
  const alternatives = alternativesIn(schema);
  const isOnlyMapping = alternatives.filter(({ type }) => type === 'object').length === 1;
  const fitting = alternatives.flatMap((alternative, index) => {
    const { title, type, required } = alternative;
    const isMeant =
      required === undefined
        ? isOnlyMapping && type === 'object'
        : requiredBy(alternative).some((key) => Object.hasOwn(data, key));
    return title === undefined && isMeant ? [index] : [];
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** The alternatives of a choice in words: `passthrough or { bearer: … }`. */
export function alternativesInWords(schema: unknown): string {
  return alternativesIn(schema).map(inWords).join(' or ');
}

const TYPES: Readonly<Record<string, string>> = { string: 'text', array: 'a list', object: 'a mapping' };

function inWords(alternative: Readonly<Record<string, unknown>>): string {
  const { title, const: value, type } = alternative;
  if (typeof title === 'string') return title;
  if (typeof value === 'string') return value;
  const required = requiredBy(alternative);
  if (required.length > 0) return `{ ${required.map((key) => `${key}: …`).join(', ')} }`;
  return TYPES[String(type)] ?? String(type);
}

function alternativesIn(schema: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(schema) ? schema.filter(isObject) : [];
}

function requiredBy({ required }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
