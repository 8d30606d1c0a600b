import type { ConditionWithValueQuery, HavingClause, ValueCondition } from '@jetstreamapp/soql-parser-js';
import { textOfLiteral } from './lexemes.ts';
import type { ResolvedField } from './names.ts';

/** A condition of the parsed query that does nothing but compare a field with strings for equality. */
export interface SoqlEquality extends Pick<ResolvedField, 'objects' | 'field'> {
  /** The values, decoded, in the order of the condition's literals. */
  readonly values: readonly string[];
  readonly condition: ValueCondition;
}

/**
 * Reads `= '…'` and `IN ('…', …)`, also below NOT: who may ask which records match learns the others too. Undefined for
 * every other condition, and for null and '' (alone or in a list): they ask whether there is a value at all.
 */
export function equalityIn(
  condition: ConditionWithValueQuery | HavingClause['left'],
): Pick<SoqlEquality, 'values' | 'condition'> | undefined {
  if (!isStringCondition(condition)) return undefined;
  const values = literalsOf(condition).map(textOfLiteral);
  const known = values.filter((value) => value !== undefined);
  const isWhole = known.length > 0 && known.length === values.length && !known.includes('');
  return isWhole ? { values: known, condition } : undefined;
}

/** Literals of `=` and IN; none for other operators. */
export function literalsOf({ operator, value }: ValueCondition): readonly string[] {
  if (operator === '=' && typeof value === 'string') return [value];
  return operator === 'IN' && Array.isArray(value) ? value : [];
}

function isStringCondition(
  condition: ConditionWithValueQuery | HavingClause['left'],
): condition is ValueCondition {
  return 'field' in condition && 'value' in condition && condition.literalType === 'STRING';
}
