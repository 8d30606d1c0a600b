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

/** Whether an answer holds a value anywhere, spelt as in the CRM. */
export function holds({ body }: DemoAnswer, value: string): boolean {
  return body.includes(JSON.stringify(value).slice(1, -1));
}
