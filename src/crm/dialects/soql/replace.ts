import type { Query } from '@jetstreamapp/soql-parser-js';
import type { Substitution } from '../../substitution.ts';
import { composeSoql } from './compose.ts';
import { literalsOf, operatorFor, type SoqlEquality, takesList } from './equality.ts';
import { stringLiteral } from './lexemes.ts';
import type { SoqlReading } from './reading.ts';

/**
 * Puts alternatives in place of the values that fields are compared with: `= 'x'` stays one comparison for one
 * alternative and becomes IN for several, `!= 'x'` NOT IN. The result is parsed again and compared, so that nothing
 * else changed.
 * @returns the text itself when no value is replaced, or when it cannot be done, which `substitution` then knows
 */
export function replaceInSoql(
  text: string,
  parsed: { readonly query: Query; readonly reading: SoqlReading },
  substitution: Substitution,
): string {
  // Copied at once, so that the equalities of the copy stand in the conditions of the copy.
  const { query, equalities } = structuredClone({
    query: parsed.query,
    equalities: parsed.reading.equalities,
  });
  const replaced = equalities.map((equality) => replaceIn(equality, substitution));
  if (!replaced.includes(true) || substitution.failed()) return text;
  const written = composeSoql(query);
  if (written === undefined) substitution.fail();
  return written ?? text;
}

/** Replaces the values of one condition; false when all of them stay. */
function replaceIn(equality: SoqlEquality, substitution: Substitution): boolean {
  const { condition, values } = equality;
  const literals = literalsOf(condition);
  const alternatives = values.map((value) => substitution.alternatives(equality, value));
  if (alternatives.every((found) => found === undefined)) return false;
  const written = alternatives.flatMap((found, index) => found?.map(stringLiteral) ?? literals[index]);
  const [first, ...more] = [...new Set(written)].filter((literal) => literal !== undefined);
  if (written.includes(undefined) || first === undefined) {
    substitution.fail();
    return false;
  }
  condition.operator = operatorFor(condition, 1 + more.length);
  condition.value = takesList(condition.operator) ? [first, ...more] : first;
  return true;
}
