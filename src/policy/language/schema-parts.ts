/** JSON schema (draft-07) of the small things that policy documents are made of. */

const NAME_PATTERN = '^(?!__proto__$)[A-Za-z0-9_][A-Za-z0-9_.-]*$';
const CATEGORY_PATTERN = '^[a-z][a-z0-9-]*(\\.[a-z0-9-]+)*$';

export const fieldName = {
  type: 'string',
  pattern: NAME_PATTERN,
  title: 'a field name as the CRM spells it',
} as const;
export const category = {
  type: 'string',
  pattern: CATEGORY_PATTERN,
  title: 'a category in dotted lower-case words, such as contact.email',
} as const;

export function field(description: string): object {
  return { ...fieldName, description };
}

export function words(description: string, title = 'text'): object {
  return {
    type: 'array',
    items: { type: 'string', pattern: '.', title },
    minItems: 1,
    uniqueItems: true,
    description,
  };
}

export function record(
  description: string,
  properties: Readonly<Record<string, object>>,
  rest: object = {},
): object {
  return { type: 'object', description, properties, additionalProperties: false, minProperties: 1, ...rest };
}

type Schema = object | true;

/**
 * JSON schema's conditional. Built from a list of keywords, because linters take an object literal with `then` for a
 * promise.
 */
export function choose(
  condition: object,
  consequence: Schema,
  otherwise: Schema,
): Readonly<Record<string, Schema>> {
  const parts = [condition, consequence, otherwise];
  return Object.fromEntries(parts.map((part, index) => [['if', 'then', 'else'][index], part]));
}

/** A key that is kept for a later version. */
export function notYet(description: string): object {
  return { not: {}, description: `Not supported by this version. ${description}` };
}
