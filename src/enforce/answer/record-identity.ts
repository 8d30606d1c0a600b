import type { CrmAdapter } from '../../crm/adapter.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { UploadResults } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Naming } from '../people/person.ts';
import { type ToldPerson, toldPerson } from '../people/told-person.ts';
import { textIn } from '../record/facts.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import type { Layout } from '../record/record-layout.ts';

/** How the records of an answer are told apart. */
export interface Identifying {
  readonly naming: Naming;
  readonly addresses?: CrmAdapter['addresses'] | undefined;
  /** Field that tells rows apart which hold no other id. */
  readonly idField?: string | undefined;
  /** Present when the rows are the results of an upload, which repeat its columns and no others. */
  readonly results?: Pick<UploadResults, 'idColumn'> | undefined;
}

/** The keys of the person a record is about; undefined: they cannot be told. */
export function personOf(
  identifying: Pick<Identifying, 'addresses' | 'naming' | 'results'>,
  layout: Layout,
  record: RecordCursor,
): ToldPerson | undefined {
  const { naming, results } = identifying;
  const { view } = layout.plan;
  const texts: RecordFacts = (field) => textIn(record, layout, field);
  if (results === undefined) return toldPerson(view, texts, () => ownId(identifying, record), naming);
  const become = (field: string) => (naming.isOwnId(field) ? texts(results.idColumn) : null);
  return toldPerson(
    view,
    (field) => texts(field) ?? become(field),
    () => texts(results.idColumn) ?? undefined,
    naming,
  );
}

/** The id by which a record is counted; undefined when it cannot be told from others. */
export function idOf(
  identifying: Pick<Identifying, 'addresses' | 'idField'>,
  { view }: ObjectPlan,
  record: RecordCursor,
  facts: RecordFacts,
): string | undefined {
  const own = ownId(identifying, record);
  // The person's id tells people apart: one may have many cases.
  const field = identifying.idField ?? view.dataSubjectId;
  return own ?? (field === undefined ? undefined : (facts(field) ?? undefined));
}

/** A record's own id, when it is not in a field. */
function ownId({ addresses }: Pick<Identifying, 'addresses'>, { id }: RecordCursor): string | undefined {
  return addresses === undefined || id === undefined ? id : addresses.read(id)?.id;
}
