import type { ObjectView, RowRule, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import { changesRecords, lookupsOf, type Target, targetsOf } from '../current/changed-records.ts';
import { findRecords, type RecordTools, type Sought } from '../current/found-records.ts';
import { writesRecords } from '../inspectable.ts';
import type { Naming } from '../people/person.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';

/** What is needed to judge the records that a request names. */
export interface RowTools extends RecordTools {
  readonly naming: Naming;
}

/**
 * A principal that may not see a record must not change it, delete it or refer to it by a value, by id or by key; so it
 * cannot change a hidden record into a visible one either. Creating records is allowed: the writer knows what is in
 * them, and nothing hidden is shown.
 *
 * A record that does not exist is refused in the same words, so that nobody learns by writing which ones exist. Only a
 * request that creates a record for a new key passes.
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

/** The rules of `rows`, without those of consent and restriction, which other obligations enforce. */
export function rowRulesOf({ rows }: ObjectView): readonly RowRule[] {
  return rows.filter(({ requires, restricts }) => requires === undefined && restricts !== true);
}

export function hasRowRules(view: View): boolean {
  return rowRulesOf(view.of('*')).length > 0;
}

/** The denial for records that the principal may not see, and for those that do not exist. */
export function outsideRows(view: ObjectView, count: number): Refusal {
  const message = `Records that may not be changed, because you may not see them: ${count}.`;
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

/** `absent`: no record has the value. `hidden`: one has it that may not be seen, or it is not known. */
export type RowVerdict = 'seen' | 'hidden' | 'absent';

/**
 * Whether the records with these values may be seen. A value may have several records, and all of them must be visible.
 */
export async function judgeRows(sought: Sought, tools: RowTools): Promise<ReadonlyMap<string, RowVerdict>> {
  const rules = rowRulesOf(tools.view.of(sought.object));
  const needs = [...new Set(rules.flatMap((rule) => rule.needs))];
  const found = await findRecords(sought, needs, tools);
  const under = new Map<string | undefined, RowVerdict>();
  for (const { asked, facts } of found ?? []) {
    const isSeen = under.get(asked) !== 'hidden' && rules.every((rule) => rule.holds(facts));
    under.set(asked, isSeen ? 'seen' : 'hidden');
  }
  // When it is not told which of the values a record has, it counts for each.
  const anywhere = found === undefined ? 'hidden' : under.get(undefined);
  const verdictOn = (value: string): RowVerdict =>
    anywhere === 'hidden' ? anywhere : (under.get(value) ?? anywhere ?? 'absent');
  return new Map(sought.values.map((value) => [value, verdictOn(value)]));
}
