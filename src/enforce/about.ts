import type { Standing } from '../model/consent.ts';
import type { ObjectView } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import { failedRule, standingIn } from './disclosure.ts';
import { type PeopleTools, standingsOf, toldBy, toldOwn } from './found-people.ts';
import { findRecords } from './found-records.ts';
import { withheld } from './reason.ts';
import { Refusal } from './refusal.ts';

/**
 * What is told of a record is told to those alone who may see it. It is read beforehand; what cannot be read is unknown, and unknown is closed.
 * @throws Refusal; PrivetError CONSENT_UNAVAILABLE
 */
export async function requireVisibleRecord(
  { object, id }: NonNullable<Operation['about']>,
  tools: PeopleTools,
): Promise<void> {
  const seen = tools.view.of(object);
  const { rows } = seen;
  if (rows.length === 0) return;
  const fields = [...new Set(rows.flatMap(({ needs }) => needs))];
  const found = await findRecords({ object, values: [id] }, fields, tools);
  // The CRM tells nothing of a record that is not there.
  if (found?.length === 0) return;
  const facts: RecordFacts = found?.[0]?.facts ?? (() => undefined);
  const standing = await standingBehind(seen, facts, id, tools);
  const rule = failedRule(rows, facts, standing);
  if (rule !== undefined) throw new Refusal(withheld(rule));
}

/** Where the data subject of a record stands that was read; undefined where nobody has to be asked, or it cannot be told who it is. */
export async function standingBehind(
  seen: ObjectView,
  facts: RecordFacts,
  id: string,
  tools: PeopleTools,
): Promise<Standing | undefined> {
  if (seen.asksStanding !== true) return undefined;
  const [standing] = await standingsOf(
    await toldOwn([toldBy(seen, facts, id, tools.naming)], tools),
    tools.consent,
  );
  return standingIn(seen, { standing });
}
