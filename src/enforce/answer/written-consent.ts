import { CRM_SOURCE } from '../../consent/person/said.ts';
import type { CrmAdapter } from '../../crm/adapter.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { saidIn } from '../../policy/decide/requirement.ts';
import type { Naming } from '../people/person.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import type { Observations } from './observations.ts';

interface WrittenTools extends WalkTools {
  readonly adapter: Pick<CrmAdapter, 'namesIgnoreCase'>;
  readonly view: View;
  readonly naming: Naming;
  readonly observations: Observations;
}

/** Source of events from writes of several records: the answer does not tell which of them succeeded. */
const UNHEARD = 'crm-write';

/** The purpose above every subscription: a withdrawal from it is one from all below. */
const ALL_MARKETING = 'marketing';

/**
 * Notes the values that a write has put into the CRM's own consent fields. Of several records some may have failed:
 * then a no still counts as a withdrawal, and a yes is observed when the record is next read.
 */
export function noteWritten(operation: Operation, body: Buffer, tools: WrittenTools): void {
  const { adapter, view, naming, observations } = tools;
  const written: { readonly seen: ObjectView; readonly record: string; readonly facts: RecordFacts }[] = [];
  let records = 0;
  walkBody(operation.body, body, tools, (record) => {
    records++;
    const seen = view.of(writtenObject(record, operation));
    const id = operation.recordId ?? record.id;
    if (id === undefined || seen.consents === undefined) return;
    const facts = factsOf(record, adapter.namesIgnoreCase);
    const said = new Map(seen.consents.map(({ flag }) => [flag.field, facts(flag.field)]));
    written.push({ seen, record: naming.name(seen.object, id), facts: (field) => said.get(field) });
  });
  for (const { seen, record, facts } of written) {
    if (records === 1) observations.note(seen, facts, { who: { record }, heard: undefined });
    else for (const purpose of refusedIn(seen, facts)) observations.withdraw({ record }, purpose, UNHEARD);
  }
  observations.flush();
}

function refusedIn({ consents = [] }: ObjectView, facts: RecordFacts): readonly string[] {
  return consents.filter(({ flag }) => saidIn(flag, facts) === 'no').map(({ purpose }) => purpose);
}

/**
 * Notes the people that a request has unsubscribed: from the purposes whose field in the data map is the
 * subscription's, or, if there is none, from all marketing. Rather too much than too little.
 */
export function noteWithdrawn(
  { objects, withdrawn = [] }: Operation,
  { view, naming, observations }: Pick<WrittenTools, 'view' | 'naming' | 'observations'>,
): void {
  const consents = withdrawn.length === 0 ? [] : objects.flatMap((object) => view.of(object).consents ?? []);
  for (const { recipient, field } of withdrawn) {
    const told = consents.filter(({ flag }) => flag.field === field).map(({ purpose }) => purpose);
    const who = 'id' in recipient ? { record: naming.name(recipient.object, recipient.id) } : recipient;
    for (const purpose of told.length === 0 ? [ALL_MARKETING] : told) {
      observations.withdraw(who, purpose, CRM_SOURCE);
    }
  }
  observations.flush();
}

function factsOf(record: RecordCursor, ignoreCase: boolean): RecordFacts {
  const fold = (name: string): string => (ignoreCase ? name.toLowerCase() : name);
  return (field) => {
    for (let index = 0; index < record.size; index++) {
      if (fold(record.name(index)) !== fold(field)) continue;
      const kind = record.kind(index);
      return kind === 'null' || kind === 'container' || kind === 'records' ? null : record.text(index);
    }
    return undefined;
  };
}
