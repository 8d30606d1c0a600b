import type { ConditionWithValueQuery, HavingClause } from '@jetstreamapp/soql-parser-js';
import type { FieldUse } from '../../../model/operation.ts';

const WHOLE: ReadonlySet<string> = new Set(['=', '!=', '<>', 'IN', 'NOT IN', 'INCLUDES', 'EXCLUDES']);
const ORDER: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
/** A pattern of LIKE that asks for a beginning, or for all of it. A backslash may take a wildcard's meaning away. */
const BEGINNING = /^'[^%_\\]*%?'$/;

/**
 * What a condition asks of a text; see `FieldUse.within`. Where a text stands in the order of texts tells no more than how it begins, as far as
 * the other text goes.
 */
export function withinIn(condition: ConditionWithValueQuery | HavingClause['left']): FieldUse['within'] {
  if (!('value' in condition)) return undefined;
  const operator = condition.operator.toUpperCase();
  if (WHOLE.has(operator)) return undefined;
  const values = [condition.value].flat();
  if (values.some((value) => value.includes('"'))) return 'json';
  if (ORDER.has(operator)) return undefined;
  return operator === 'LIKE' && values.every((value) => BEGINNING.test(value)) ? undefined : 'text';
}
