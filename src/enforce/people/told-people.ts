import type { RecordCursor } from '../../media/record.ts';
import { type MemoUse, TextMemo } from '../../media/text-memo.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { PersonFields } from '../../model/requirement.ts';
import { type Layout, NOWHERE, type PersonPlaces } from '../record/record-layout.ts';
import { isUntold, type ToldPerson } from './told-person.ts';

/** What a record's consent fields said when none of it was new. */
export interface Heard {
  readonly consents: NonNullable<ObjectView['consents']>;
  /** What they said, as one number. */
  readonly said: number;
  /** Of what the feed knew. */
  readonly version: number;
}

/** The person a record is about. */
export interface Told {
  readonly who: ToldPerson;
  /** Their name in audit events; undefined: not worked out yet. */
  pseudonym: string | undefined;
  /** Undefined: the fields were not looked at, or said something new. Found here, the feed's maps need not be searched. */
  heard: Heard | undefined;
}

/** Who a record is about; undefined: it cannot be told. */
export type Tell = (layout: Layout, record: RecordCursor) => ToldPerson | undefined;

/** As `Tell`, but returns one object for a remembered person. @param tell for people who are not remembered */
export type RememberTold = (layout: Layout, record: RecordCursor, tell: Tell) => Told | undefined;

/** Room for an id, an address and a number of 60 bytes each; people with longer ones are not remembered. */
const PLACE_BYTES = 192;
const TELLING_BYTES_MAX = PLACE_BYTES - 4;
const LENGTH_MAX = 255;

/**
 * Pages repeat their people, so a recent person is found by the bytes of their keys, and no text or name is made again.
 * People who need a look-up to be told are completed in place, and so not remembered.
 * @param peopleMax people remembered, of all upstreams together
 * @returns by the name of an upstream
 */
export function createToldPeople(peopleMax: number): (upstream: string) => RememberTold {
  const memo = new TextMemo<Told>(peopleMax, PLACE_BYTES);
  const telling = Buffer.allocUnsafeSlow(TELLING_BYTES_MAX);
  const known = new Map<string, RememberTold>();

  function rememberTold(): RememberTold {
    // By identity: the data maps have one object for each, and new ones after a reload.
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
  return who && { who, pseudonym: undefined, heard: undefined };
}

/**
 * Copies everything that identifies a record's person: address and number, further fields, then the id, each after its
 * length. When the id is not a field, the record's own URL or id. Null and '' identify nobody.
 * @returns its length; -1 when the bytes would have to be decoded
 */
function copyTelling(record: RecordCursor, { id, email, phone, also }: PersonPlaces, to: Buffer): number {
  let after = copyAfterLength(record, email, to, 0);
  if (after >= 0) after = copyAfterLength(record, phone, to, after);
  for (const place of also) if (after >= 0) after = copyAfterLength(record, place, to, after);
  if (after < 0) return -1;
  const start = copyAfterLength(record, NOWHERE, to, after);
  if (id === NOWHERE) return start < 0 ? -1 : record.copyId(to, start);
  const end = copyAfterLength(record, id, to, after);
  // Without an id the record could still have another one of its own.
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
