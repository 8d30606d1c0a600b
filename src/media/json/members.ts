import type { Splices } from '../splices.ts';
import type { Kind } from './kind.ts';
import { CONTAINER, RECORDS } from './kind.ts';
import { RUN_END, RUN_FLAGS, RUN_KEY, RUN_START, RUN_STRIDE } from './runs/run-reader.ts';

const STRIDE = 8;
const NAME_ID = 0;
/** Position of the name's opening quote. */
const KEY = 1;
const START = 2;
const END = 3;
const FLAGS = 4;
/** The member before it in the same object, or -1. */
const BEFORE = 5;
/** New bytes of a replaced value. */
const FROM = 6;
const TO = 7;

const AT_START = 64;
/** More members than one record, with the records inside it, mostly has. */
const ORDINARY_MAX = 2_048;

const KIND_BITS = 7;
const ESCAPED = 8;
const FIELD = 16;
const REPLACED = 32;
const REMOVED = 64;
const KEPT_BEFORE = 128;

/** Where a run stands and how its positions are counted. */
interface RunPlace {
  /** To be added to a position to get an index into the window. */
  readonly shift: number;
  /** The member before it in the same object, or -1. */
  readonly before: number;
  readonly isField: boolean;
}

/** Room for as many members is reused: a large page whose records wait to be decided on has that many. */
const SPARE_MAX = 131_072;
const NO_ROWS = new Int32Array(0);
let spareRows = NO_ROWS;

/** Members of the open records in the order in which they began. Each is a row of integers in a reused array. */
export class Members {
  count = 0;
  /** A member has been edited since the last splice: most records have none. */
  private isEdited = false;
  private rows = new Int32Array(STRIDE * AT_START);

  /** @returns the index of the new member */
  add(nameId: number, key: number, before: number, isField: boolean): number {
    const at = this.count * STRIDE;
    if (at === this.rows.length) this.grow();
    const { rows } = this;
    rows[at + NAME_ID] = nameId;
    rows[at + KEY] = key;
    rows[at + START] = -1;
    rows[at + END] = -1;
    rows[at + FLAGS] = isField ? FIELD : 0;
    rows[at + BEFORE] = before;
    return this.count++;
  }

  /**
   * Adds the members in the rows `[from, to)` of a run.
   * @param shift to be added to positions there to get indexes into the window
   * @returns the index of the last one
   */
  addRun(run: Int32Array, from: number, to: number, { shift, before, isField }: RunPlace): number {
    while ((this.count + to - from) * STRIDE > this.rows.length) this.grow();
    const { rows } = this;
    const field = isField ? FIELD : 0;
    let { count } = this;
    let last = before;
    for (let row = from * RUN_STRIDE, at = count * STRIDE; row < to * RUN_STRIDE; at += STRIDE) {
      rows[at + NAME_ID] = (run[row] as number) - 1;
      rows[at + KEY] = (run[row + RUN_KEY] as number) + shift;
      rows[at + START] = (run[row + RUN_START] as number) + shift;
      rows[at + END] = (run[row + RUN_END] as number) + shift;
      rows[at + FLAGS] = (run[row + RUN_FLAGS] as number) | field;
      rows[at + BEFORE] = last;
      last = count++;
      row += RUN_STRIDE;
    }
    this.count = count;
    return last;
  }

  scalar(member: number, kind: Kind, start: number, end: number, escaped: boolean): void {
    const { rows } = this;
    const at = member * STRIDE;
    rows[at + START] = start;
    rows[at + END] = end;
    rows[at + FLAGS] = (rows[at + FLAGS] as number) | kind | (escaped ? ESCAPED : 0);
  }

  open(member: number, start: number): void {
    const at = member * STRIDE;
    this.rows[at + START] = start;
    this.rows[at + FLAGS] = (this.rows[at + FLAGS] as number) | CONTAINER;
  }

  close(member: number, end: number): void {
    this.rows[member * STRIDE + END] = end;
  }

  /** Adds the members of `others` from `first` on, which are those of one record. */
  append(others: Members, first: number): void {
    const moved = this.count - first;
    const count = this.count + others.count - first;
    while (count * STRIDE > this.rows.length) this.grow();
    const { rows } = this;
    const from = others.rows;
    const end = others.count * STRIDE;
    for (let at = first * STRIDE, to = this.count * STRIDE; at < end; at += STRIDE, to += STRIDE) {
      rows[to + NAME_ID] = from[at + NAME_ID] as number;
      rows[to + KEY] = from[at + KEY] as number;
      rows[to + START] = from[at + START] as number;
      rows[to + END] = from[at + END] as number;
      rows[to + FLAGS] = from[at + FLAGS] as number;
      const before = from[at + BEFORE] as number;
      rows[to + BEFORE] = before < 0 ? -1 : before + moved;
    }
    this.count = count;
  }

