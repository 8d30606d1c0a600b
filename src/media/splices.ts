import { type ByteEdit, UNCHANGED } from './byte-edit.ts';
import { copyBytes } from './copy-bytes.ts';
import { ESCAPE_LENGTH_MAX, escapeJson, writeJsonString } from './json/json-string.ts';

const STRIDE = 4;
/** Enough for most answers. */
const COUNT_AT_START = 256;
const BYTES_AT_START = 16_384;
/** Lists that grew no larger are reused: enough for most chunks of long answers. */
const COUNT_KEPT_MAX = 4_096;
const BYTES_KEPT_MAX = 262_144;
const QUOTE = 0x22;
const EMPTY = Buffer.alloc(0);
const NO_LIST = new Int32Array(0);
/** Up to this many, insertion sort is faster than the native sort. */
const SHORT_SORT = 24;
/** More splices than this do not fit one window of 2 GiB. */
const SPLICES_MAX = 2 ** 22;

/**
 * Memory left by the last window that was rendered. Most answers come and go in one turn of the event loop, so one
 * spare is enough.
 */
let spareList = NO_LIST;
let spareBytes: Buffer = EMPTY;

/**
 * Edits to a window, made in any order: `[start, end)` becomes other bytes. Two edits either lie apart or one lies
 * inside the other; then the outer one wins, and of two on the same bytes the later.
 */
export class Splices {
  count = 0;
  private list = NO_LIST;
  private sorted = true;
  /** New bytes of all splices. */
  private fresh: Buffer = EMPTY;
  private used = 0;

  /** Where the next new bytes go. */
  get mark(): number {
    return this.used;
  }

  /** Adds `text` as a JSON string to the new bytes. */
  writeString(text: string): void {
    this.reserve(text.length * ESCAPE_LENGTH_MAX + 2);
    this.used = writeJsonString(this.fresh, this.used, text);
  }

  /**
   * Adds `edit`'s result for the text `from[start, end)`, which needs no escape, as a JSON string to the new bytes.
   * @returns false when it declines; nothing is added then, nor where the text stays as it is
   */
  writeEdited(edit: ByteEdit, from: Buffer, start: number, end: number): boolean {
    this.reserve(edit.roomFor(end - start) + 2);
    const { fresh, used } = this;
    const to = edit.write(from, start, end, fresh, used + 1);
    if (to < 0) return to === UNCHANGED;
    fresh[used] = QUOTE;
    fresh[to] = QUOTE;
    this.used = to + 1;
    return true;
  }

  /** Adds the text `from[0, length)`, in UTF-8, as a JSON string to the new bytes. */
  writeEscaped(from: Buffer, length: number): void {
    this.reserve(length * ESCAPE_LENGTH_MAX + 2);
    const { fresh } = this;
    fresh[this.used++] = QUOTE;
    this.used = escapeJson(from, length, fresh, this.used);
    fresh[this.used++] = QUOTE;
  }

  /** Adds `text` as it is to the new bytes. */
  writeRaw(text: string): void {
    this.reserve(text.length * 3);
    this.used += this.fresh.write(text, this.used);
  }

  /** `[start, end)` of the window becomes the new bytes `[from, to)`; an empty range removes it. */
  add(start: number, end: number, from: number, to: number): void {
    let at = this.count * STRIDE;
    if (at === this.list.length) this.grow();
    if (this.count > 0 && (this.list[at - STRIDE] as number) > start) this.sorted = false;
    this.list[at++] = start;
    this.list[at++] = end;
    this.list[at++] = from;
    this.list[at] = to;
    this.count++;
  }

  /** Takes `[start, end)` out. */
  cut(start: number, end: number): void {
    if (end > start) this.add(start, end, 0, 0);
  }

