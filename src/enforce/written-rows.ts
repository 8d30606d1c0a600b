import type { ObjectView, RowRule, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { changesRecords, lookupsOf, type Target, targetsOf } from './changed-records.ts';
import { findRecords, type RecordTools, type Sought } from './found-records.ts';
import { writesRecords } from './inspectable.ts';
import type { Naming } from './person.ts';
import { Refusal } from './refusal.ts';
import type { WalkTools } from './walk-body.ts';

/** What judging the records that a request names needs. */
export interface RowTools extends RecordTools {
  readonly naming: Naming;
}

/**
 * Whoever may not see a record does not change it, take it away or refer to it by a value: neither by its id nor by a key, and so not into one
 * that they may see either. Making records is free: what stands in them the writer knows, and nothing that was hidden is shown by it.
 *
 * A record that is not there is refused in the same words, so that nobody learns by writing which there are; only where a request makes a record
 * under a key that has none, it goes on.
 * @throws Refusal that says how many
 */
export async function keepToRows(operation: Operation, tools: RowTools, walk: WalkTools): Promise<void> {
  if (tools.view.isClear) return;
  const changes = changesRecords(operation);
  if (!changes && !writesRecords(operation)) return;
  const named = (changes ? targetsOf(operation, walk) : lookupsOf(operation)).filter(
    ({ object }) => rowRulesOf(tools.view.of(object)).length > 0,
  );
  const mayMake = changes && [operation.kind, ...(operation.otherKinds ?? [])].includes('create');
  const outside = await Promise.all(named.map((target) => countOutside(target, mayMake, tools)));
  const count = outside.reduce((sum, some) => sum + some, 0);
  const [first] = named.filter((_, index) => outside[index] !== 0);
  if (first !== undefined) throw outsideRows(tools.view.of(first.object), count);
}

/** The rules of `rows`: of what somebody has said, and of restriction, other obligations speak. */
export function rowRulesOf({ rows }: ObjectView): readonly RowRule[] {
  return rows.filter(({ requires, restricts }) => requires === undefined && restricts !== true);
}

export function hasRowRules(view: View): boolean {
  return rowRulesOf(view.of('*')).length > 0;
}

/** What the client hears of records that it may not see, and of those that are not there. */
export function outsideRows(view: ObjectView, count: number): Refusal {
  const message = `Records that may not be changed, because they are none of those you may see: ${count}.`;
  return new Refusal({ policy: rowRulesOf(view)[0]?.policy ?? 'rows', message });
}

async function countOutside({ values, ...by }: Target, mayMake: boolean, tools: RowTools): Promise<number> {
  if (values === undefined) return 1;
  const within = await judgeRows({ ...by, values }, tools);
  const isKey = by.field !== undefined && !tools.naming.isOwnId(by.field);
  const passes = (value: string): boolean => {
    const verdict = within.get(value);
    return verdict === 'seen' || (verdict === 'absent' && mayMake && isKey);
  };
  return new Set(values.filter((value) => !passes(value))).size;
}

/** `absent`: no record stands under the value. `hidden`: one does that may not be seen, or it cannot be told. */
export type RowVerdict = 'seen' | 'hidden' | 'absent';

/** Whether the records that stand under these values may be seen: several may stand under one, and all of them must. */
export async function judgeRows(sought: Sought, tools: RowTools): Promise<ReadonlyMap<string, RowVerdict>> {
  const rules = rowRulesOf(tools.view.of(sought.object));
  const needs = [...new Set(rules.flatMap((rule) => rule.needs))];
  const found = await findRecords(sought, needs, tools);
  const under = new Map<string | undefined, RowVerdict>();
  for (const { asked, facts } of found ?? []) {
    const isSeen = under.get(asked) !== 'hidden' && rules.every((rule) => rule.holds(facts));
    under.set(asked, isSeen ? 'seen' : 'hidden');
  }
  // Which of the values a record stands under is not always told: it counts for each.
  const anywhere = found === undefined ? 'hidden' : under.get(undefined);
  const verdictOn = (value: string): RowVerdict =>
    anywhere === 'hidden' ? anywhere : (under.get(value) ?? anywhere ?? 'absent');
  return new Map(sought.values.map((value) => [value, verdictOn(value)]));
}
