import type { ConditionWithValueQuery, HavingClause } from '@jetstreamapp/soql-parser-js';
import type { FieldUse } from '../../../model/operation.ts';

const WHOLE: ReadonlySet<string> = new Set(['=', '!=', '<>', 'IN', 'NOT IN', 'INCLUDES', 'EXCLUDES']);
const ORDER: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
/**
 * A LIKE pattern that asks for the beginning of a text, or for all of it. With a backslash it could mean another one.
 */
const BEGINNING = /^'[^%_\\]*%?'$/;

/**
 * What a condition asks of a text; see `FieldUse.within`. A comparison of order tells no more than how the text begins,
 * up to the length of the other text.
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
