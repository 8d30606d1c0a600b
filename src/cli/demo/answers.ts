import type { DemoAnswer } from './requests.ts';

export type Members = Readonly<Record<string, unknown>>;

/** Members of a JSON object, of the object under `name` in it, or of the first object of an array. */
export function membersOf({ body }: DemoAnswer, name?: string): Members {
  const value: unknown = JSON.parse(body);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const inner = name === undefined || !isObject(first) ? first : first[name];
  return isObject(inner) ? inner : {};
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a body holds a value anywhere, spelt as in the CRM. */
export function holds({ body }: Pick<DemoAnswer, 'body'>, value: string): boolean {
  // Five digits stand in many hashes and durations by chance.
  if (/^\d{5}$/.test(value)) return new RegExp(`(?<![\\w.-])${value}(?![\\w.-])`).test(body);
  return body.includes(JSON.stringify(value).slice(1, -1));
}
