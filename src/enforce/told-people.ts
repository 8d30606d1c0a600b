import type { RecordCursor } from '../media/record.ts';
import { type MemoUse, TextMemo } from '../media/text-memo.ts';
import type { PersonFields } from '../model/requirement.ts';
import { type Layout, NOWHERE, type PersonPlaces } from './record-layout.ts';
import { isUntold, type ToldPerson } from './told-person.ts';

/** Somebody whom a record is about. */
export interface Told {
  readonly who: ToldPerson;
  /** By what name they stand in audit events; undefined: nobody has asked. */
  pseudonym: string | undefined;
}

/** Who a record is about; undefined: it cannot be told. */
export type Tell = (layout: Layout, record: RecordCursor) => ToldPerson | undefined;

/** The same, and the same object for whoever is remembered. @param tell for whoever is not */
export type RememberTold = (layout: Layout, record: RecordCursor, tell: Tell) => Told | undefined;

/** An id, an address and a number of 60 bytes each; who is known by longer ones is not remembered. */
const PLACE_BYTES = 192;
const TELLING_BYTES_MAX = PLACE_BYTES - 4;
const LENGTH_MAX = 255;

/**
 * Pages repeat their people: who was told of lately is found by the bytes that tell it, and no text or name is made of them again. Who cannot
 * be told before something has been opened or read is told in place, so anew each time.
 * @param peopleMax people remembered, of all upstreams together
 * @returns by the name of an upstream
 */
export function createToldPeople(peopleMax: number): (upstream: string) => RememberTold {
  const memo = new TextMemo<Told>(peopleMax, PLACE_BYTES);
  const telling = Buffer.allocUnsafeSlow(TELLING_BYTES_MAX);
  const known = new Map<string, RememberTold>();

  function rememberTold(): RememberTold {
    // One object for each that the data maps name, and others when they have been read again.
    const byFields = new WeakMap<PersonFields, MemoUse<Told>>();
    return (layout, record, tell) => {
      const { person, plan } = layout;
      const fields = plan.view.person;
      const length = person === undefined ? -1 : copyTelling(record, person, telling);
      if (length < 0 || fields === undefined) return createTold(tell(layout, record));
      let people = byFields.get(fields);
      if (people === undefined) {
        people = memo.use();
        byFields.set(fields, people);
      }
      const found = people.find(telling, 0, length);
      if (found !== undefined) return found;
      const anew = createTold(tell(layout, record));
      if (anew !== undefined && !isUntold(anew.who)) people.keep(telling, 0, length, anew);
      return anew;
    };
  }

  return (upstream) => {
    const before = known.get(upstream);
    if (before !== undefined) return before;
    const own = rememberTold();
    known.set(upstream, own);
    return own;
  };
}

export function createTold(who: ToldPerson | undefined): Told | undefined {
  return who && { who, pseudonym: undefined };
}

/**
 * Copies all that tells who a record is about: address and number, what else there is, then the id, each after its length; in place of an id that is no
 * field, what the record says of itself. Of null, as of '', nobody is known.
 * @returns its length; -1 where it takes more than to copy it
 */
function copyTelling(record: RecordCursor, { id, email, phone, also }: PersonPlaces, to: Buffer): number {
  let after = copyAfterLength(record, email, to, 0);
  if (after >= 0) after = copyAfterLength(record, phone, to, after);
  for (const place of also) if (after >= 0) after = copyAfterLength(record, place, to, after);
  if (after < 0) return -1;
  const start = copyAfterLength(record, NOWHERE, to, after);
  if (id === NOWHERE) return start < 0 ? -1 : record.copyId(to, start);
  const end = copyAfterLength(record, id, to, after);
  // Who has no id is not known by one, and may say one of itself all the same.
  return end === start ? -1 : end;
}

function copyAfterLength(record: RecordCursor, index: number, to: Buffer, at: number): number {
  if (at >= to.length) return -1;
  const start = at + 1;
  const end = index === NOWHERE ? start : record.copyText(index, to, start);
  const length = end - start;
  if (length < 0 || length > LENGTH_MAX) return -1;
  to[at] = length;
  return end;
}
