import { escapedPoint, escapeLength, writePoint } from '../../../media/json/json-string.ts';
import { Digits, isDigit } from '../digits.ts';
import { Positions } from '../positions.ts';
import { AT_WORD, DOT_WORD, FISCAL, NO_TRACE, TRACES, traceAfter } from './traces.ts';
import { GONE, isItself, KINDS, kindOfPoint, UNCERTAIN } from './unit.ts';
import { pointAt, sequenceLength } from './utf8.ts';

const BACKSLASH = 0x5c;
const IS_MARK = Uint8Array.from({ length: 256 }, (_, unit) =>
  '@&%\\([{<'.includes(String.fromCharCode(unit)) ? 1 : 0,
);

const AMPERSAND = 0x26;
const HASH = 0x23;
const SEMICOLON = 0x3b;
/** The `;` of a named reference comes within this many units. */
const REFERENCE_LENGTH_MAX = 16;

/** Zeros precede the first unit, so that the units before any unit can be read. */
const FIRST = 3;
const ROOM_AT_START = 4_096;

/**
 * A text folded (see `FoldedText`), in UTF-8, with the places that detectors start from. A unit is a byte of it. One
 * reading is reused for all texts.
 */
export class Reading {
  /** A zero follows the last unit. */
  units: Buffer = Buffer.alloc(ROOM_AT_START);
  readonly digits = new Digits();
  /** Where `@`, `&`, `%`, backslashes and opening brackets stand. */
  readonly marks = new Positions();
  /** Where the last unit of the date in a codice fiscale may be. */
  readonly fiscalDates = new Positions();
  private length = 0;
  private trace = NO_TRACE;
  /** Bits of all traces. */
  private traced = NO_TRACE;
  /** Places where units and the bytes they come from get out of step: a unit, and the byte it begins at. */
  private readonly shifts = new Positions();
  private shift = 0;

  get hasDotWord(): boolean {
    return (this.traced & DOT_WORD) !== 0;
  }

  get hasAtWord(): boolean {
    return (this.traced & AT_WORD) !== 0;
  }

  /**
   * Reads the UTF-8 text `from[start, end)`.
   * @param isEscaped it is the content of a JSON string, spelled with escapes
   * @returns false when its units do not tell enough
   */
  read(from: Buffer, start: number, end: number, isEscaped: boolean): boolean {
    this.begin(start, end);
    let at = start;
    while (at >= 0 && at < end) {
      at = this.readUntraced(from, at, end);
      if (at < end) at = this.readTraced(from, at, end, isEscaped);
    }
    this.units[this.length] = 0;
    return at === end && !this.mayRefer();
  }

  /**
   * The byte that a unit begins at; for the one after the last, the end of the text. To be called for units in
   * ascending order.
   */
  origin(unit: number): number {
    const { list, count } = this.shifts;
    let { shift } = this;
    while (shift + 2 < count && (list[shift + 2] as number) <= unit) shift += 2;
    this.shift = shift;
    return (list[shift + 1] as number) + unit - (list[shift] as number);
  }

  private begin(start: number, end: number): void {
    const room = end - start + FIRST + 1;
    if (room > this.units.length) this.units = Buffer.alloc(Math.max(room, this.units.length * 2));
    this.digits.clear();
    this.marks.count = 0;
    this.fiscalDates.count = 0;
    this.length = FIRST;
    this.trace = NO_TRACE;
    this.traced = NO_TRACE;
    this.shifts.count = 0;
    this.shift = 0;
    this.addShift(FIRST, start);
  }

  private addShift(unit: number, byte: number): void {
    this.shifts.add(unit);
    this.shifts.add(byte);
  }

  /**
   * Reads up to the end of something that detectors start from. A function of its own, so that V8 keeps the loop's
   * variables in registers.
   */
  private readUntraced(from: Buffer, start: number, end: number): number {
    const { units } = this;
    const { starts, ends, fits } = TRACES;
    let { length, trace } = this;
    let at = start;
    for (; at < end; at++) {
      const unit = from[at] as number;
      const next = ((trace << 1) | starts) & (fits[unit] as number);
      if ((next & ends) !== 0) break;
      trace = next;
      units[length++] = unit;
    }
    this.length = length;
    this.trace = trace;
    return at;
  }

