import type { CrmAdapter, ReplaceValue } from '../../src/crm/adapter.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { CrmRequest } from '../../src/model/request.ts';

/** Uses that tell a field's value, as `Object.field position`, with what they compare it with. */
export function comparedIn({ uses }: Operation): [string, readonly string[] | undefined][] {
  return uses
    .filter(({ position }) => position !== 'select' && position !== 'write')
    .map(({ object, field, position, equals }) => [`${object}.${field} ${position}`, equals]);
}

/** Replaces every value of these fields by as many tokens as asked for. */
export function tokens(fields: readonly string[], count = 1): ReplaceValue {
  const lower = new Set(fields.map((field) => field.toLowerCase()));
  return ({ field }, value) =>
    lower.has(field.toLowerCase())
      ? Array.from({ length: count }, (_, index) => `tok${index + 1}/${value}`)
      : undefined;
}

export function replaceIn(
  adapter: CrmAdapter,
  operation: Operation,
  replace: ReplaceValue,
): Operation | undefined {
  if (adapter.replaceValues === undefined) throw new Error(`${adapter.name} replaces no values`);
  return adapter.replaceValues(operation, replace);
}

export function jsonOf({ body }: CrmRequest): unknown {
  return body === undefined ? undefined : JSON.parse(body.toString());
}