  /** `bytes[0, to)` with its splices made, which are then forgotten; undefined when there are none in it. */
  render(bytes: Buffer, to: number): Buffer | undefined {
    if (this.count === 0) return undefined;
    if (!this.sorted) this.sort();
    const { list } = this;
    if ((list[1] as number) > to) return undefined;
    const out = Buffer.allocUnsafe(to + this.used);
    let length = 0;
    let from = 0;
    let index = 0;
    while (index < this.count && (list[index * STRIDE + 1] as number) <= to) {
      const start = list[index * STRIDE] as number;
      let winner = index * STRIDE;
      for (index++; index < this.count && list[index * STRIDE] === start; index++)
        if ((list[index * STRIDE + 1] as number) >= (list[winner + 1] as number)) winner = index * STRIDE;
      if (start < from) continue;
      length = copyBytes(bytes, out, length, from, start);
      length = copyBytes(this.fresh, out, length, list[winner + 2] as number, list[winner + 3] as number);
      from = list[winner + 1] as number;
    }
    length = copyBytes(bytes, out, length, from, to);
    this.forget(index);
    return out.subarray(0, length);
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) {
      this.list[at] = (this.list[at] as number) - count;
      this.list[at + 1] = (this.list[at + 1] as number) - count;
    }
  }

  /** Forgets the first `done` splices and moves the others to the front, so that neither list grows for ever. */
  private forget(done: number): void {
    const { list } = this;
    if (done === this.count) {
      this.count = 0;
      this.used = 0;
      this.letGo();
      return;
    }
    list.copyWithin(0, done * STRIDE, this.count * STRIDE);
    this.count -= done;
    let needed = this.used;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE)
      if ((list[at + 3] as number) > (list[at + 2] as number))
        needed = Math.min(needed, list[at + 2] as number);
    if (needed === 0) return;
    this.fresh.copyWithin(0, needed, this.used);
    this.used -= needed;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) {
      if (list[at + 3] === list[at + 2]) continue;
      list[at + 2] = (list[at + 2] as number) - needed;
      list[at + 3] = (list[at + 3] as number) - needed;
    }
  }

  /** By start, then by age. */
  private sort(): void {
    if (this.count <= SHORT_SORT) this.insertionSort();
    else this.nativeSort();
    this.sorted = true;
  }

  private insertionSort(): void {
    const { list } = this;
    for (let index = 1; index < this.count; index++) {
      const at = index * STRIDE;
      const start = list[at] as number;
      let to = at;
      while (to > 0 && (list[to - STRIDE] as number) > start) to -= STRIDE;
      if (to === at) continue;
      const moved = list.slice(at, at + STRIDE);
      list.copyWithin(to + STRIDE, to, at);
      list.set(moved, to);
    }
  }

  /** One number holds start and age exactly: typed arrays sort numbers natively and never degrade. */
  private nativeSort(): void {
    const keys = new Float64Array(this.count);
    for (let index = 0; index < this.count; index++)
      keys[index] = (this.list[index * STRIDE] as number) * SPLICES_MAX + index;
    keys.sort();
    const sorted = new Int32Array(this.list.length);
    for (let index = 0; index < this.count; index++) {
      const from = ((keys[index] as number) % SPLICES_MAX) * STRIDE;
      sorted.set(this.list.subarray(from, from + STRIDE), index * STRIDE);
    }
    this.list = sorted;
  }

  private grow(): void {
    if (this.count >= SPLICES_MAX) throw new RangeError('Too many edits in one window');
    if (this.list.length === 0 && spareList.length > 0) {
      this.list = spareList;
      spareList = NO_LIST;
      return;
    }
    const larger = new Int32Array(Math.max(this.list.length * 2, STRIDE * COUNT_AT_START));
    larger.set(this.list);
    this.list = larger;
  }

  private reserve(bytes: number): void {
    const length = this.used + bytes;
    if (length <= this.fresh.length) return;
    if (this.fresh.length === 0 && length <= spareBytes.length) {
      this.fresh = spareBytes;
      spareBytes = EMPTY;
      return;
    }
    const larger = Buffer.allocUnsafeSlow(Math.max(length, this.fresh.length * 2, BYTES_AT_START));
    this.fresh.copy(larger, 0, 0, this.used);
    this.fresh = larger;
  }

  /** Gives the memory back for reuse, unless it grew beyond what most need. */
  private letGo(): void {
    const { list, fresh } = this;
    if (list.length > spareList.length && list.length <= STRIDE * COUNT_KEPT_MAX) spareList = list;
    if (fresh.length > spareBytes.length && fresh.length <= BYTES_KEPT_MAX) spareBytes = fresh;
    this.list = NO_LIST;
    this.fresh = EMPTY;
  }
}
