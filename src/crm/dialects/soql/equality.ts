import type { ConditionWithValueQuery, HavingClause, ValueCondition } from '@jetstreamapp/soql-parser-js';
import { textOfLiteral } from './lexemes.ts';
import type { ResolvedField } from './names.ts';

/** A condition of the parsed query that does nothing but compare a field for equality. */
export interface SoqlEquality extends Pick<ResolvedField, 'objects' | 'field'> {
  /** The values, decoded, in the order of the condition's literals. */
  readonly values: readonly string[];
  readonly condition: ValueCondition;
}

/** Operators that compare for equality, and each with one value and with several. */
const OPERATORS: ReadonlyMap<string, readonly [one: Operator, many: Operator]> = new Map([
  ['=', ['=', 'IN']],
  ['IN', ['IN', 'IN']],
  ['!=', ['!=', 'NOT IN']],
  ['<>', ['!=', 'NOT IN']],
  ['NOT IN', ['NOT IN', 'NOT IN']],
]);
type Operator = ValueCondition['operator'];

/**
 * Reads comparisons for equality with strings, and their negations, which tell the same. A comparison with null or ''
 * alone asks whether there is a value at all, and has no values. Undefined for every other condition, and for null or
 * '' among others.
 */
export function equalityIn(
  condition: ConditionWithValueQuery | HavingClause['left'],
): Pick<SoqlEquality, 'values' | 'condition'> | undefined {
  if (!isValueCondition(condition)) return undefined;
  const literals = literalsOf(condition);
  if (literals.length === 1 && (condition.literalType === 'NULL' || literals[0] === "''"))
    return { values: [], condition };
  if (condition.literalType !== 'STRING') return undefined;
  const values = literals.map(textOfLiteral);
  const known = values.filter((value) => value !== undefined);
  const isWhole = known.length > 0 && known.length === values.length && !known.includes('');
  return isWhole ? { values: known, condition } : undefined;
}

/** Literals of a comparison for equality; none for other operators. */
export function literalsOf({ operator, value }: ValueCondition): readonly string[] {
  const isWhole = OPERATORS.has(operator) && Array.isArray(value) === takesList(operator);
  return isWhole ? [value].flat() : [];
}

/** The operator of a comparison for equality with so many literals. */
export function operatorFor({ operator }: ValueCondition, literals: number): Operator {
  const [one, many] = OPERATORS.get(operator) ?? [operator, operator];
  return literals === 1 ? one : many;
}

/** Whether an operator is followed by a list. */
export function takesList(operator: Operator): boolean {
  return operator === 'IN' || operator === 'NOT IN';
}

function isValueCondition(
  condition: ConditionWithValueQuery | HavingClause['left'],
): condition is ValueCondition {
  return 'field' in condition && 'value' in condition;
}
