import type { NameTable } from '../name-table.ts';
import { type Lodged, leaveRoom } from '../part-rooms.ts';
import { type NotingHandler, type SpecialKind, STAYS } from '../record.ts';
import { MediaError } from '../rewriter.ts';
import type { Splices } from '../splices.ts';
import { Window } from '../window.ts';
import { Lists } from './lists.ts';
import { Members } from './members.ts';
import { RecordView } from './record-view.ts';
import { Records } from './records.ts';
import { replaceLiteral, replaceSpecial } from './replace.ts';

const STRIDE = 5;
const WHAT = 0;
const START = 1;
const END = 2;
/** The comma before it in its array, or -1. */
const COMMA = 3;
/** Index among the records, or among the special values. */
const INDEX = 4;

/** A record that is an item of an array. */
export const RECORD_IN_LIST = 0;
export const RECORD_UNDER_NAME = 1;
/** A record that is the document. */
export const RECORD_ALONE = 2;
/** An item that stays, in an array whose items may be left out. */
export const ITEM = 3;
/** The begin of an array whose items may be left out. */
export const LIST = 4;
export const END_OF_LIST = 5;
const SPECIAL = 6;

interface Met {
  readonly kind: SpecialKind;
  readonly text: string;
  readonly isNumber: boolean;
  readonly depth: number;
}

/** Bytes that have been walked through and have left the walker's window. */
interface Part {
  readonly lodged: Lodged;
  /** Offset of its first byte in the document. */
  readonly base: number;
  /** How many entries of the backlog come before its end. */
  readonly entries: number;
}

/**
 * The records and special values of a document that wait to be decided on, in the order in which they ended, with the
 * places of their members, so that no byte is read twice. Takes a few times as much memory as their bytes.
 */
export class Backlog<Noted> {
  private readonly handler: NotingHandler<Noted>;
  /** Undefined: the bytes pass as they are. */
  private readonly splices: Splices | undefined;
  private rows = new Int32Array(STRIDE * 64);
  private count = 0;
  private readonly members = new Members();
  private readonly records = new Records();
  private readonly noted: Noted[] = [];
  /** By record: the number of members up to its last one. */
  private readonly ends: number[] = [];
  private readonly specials: Met[] = [];
  private readonly parts: Part[] = [];
  /** Number of entries about parts; the others are about bytes still in the walker's window. */
  private parted = 0;
  private partsDecided = 0;
  private decided = 0;
  /** The open arrays at the place that is being decided on: an array may span several parts. */
  private readonly lists = new Lists();
  /** Shows what is decided on. */
  private readonly window = new Window();
  private readonly view: RecordView;

  constructor(handler: NotingHandler<Noted>, names: NameTable, splices: Splices | undefined) {
    this.handler = handler;
    this.splices = splices;
    this.view = new RecordView(this.window, names, this.members, this.records, splices);
  }

  /** Records that have not been decided on. */
  get waiting(): number {
    return this.noted.length;
  }

  /**
   * Notes the innermost open record, which `view` shows; `add` then says where it stands.
   * @returns false: it stays as it is, and does not wait
   */
  note(view: RecordView, records: Records, members: Members): boolean {
    const noted = this.handler.note(view);
    if (noted === STAYS) return false;
    this.noted.push(noted);
    this.records.append(records, this.members.count);
    this.members.append(members, records.firstMember);
    this.ends.push(this.members.count);
    return true;
  }

  /** @param comma before it in its array, or -1 */
  add(what: number, start: number, end: number, comma: number): void {
    this.addEntry(what, start, end, comma, this.records.count - 1);
  }

  addSpecial(special: Met, start: number, end: number): void {
    this.handler.noteSpecial(special.kind, special.text, special.depth);
    this.specials.push(special);
    this.addEntry(SPECIAL, start, end, -1, this.specials.length - 1);
  }

  /** To be called when the walker's window drops its first bytes. @param base offset of the first in the document */
  part(lodged: Lodged, base: number): void {
    const { length } = lodged.bytes;
    let entries = this.count;
    while (entries > this.parted && (this.rows[(entries - 1) * STRIDE + END] as number) > length) entries--;
    this.parts.push({ lodged, base, entries });
    this.parted = entries;
    this.shift(length);
  }

