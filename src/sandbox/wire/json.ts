/** A number as the CRM spells it: `50000.00` or twenty digits, which a double would not give back. */
export interface Spelled {
  readonly spelling: string;
}

export type Scalar = string | number | boolean | null | Spelled;
export type Json = Scalar | readonly Json[] | { readonly [name: string]: Json };

export const spelled = (spelling: string): Spelled => ({ spelling });

export function isSpelled(value: unknown): value is Spelled {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'spelling') === 'string';
}

export function isJsonObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A scalar as text; '' for null, absent or not a scalar. */
export function textOf(value: Json | undefined): string {
  if (isSpelled(value)) return value.spelling;
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** Writes JSON with every spelled number as it is spelled. */
export function writeJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isSpelled(value)) return value.spelling;
  if (Array.isArray(value)) return `[${value.map((item: Json) => writeJson(item)).join(',')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`,
  );
  return `{${members.join(',')}}`;
}

interface NumberSource {
  readonly source?: string;
}

/** ECMA-262's `JSON.parse` source text access, which the library types do not describe yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (name: string, value: unknown, context: NumberSource) => unknown,
) => unknown;

/** Reads JSON and keeps the spelling of numbers that a double would change. @throws SyntaxError */
export function readJson(text: string): Json {
  return parseWithSource(text, (_, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? spelled(context.source)
      : value,
  ) as Json;
}
