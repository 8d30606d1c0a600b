import type { ObjectView, RowRule } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { failedRule, standingIn } from '../answer/found-out.ts';
import { withheld } from '../answer/reason.ts';
import { toldBy } from '../people/told-by.ts';
import { Refusal } from '../refusal.ts';
import { fieldsOf, type PeopleTools, standingsOf, toldOwn } from './found-people.ts';
import { findRecords } from './found-records.ts';

/** The facts of a record about which nothing is known. */
const UNKNOWN: RecordFacts = () => undefined;

/**
 * Requires that the records of which an answer tells something without showing them may be shown. They are read
 * first; a record that cannot be read is unknown, and unknown is refused.
 * @throws Refusal; PrivetError CONSENT_UNAVAILABLE
 */
export async function requireVisible(
  tellsOf: NonNullable<Operation['tellsOf']>,
  tools: PeopleTools,
): Promise<void> {
  const byObject = Map.groupBy(tellsOf, ({ object }) => object);
  const failed = await Promise.all(
    Array.from(byObject, ([object, records]) => {
      const ids = records.map(({ id }) => id);
      return hidingRule(tools.view.of(object), object, ids, tools);
    }),
  );
  const rule = failed.find((one) => one !== undefined);
  if (rule !== undefined) throw new Refusal(withheld(rule));
}

async function hidingRule(
  view: ObjectView,
  object: string,
  ids: readonly string[],
  tools: PeopleTools,
): Promise<RowRule | undefined> {
  const { rows } = view;
  if (rows.length === 0) return undefined;
  const fields = [...new Set([...fieldsOf(view), ...rows.flatMap(({ needs }) => needs)])];
  const found = await findRecords({ object, values: ids }, fields, tools);
  const byId = new Map(found?.map(({ asked, facts }) => [asked, facts]));
  const records = ids.map((id) => ({ id, facts: byId.get(id) ?? UNKNOWN }));
  const told = records.map(({ id, facts }) =>
    view.asksStanding === true ? toldBy(view, facts, id, tools.naming) : undefined,
  );
  const standings = await standingsOf(await toldOwn(told, tools), tools.consent);
  for (const [index, { facts }] of records.entries()) {
    const rule = failedRule(rows, facts, standingIn(view, { standing: standings[index] }));
    if (rule !== undefined) return rule;
  }
  return undefined;
}
