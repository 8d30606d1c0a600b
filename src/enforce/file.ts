import type { Standing } from '../model/consent.ts';
import type { Denial, ObjectView } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Posture } from '../model/posture.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import { failedRule, standingIn } from './answer/found-out.ts';
import type { Judged } from './answer/reason.ts';
import { revealCurrent } from './current/current-values.ts';
import { type PeopleTools, standingsOf, toldOwn } from './current/found-people.ts';
import { toldBy } from './people/told-by.ts';
import { Refusal } from './refusal.ts';

type File = NonNullable<Operation['file']>;

export interface FileTools extends PeopleTools {
  readonly posture: Pick<Posture, 'unreadableBody'>;
}

/**
 * Bytes cannot be inspected, so a file passes whole or not at all: when its field is classified and shown clear, and
 * its record may be shown. The record is read first; what cannot be read is unknown, and unknown is refused.
 * @throws Refusal
 */
export async function requireVisibleFile(operation: Operation, file: File, tools: FileTools): Promise<void> {
  const seen = tools.view.of(file.object);
  if (!seen.classifies(file.field) && tools.posture.unreadableBody === 'deny') {
    throw new Refusal(
      refusal('posture.unreadableBody', 'No data map says what is in this file'),
      'BODY_UNREADABLE',
    );
  }
  const shown = seen.field(file.field);
  const isHiddenAnyway = shown !== undefined && shown.perRecord === undefined;
  const facts = isHiddenAnyway ? UNKNOWN : await factsOfFile(operation, file, seen, tools);
  const standing = isHiddenAnyway ? undefined : await standingBehind(seen, facts, file.id, tools);
  const denial = judgeFile(file, seen, { facts, standing });
  if (denial !== undefined) throw new Refusal(denial);
}

const UNKNOWN: RecordFacts = () => undefined;

/** Why a file may not be shown, judged by its record; undefined when it may. */
function judgeFile({ field }: File, seen: ObjectView, { facts, standing }: Judged): Denial | undefined {
  const shown = seen.field(field);
  const treated = shown?.perRecord === undefined ? shown : shown.perRecord.of(facts, standing);
  if (treated !== undefined)
    return refusal(treated.policies[0] ?? 'show', `${field} is not shown to you in clear`);
  const rule = failedRule(seen.rows, facts, standing);
  return rule && refusal(rule.policy, 'The record of this file may not be shown to you');
}

function refusal(policy: string, why: string): Denial {
  return { policy, message: `${why}, so the file may not be fetched.` };
}

async function factsOfFile(
  operation: Operation,
  { object, id, field }: File,
  seen: ObjectView,
  { adapter, vault, view, read }: FileTools,
): Promise<RecordFacts> {
  const conditions = seen.field(field)?.perRecord?.needs ?? [];
  const needs = new Set([...conditions, ...seen.rows.flatMap((rule) => rule.needs), ...(seen.needs ?? [])]);
  const current = needs.size === 0 ? undefined : adapter.readCurrent(operation, object, [id], [...needs]);
  const answer = current && (await read(current.request));
  if (current === undefined || answer === undefined) return UNKNOWN;
  const records = await revealCurrent(current.values(answer), object, view, vault);
  const record = records.get(id);
  return (name) => {
    const value = record?.get(name)?.value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  };
}

/** The standing of a read record's data subject; undefined when none is asked, or the person cannot be told. */
async function standingBehind(
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
