import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { CurrentRecord } from '../current/current-values.ts';
import { reportedName } from '../record/field-name.ts';
import { createJsonTexts, type JsonTexts, type JsonTextTools } from '../record/json-text.ts';
import type { FieldPlan, ObjectPlan } from '../record/object-plan.ts';
import { judgeWrite, type Verdict, type Written } from '../record/written-value.ts';
import { Refusal } from '../refusal.ts';
import { type JsonShown, jsonShown, judgeJson } from './written-json.ts';
import type { WrittenTarget } from './written-target.ts';

/** A value written to a field that this principal does not see clear. */
export interface TreatedValue {
  readonly field: string;
  /** Its plan in each view in which it may have been seen. */
  readonly plans: readonly FieldPlan[];
  /** The same for its content, when the value is JSON. */
  readonly json: readonly JsonShown[];
}

/** How records of one object are seen in one view. */
interface Seen {
  readonly plan: ObjectPlan;
  readonly texts: JsonTexts;
}

export function seenIn(
  object: string,
  shown: readonly View[],
  tools: Omit<JsonTextTools, 'view'>,
): readonly Seen[] {
  return shown.map((view) => ({
    plan: tools.plans(view.of(object)),
    texts: createJsonTexts({ ...tools, view }),
  }));
}

/** Undefined: the field is seen as it is. */
export function treatedIn(
  record: RecordCursor,
  index: number,
  views: readonly Seen[],
): TreatedValue | undefined {
  const field = record.name(index);
  const seen = views.map(({ plan, texts }) => ({ plan: plan.field(record.nameId(index), field), texts }));
  const plans = seen.map(({ plan }) => plan).filter(({ transform }) => transform !== undefined);
  const json = seen.flatMap(({ plan, texts }) => jsonShown(record, index, plan, texts) ?? []);
  return plans.length > 0 || json.length > 0 ? { field, plans, json } : undefined;
}

/** Fields of the current record that are needed to judge what is written to it. */
export function fieldsFor(writes: readonly TreatedValue[]): readonly string[] {
  const needs = writes.flatMap(({ plans }) => plans.flatMap(({ perRecord }) => perRecord?.needs ?? []));
  return [...new Set([...writes.map(({ field }) => field), ...needs])];
}

/** Tells a new value from what this principal was shown in place of the old one. */
export function judgeTreated(
  written: Written,
  treated: TreatedValue,
  { values, isNew }: WrittenTarget,
): Verdict {
  const current = values?.get(treated.field);
  // A principal that was shown the token writes it back.
  const isToken = current?.token !== undefined && written.kind !== 'null' && written.text === current.token;
  if (isToken) return 'unchanged';
  const writtenTo = { plans: plansFor(treated, values), current: current?.value, isNew };
  const { json } = treated;
  const verdict = json.length === 0 ? 'new' : judgeJson(written.text, json, writtenTo);
  return verdict === 'new' ? judgeWrite(written, writtenTo) : verdict;
}

/** The ways in which this record's field may have been shown. */
function plansFor({ plans }: TreatedValue, values: CurrentRecord | undefined): readonly FieldPlan[] {
  const facts: RecordFacts = (field) => {
    const value = values?.get(field)?.value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  };
  return plans.flatMap(({ perRecord, ...plan }) => {
    if (perRecord === undefined) return [plan];
    return values === undefined ? perRecord.possible : [perRecord.of(facts)];
  });
}

const REFUSED = {
  edited: 'looks like an edited mask. Write a whole new value, or leave the field out.',
  untold:
    'may be what you were shown in place of the real one, and the CRM does not tell which. Leave the field out.',
} as const;

/** The refusal of a value, which names its field. */
export function refusedWrite(
  { object, field }: { readonly object: string; readonly field: string },
  shown: readonly View[],
  verdict: keyof typeof REFUSED,
): Refusal {
  const policies = shown.flatMap((view) => view.of(object).field(field)?.policies ?? []);
  return new Refusal({
    policy: policies[0] ?? 'show',
    message: `The value written to ${reportedName(field, 'a field')} ${REFUSED[verdict]}`,
  });
}