  /**
   * Decides on the next part; after the last one, on the bytes still in the walker's window.
   * @returns undefined when all has been decided on
   */
  next(window: Window): Buffer | undefined {
    const part = this.parts[this.partsDecided];
    if (part === undefined) {
      this.decide(window.bytes, window.base, this.count);
      this.clear();
      return undefined;
    }
    const { lodged, base, entries } = part;
    const { bytes } = lodged;
    this.decide(bytes, base, entries);
    this.partsDecided++;
    const edited = this.splices?.render(bytes, bytes.length);
    if (edited !== undefined) leaveRoom(lodged);
    return edited ?? bytes;
  }

  private addEntry(what: number, start: number, end: number, comma: number, index: number): void {
    const at = this.count * STRIDE;
    if (at === this.rows.length) {
      const larger = new Int32Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    this.rows[at + WHAT] = what;
    this.rows[at + START] = start;
    this.rows[at + END] = end;
    this.rows[at + COMMA] = comma;
    this.rows[at + INDEX] = index;
    this.count++;
  }

  /** Entries about bytes still in the window move with it. */
  private shift(count: number): void {
    const { rows, parted } = this;
    if (parted === this.count) return;
    let firstRecord = this.records.count;
    for (let at = parted * STRIDE; at < this.count * STRIDE; at += STRIDE) {
      for (let column = START; column <= COMMA; column++)
        if ((rows[at + column] as number) >= 0) rows[at + column] = (rows[at + column] as number) - count;
      if ((rows[at + WHAT] as number) <= RECORD_ALONE)
        firstRecord = Math.min(firstRecord, rows[at + INDEX] as number);
    }
    this.records.shift(count, firstRecord);
    this.members.shift(count, this.ends[firstRecord - 1] ?? 0);
  }

  private decide(bytes: Buffer, base: number, entries: number): void {
    const { members, records, window } = this;
    const memberCount = members.count;
    const recordCount = records.count;
    window.bytes = bytes;
    for (; this.decided < entries; this.decided++) this.decideEntry(this.decided * STRIDE, base);
    members.count = memberCount;
    records.count = recordCount;
  }

  private decideEntry(at: number, base: number): void {
    const { rows, lists } = this;
    const what = rows[at + WHAT] as number;
    const start = rows[at + START] as number;
    const end = rows[at + END] as number;
    const comma = rows[at + COMMA] as number;
    const index = rows[at + INDEX] as number;
    switch (what) {
      case LIST:
        lists.open();
        return;
      case END_OF_LIST:
        lists.close();
        return;
      case ITEM:
        lists.begin(comma, start, this.splices);
        lists.keep();
        return;
      case SPECIAL:
        this.answer(this.specials[index], start, end);
        return;
    }
    const isKept = this.decideRecord(index);
    if (what === RECORD_IN_LIST) {
      lists.begin(comma, start, this.splices);
      if (isKept) lists.keep();
      else lists.leaveOut(comma, start, end, this.splices);
    } else if (!isKept && this.splices !== undefined) {
      if (what === RECORD_ALONE) throw new MediaError('withheld', 'The record is left out', base + start);
      replaceLiteral(this.splices, start, end, 'null');
    }
  }

  private decideRecord(index: number): boolean {
    const { handler, members, noted, records, splices, view } = this;
    records.count = index + 1;
    members.count = this.ends[index] ?? 0;
    view.show(records.plan.object);
    const isKept = handler.decide(view, noted[index] as Noted) || splices === undefined;
    if (isKept && splices !== undefined) members.splice(records.firstMember, splices);
    return isKept;
  }

  private answer(special: Met | undefined, start: number, end: number): void {
    if (special === undefined) return;
    const { kind, text, depth } = special;
    const answer = this.handler.special(kind, text, depth);
    if (this.splices !== undefined) replaceSpecial(this.splices, { ...special, start, end }, answer);
  }

  private clear(): void {
    this.count = 0;
    this.members.letGo();
    this.records.count = 0;
    this.noted.length = 0;
    this.ends.length = 0;
    this.specials.length = 0;
    this.parts.length = 0;
    this.parted = 0;
    this.partsDecided = 0;
    this.decided = 0;
  }
}