  /**
   * Reads on from the end of something that detectors start from.
   * @returns the byte after what it read; -1 when its units would not tell
   */
  private readTraced(from: Buffer, at: number, end: number, isEscaped: boolean): number {
    const unit = from[at] as number;
    if (unit >= 0x80) return this.readBeyondAscii(from, at, end);
    if (isDigit(unit)) return this.readDigits(from, at, end);
    if (isEscaped && unit === BACKSLASH) return this.readEscape(from, at);
    this.add(unit);
    return at + 1;
  }

  private readDigits(from: Buffer, start: number, end: number): number {
    const { units, digits } = this;
    const { starts, fits } = TRACES;
    const first = this.length;
    let { length, trace } = this;
    let at = start;
    for (; at < end; at++) {
      const unit = from[at] as number;
      if (!isDigit(unit)) break;
      trace = ((trace << 1) | starts) & (fits[unit] as number);
      if ((trace & FISCAL) !== 0) this.fiscalDates.add(length);
      units[length++] = unit;
    }
    this.length = length;
    this.trace = trace;
    this.openGroup(first);
    digits.add(units, first, length);
    return at;
  }

  /** A digit that follows no digit begins a group. */
  private openGroup(at: number): void {
    const { units } = this;
    const last = units[at - 1] as number;
    if (!isDigit(last)) this.digits.open(at, units[at - 3] as number, units[at - 2] as number, last);
  }

  /** Reads characters beyond ASCII. */
  private readBeyondAscii(from: Buffer, start: number, end: number): number {
    const at = this.readPairs(from, start, end);
    if (at > start) return at;
    const unit = from[at] as number;
    const next = at + sequenceLength(unit);
    const kind = kindOfPoint(pointAt(from, at));
    if (!isItself(kind)) return this.put(kind, next);
    const { units } = this;
    for (let byte = at; byte < next; byte++) units[this.length++] = from[byte] as number;
    this.trace = NO_TRACE;
    return next;
  }

  /** Reads two-byte characters that fold to themselves and have been seen before: words of many languages. */
  private readPairs(from: Buffer, start: number, end: number): number {
    const { units } = this;
    let { length } = this;
    let at = start;
    for (; at < end; at += 2) {
      const lead = from[at] as number;
      if (lead < 0xc0 || lead >= 0xe0) break;
      const second = from[at + 1] as number;
      if (!isItself(KINDS[((lead & 0x1f) << 6) | (second & 0x3f)] as number)) break;
      units[length++] = lead;
      units[length++] = second;
    }
    if (at > start) this.trace = NO_TRACE;
    this.length = length;
    return at;
  }

  /** @returns the byte after the escape; -1 when no unit would tell */
  private readEscape(from: Buffer, at: number): number {
    const point = escapedPoint(from, at);
    if (point < 0) return -1;
    const next = at + escapeLength(from, at, point);
    const kind = point < 0x80 ? point : kindOfPoint(point);
    if (!isItself(kind)) return this.put(kind, next);
    this.length = writePoint(this.units, this.length, point);
    this.trace = NO_TRACE;
    this.addShift(this.length, next);
    return next;
  }

  /**
   * Adds the unit that a character is read as.
   * @param next the byte after the character
   * @returns the same; -1 when no unit would tell
   */
  private put(kind: number, next: number): number {
    if (kind === UNCERTAIN) return -1;
    if (kind !== GONE) this.add(kind);
    this.addShift(this.length, next);
    return next;
  }

  /** Adds an ASCII unit, and notes what ends at it. */
  private add(unit: number): void {
    const { units, digits, length } = this;
    const trace = traceAfter(this.trace, unit);
    if (isDigit(unit)) {
      this.openGroup(length);
      units[length] = unit;
      digits.add(units, length, length + 1);
    } else if (IS_MARK[unit] === 1) this.marks.add(length);
    if ((trace & FISCAL) !== 0) this.fiscalDates.add(length);
    this.traced |= trace;
    this.trace = trace;
    units[length] = unit;
    this.length = length + 1;
  }

  /** True when an ampersand may begin a character reference. */
  private mayRefer(): boolean {
    const { units, marks } = this;
    for (let index = 0; index < marks.count; index++) {
      const mark = marks.list[index] as number;
      if (units[mark] === AMPERSAND && mayReferAt(units, mark + 1)) return true;
    }
    return false;
  }
}

function mayReferAt(units: Buffer, start: number): boolean {
  if (units[start] === HASH) return true;
  const end = start + REFERENCE_LENGTH_MAX;
  for (let at = start; at < end && units[at] !== 0; at++) if (units[at] === SEMICOLON) return true;
  return false;
}
