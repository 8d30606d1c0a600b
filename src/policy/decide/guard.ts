import type { Guard, RowRule } from '../../model/decision.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import type { RecordCondition } from './record-condition.ts';

/**
 * The conditions on a record's own fields by which a policy hides something of it. Whoever may not read a record does
 * not write to it either; who may only not fetch it, or take it out, does: then what `rows` says is such a condition
 * too.
 * @param when undefined: it hides nothing but by `rows`
 */
export function guardsOf(
  { id, operations }: Pick<CompiledPolicy, 'id' | 'operations'>,
  when: RecordCondition | undefined,
  rule: RowRule | undefined,
): readonly Guard[] {
  const isReadAllTheSame = operations?.has('read') === false;
  return [
    ...(when === undefined ? [] : [{ policy: id, needs: when.needs, hides: when.mayHold }]),
    ...(rule === undefined || !isReadAllTheSame
      ? []
      : [{ policy: id, needs: rule.needs, hides: (facts) => !rule.holds(facts) } satisfies Guard]),
  ];
}
