import type { CrmAdapter } from '../crm/adapter.ts';
import type { RecordCursor } from '../media/record.ts';
import type { RecordFacts, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Observations } from './observations.ts';
import type { Naming } from './person.ts';
import { type WalkTools, walkBody, writtenObject } from './walk-body.ts';

interface WrittenTools extends WalkTools {
  readonly adapter: Pick<CrmAdapter, 'namesIgnoreCase'>;
  readonly view: View;
  readonly naming: Naming;
  readonly observations: Observations;
}

/**
 * Notes what a write has made the CRM's own consent fields say. Of several records some may have failed: those are seen again when they are
 * next read.
 */
export function noteWritten(operation: Operation, body: Buffer, tools: WrittenTools): void {
  const { adapter, view, naming, observations } = tools;
  let records = 0;
  let note: (() => void) | undefined;
  walkBody(operation.body, body, tools, (record) => {
    records++;
    const seen = view.of(writtenObject(record, operation));
    const id = operation.recordId ?? record.id;
    if (id === undefined || seen.consents === undefined) return;
    const facts = factsOf(record, adapter.namesIgnoreCase);
    const said = new Map(seen.consents.map(({ flag }) => [flag.field, facts(flag.field)]));
    note = () =>
      observations.note(seen, (field) => said.get(field), { record: naming.name(seen.object, id) });
  });
  if (records === 1) note?.();
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
