import type { RecordCursor } from '../../media/record.ts';
import type { ObjectView } from '../../model/decision.ts';
import { namesOf } from '../../model/requirement.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { Counter, TallyKey } from './tally.ts';

/** A field that is treated or counted. */
export interface Place {
  readonly index: number;
  readonly plan: FieldPlan;
  /** It was added to the query. */
  readonly isAdded: boolean;
  /** Which of the layout's stored places it is; `NOWHERE`: none. */
  readonly storedAt: number;
  /** The last key counted here, its tally and its counter. */
  counted: TallyKey | undefined;
  countedBy: ((key: TallyKey) => Counter) | undefined;
  counter: Counter;
}

/** The fields of a record in their order, and what is done to them. Consecutive records mostly have the same layout. */
export interface Layout {
  readonly plan: ObjectPlan;
  /** Without fields that are shown clear and not counted. */
  readonly places: readonly Place[];
  /** Where those stand. */
  readonly clear: readonly number[];
  /** Those of the places whose fields hold tokens. */
  readonly stored: readonly Place[];
  /** Index of the field with this name; `NOWHERE`, or `TWICE`. */
  readonly indexOf: (field: string) => number;
  /** Where all fields of this name stand. */
  readonly indicesOf: (field: string) => readonly number[];
  /** Undefined when the record does not identify its person in this plain way. */
  readonly person: PersonPlaces | undefined;
}

/**
 * Indexes of the fields that identify a record's person. `NOWHERE`: the data map names no such field, or the id is not
 * a field.
 */
export interface PersonPlaces {
  readonly id: number;
  readonly email: number;
  readonly phone: number;
  /** None of them is `NOWHERE`. */
  readonly also: readonly number[];
}

export const NOWHERE = -1;
export const TWICE = -2;

/** Record types whose last layout is remembered; one answer has fewer. */
const OBJECTS_MAX = 64;

export interface LayoutTools {
  readonly planOf: (object: string) => ObjectPlan;
  readonly fieldOf: (plan: ObjectPlan, record: RecordCursor, index: number) => FieldPlan;
  readonly isAdded: (plan: ObjectPlan, name: string) => boolean;
  readonly ignoreCase: boolean;
}

/** Remembers the layout of the last record of each type: comparing numbers is cheaper than looking plans up. */
export function createLayouts(tools: LayoutTools): (object: string, record: RecordCursor) => Layout {
  const known = new Map<string, { readonly nameIds: readonly number[]; readonly layout: Layout }>();
  return (object, record) => {
    const last = known.get(object);
    if (last !== undefined && isLike(record, last.nameIds)) return last.layout;
    const layout = layOut(tools, object, record);
    const nameIds = Array.from({ length: record.size }, (_, index) => record.nameId(index));
    if (known.size >= OBJECTS_MAX) known.clear();
    known.set(object, { nameIds, layout });
    return layout;
  };
}

/** Two names without a number cannot be compared by number. */
function isLike(record: RecordCursor, nameIds: readonly number[]): boolean {
  if (record.size !== nameIds.length) return false;
  for (let index = 0; index < nameIds.length; index++) {
    const id = nameIds[index] as number;
    if (id < 0 || record.nameId(index) !== id) return false;
  }
  return true;
}

function layOut(tools: LayoutTools, object: string, record: RecordCursor): Layout {
  const plan = tools.planOf(object);
  const places: Place[] = [];
  const clear: number[] = [];
  const stored: Place[] = [];
  for (let index = 0; index < record.size; index++) {
    const field = tools.fieldOf(plan, record, index);
    const isAdded = tools.isAdded(plan, record.name(index));
    if (!isAdded && isIdle(field)) {
      clear.push(index);
      continue;
    }
    const isStored = field.stored !== undefined;
    const place = {
      index,
      plan: field,
      isAdded,
      storedAt: isStored ? stored.length : NOWHERE,
      counted: undefined,
      countedBy: undefined,
      counter: { count: 0 },
    };
    places.push(place);
    if (isStored) stored.push(place);
  }
  const names = Array.from({ length: record.size }, (_, index) => record.name(index));
  const indicesOf = (field: string): readonly number[] =>
    names.flatMap((name, index) => (isNamed(name, field, tools.ignoreCase) ? [index] : []));
  const indexOf = remembered(indicesOf);
  return { plan, places, clear, stored, indexOf, indicesOf, person: personPlaces(plan.view, indexOf) };
}

function personPlaces(
  { person, relatedBy, stored }: ObjectView,
  indexOf: Layout['indexOf'],
): PersonPlaces | undefined {
  if (person === undefined || relatedBy !== undefined) return undefined;
  const { id, email, phone, also = [] } = person;
  if (namesOf(person).some((field) => stored?.(field) !== undefined || indexOf(field) === TWICE))
    return undefined;
  const placeOf = (field: string | undefined): number => (field === undefined ? NOWHERE : indexOf(field));
  const further = also.map(({ field }) => indexOf(field));
  const isUnread = [email, phone].some((field) => field !== undefined && indexOf(field) === NOWHERE);
  if (isUnread || further.includes(NOWHERE)) return undefined;
  return { id: placeOf(id), email: placeOf(email), phone: placeOf(phone), also: further };
}

function isIdle({ classified, transform, stored, perRecord }: FieldPlan): boolean {
  return classified && transform === undefined && stored === undefined && perRecord === undefined;
}

/** Decisions depend on few fields. */
function remembered(indicesOf: Layout['indicesOf']): Layout['indexOf'] {
  const known = new Map<string, number>();
  return (field) => {
    let index = known.get(field);
    if (index === undefined) {
      const [first = NOWHERE, ...more] = indicesOf(field);
      index = more.length > 0 ? TWICE : first;
      known.set(field, index);
    }
    return index;
  };
}

function isNamed(name: string, field: string, ignoreCase: boolean): boolean {
  if (name === field) return true;
  return ignoreCase && name.length === field.length && name.toLowerCase() === field.toLowerCase();
}
