import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { namesOf } from '../../model/requirement.ts';
import { keysOf, type Naming } from './person.ts';
import { isAboutPeople, ownRecord, relatedIn, type ToldPerson, withOthers } from './told-person.ts';

/** The fields of a record that identify its people. */
export function tellingFields({ person, relatedBy = [] }: ObjectView): readonly string[] {
  return [...namesOf(person), ...relatedBy];
}

/** The people a record is about whose tokens have been resolved. @param recordId undefined: not known */
export function toldBy(
  view: ObjectView,
  facts: RecordFacts,
  recordId: string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  if (!isAboutPeople(view)) return undefined;
  return withOthers(view, toldByFields(view, facts, recordId, naming), recordId);
}

/** The people that the fields of a record name. @param recordId undefined: not known */
export function toldByFields(
  view: ObjectView,
  facts: RecordFacts,
  recordId: string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  const others = relatedIn(view, facts, naming);
  const told = view.person === undefined ? {} : ownIn(view, facts, recordId, naming);
  if (told === undefined || others === undefined) return undefined;
  return others.length === 0 ? told : { ...told, others };
}

function ownIn(
  view: ObjectView,
  facts: RecordFacts,
  recordId: string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  const keys = keysOf(view, facts, () => recordId, naming);
  // There is no other record that could tell more than the person's own.
  if (keys === undefined || (view.person !== undefined && naming.isOwnId(view.person.id))) return keys;
  const own = ownRecord(view, facts, () => recordId, { naming, isTold: true });
  return own === undefined ? keys : { ...keys, own };
}
