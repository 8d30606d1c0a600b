import { Positions } from './positions.ts';

const SEPARATORS_MAX = 3;

/** Space, `.`, `-`, `/`, `_`, brackets, and control characters other than line ends. */
const IS_SEPARATOR = Uint8Array.from({ length: 256 }, (_, unit) => {
  if (unit === 0x0a || unit === 0x0d || unit >= 0x80) return 0;
  return unit < 0x20 || unit === 0x7f || ' .-/_()[]'.includes(String.fromCharCode(unit)) ? 1 : 0;
});

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;

const ZERO = 0x30;
const NINE = 0x39;

export function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

/**
 * The digits of a text as people write long numbers: in groups of adjacent ones, few separators between the groups. A
 * run is made of the groups that are joined so.
 */
export class Digits {
  groupCount = 0;
  /** Groups that a line end stands just before, or almost. */
  readonly afterLineEnd = new Positions();
  /** Values of the digits, one after the other. */
  private readonly all = new Positions();
  /** Where each group begins in the text. */
  private readonly starts = new Positions();
  /** Index of each group's first digit. */
  private readonly firsts = new Positions();
  /** The three units before each group, the nearest in the lowest byte. */
  private readonly befores = new Positions();

  get values(): Uint32Array {
    return this.all.list;
  }

  /** Begins with another text. */
  clear(): void {
    this.groupCount = 0;
    this.afterLineEnd.count = 0;
    this.all.count = 0;
    this.starts.count = 0;
    this.firsts.count = 0;
    this.befores.count = 0;
  }

  /** Reads a text; positions are its UTF-16 code units. */
  read(text: string): void {
    this.clear();
    let end = -1;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (!isDigit(unit)) continue;
      if (at !== end) this.open(at, asciiAt(text, at - 3), asciiAt(text, at - 2), asciiAt(text, at - 1));
      this.all.add(unit - ZERO);
      end = at + 1;
    }
  }

  /**
   * A group begins after these units, of which only ASCII stands for itself; zero stands where there is none.
   * @param third from the last
   */
  open(start: number, third: number, second: number, last: number): void {
    if (isLineEnd(last) || isLineEnd(second) || isLineEnd(third)) this.afterLineEnd.add(this.groupCount);
    this.groupCount++;
    this.starts.add(start);
    this.firsts.add(this.all.count);
    this.befores.add((third << 16) | (second << 8) | last);
  }

  /** The next digits of the group: `units[start, end)`, in ASCII. */
  add(units: Uint8Array, start: number, end: number): void {
    const { all } = this;
    all.reserve(end - start);
    const { list } = all;
    let { count } = all;
    for (let at = start; at < end; at++) list[count++] = (units[at] as number) - ZERO;
    all.count = count;
  }

  /** Index of a group's first digit; for the one after the last, the number of digits. */
  firstOf(group: number): number {
    return group < this.groupCount ? (this.firsts.list[group] as number) : this.all.count;
  }

  startOf(group: number): number {
    return this.starts.list[group] as number;
  }

  endOf(group: number): number {
    return this.startOf(group) + this.lengthOf(group);
  }

  lengthOf(group: number): number {
    return this.firstOf(group + 1) - this.firstOf(group);
  }

  /** @param distance 1 to 3 */
  unitBefore(group: number, distance: number): number {
    return ((this.befores.list[group] as number) >> ((distance - 1) * 8)) & 0xff;
  }

  /** Number of units between a group and the one before it. */
  gapBefore(group: number): number {
    return this.startOf(group) - this.endOf(group - 1);
  }

  /** The group after the last one of the run that begins with `first`. */
  endOfRun(first: number): number {
    let end = first + 1;
    while (end < this.groupCount && this.isJoined(end)) end++;
    return end;
  }

  /** True when nothing but a few separators stands between a group and the one before it. */
  isJoined(group: number): boolean {
    const gap = this.gapBefore(group);
    if (gap > SEPARATORS_MAX) return false;
    for (let distance = 1; distance <= gap; distance++)
      if (IS_SEPARATOR[this.unitBefore(group, distance)] === 0) return false;
    return true;
  }

  /** The same, and no dot or slash among them. */
  isSpaced(group: number): boolean {
    if (!this.isJoined(group)) return false;
    for (let distance = this.gapBefore(group); distance > 0; distance--) {
      const unit = this.unitBefore(group, distance);
      if (unit === DOT || unit === SLASH) return false;
    }
    return true;
  }

  /** True when one line end, with only blanks and hyphens around it, stands between a group and the one before it. */
  isWrapped(group: number): boolean {
    const gap = group === 0 ? SEPARATORS_MAX + 1 : this.gapBefore(group);
    if (gap > SEPARATORS_MAX) return false;
    let feeds = 0;
    let returns = 0;
    for (let distance = 1; distance <= gap; distance++) {
      const unit = this.unitBefore(group, distance);
      if (unit === LINE_FEED) feeds++;
      else if (unit === CARRIAGE_RETURN) returns++;
      else if (unit !== BLANK && unit !== HYPHEN) return false;
    }
    return feeds <= 1 && returns <= 1 && feeds + returns > 0;
  }
}

function isLineEnd(unit: number): boolean {
  return unit === LINE_FEED || unit === CARRIAGE_RETURN;
}

const BEYOND_ASCII = 0x80;

function asciiAt(text: string, at: number): number {
  return at < 0 ? 0 : Math.min(text.charCodeAt(at), BEYOND_ASCII);
}