  /** Notes that a record closed within this container. */
  holdsRecords(member: number): void {
    const at = member * STRIDE + FLAGS;
    this.rows[at] = ((this.rows[at] as number) & ~KIND_BITS) | RECORDS;
  }

  nameId(member: number): number {
    return this.rows[member * STRIDE + NAME_ID] as number;
  }

  key(member: number): number {
    return this.rows[member * STRIDE + KEY] as number;
  }

  start(member: number): number {
    return this.rows[member * STRIDE + START] as number;
  }

  end(member: number): number {
    return this.rows[member * STRIDE + END] as number;
  }

  kind(member: number): Kind {
    return (this.flags(member) & KIND_BITS) as Kind;
  }

  isEscaped(member: number): boolean {
    return (this.flags(member) & ESCAPED) !== 0;
  }

  isField(member: number): boolean {
    return (this.flags(member) & FIELD) !== 0;
  }

  /** The value becomes the new bytes `[from, to)`; of several edits to a member the last one counts. */
  replace(member: number, from: number, to: number): void {
    this.isEdited = true;
    const at = member * STRIDE;
    this.rows[at + FROM] = from;
    this.rows[at + TO] = to;
    this.rows[at + FLAGS] = (this.flags(member) & ~REMOVED) | REPLACED;
  }

  remove(member: number): void {
    this.isEdited = true;
    this.rows[member * STRIDE + FLAGS] = (this.flags(member) & ~REPLACED) | REMOVED;
  }

  /**
   * Makes splices of the edits to members from `first` on. A removed member takes along the comma before it, or, when
   * no earlier member is kept, the one after it, so that a valid object is left.
   */
  splice(first: number, splices: Splices): void {
    if (!this.isEdited) return;
    this.isEdited = false;
    const { rows } = this;
    for (let member = first; member < this.count; member++) {
      const at = member * STRIDE;
      const flags = rows[at + FLAGS] as number;
      const before = (rows[at + BEFORE] as number) * STRIDE;
      const beforeFlags = before < 0 ? REMOVED : (rows[before + FLAGS] as number);
      const keptBefore = (beforeFlags & REMOVED) === 0 || (beforeFlags & KEPT_BEFORE) !== 0;
      if (keptBefore) rows[at + FLAGS] = flags | KEPT_BEFORE;
      if ((flags & REMOVED) !== 0 && keptBefore) {
        splices.cut(rows[before + END] as number, rows[at + END] as number);
        continue;
      }
      if (!keptBefore && before >= 0) splices.cut(rows[before + END] as number, rows[at + KEY] as number);
      if ((flags & REMOVED) !== 0) splices.cut(rows[at + KEY] as number, rows[at + END] as number);
      else if ((flags & REPLACED) !== 0)
        splices.add(
          rows[at + START] as number,
          rows[at + END] as number,
          rows[at + FROM] as number,
          rows[at + TO] as number,
        );
    }
  }

  /** True when it is not larger than most documents need. */
  get isOrdinary(): boolean {
    return this.rows.length <= STRIDE * ORDINARY_MAX;
  }

  /**
   * To be called when the window drops its first `count` bytes.
   * @param first earlier members have left with the dropped bytes
   */
  shift(count: number, first = 0): void {
    for (let at = first * STRIDE; at < this.count * STRIDE; at += STRIDE) {
      for (let column = KEY; column <= END; column++)
        if ((this.rows[at + column] as number) >= 0)
          this.rows[at + column] = (this.rows[at + column] as number) - count;
    }
  }

  private flags(member: number): number {
    return this.rows[member * STRIDE + FLAGS] as number;
  }

  /** Forgets all members and gives the memory back for reuse. */
  letGo(): void {
    this.count = 0;
    if (this.rows.length <= spareRows.length || this.rows.length > STRIDE * SPARE_MAX) return;
    spareRows = this.rows;
    this.rows = new Int32Array(STRIDE * AT_START);
  }

  private grow(): void {
    const { rows } = this;
    if (rows.length > STRIDE * ORDINARY_MAX && spareRows.length > rows.length) {
      this.rows = spareRows;
      spareRows = NO_ROWS;
    } else {
      this.rows = new Int32Array(rows.length * 2);
    }
    this.rows.set(rows);
  }
}
