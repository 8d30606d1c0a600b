import type { Guard, RowRule } from '../../model/decision.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import type { RecordCondition } from './record-condition.ts';

/**
 * The conditions on a record's own fields by which a policy hides something of it. Whoever may not read a record may
 * not write to it either, so `rows` needs no guard, except in a policy that leaves reading alone and keeps records only
 * from files or exports.
 * @param when undefined: it hides nothing except by `rows`
 */
export function guardsOf(
  { id, operations }: Pick<CompiledPolicy, 'id' | 'operations'>,
  when: RecordCondition | undefined,
  rule: RowRule | undefined,
): readonly Guard[] {
  const leavesReading = operations?.has('read') === false;
  return [
    ...(when === undefined ? [] : [{ policy: id, needs: when.needs, hides: when.mayHold }]),
    ...(rule === undefined || !leavesReading
      ? []
      : [{ policy: id, needs: rule.needs, hides: (facts) => !rule.holds(facts) } satisfies Guard]),
  ];
}
