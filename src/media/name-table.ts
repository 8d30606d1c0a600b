import { randomBytes } from 'node:crypto';
import { NameCards } from './name-cards.ts';

/** Longer names are not remembered: no CRM has them, and they would fill the table's memory. */
const NAME_BYTES_MAX = 256;
/** Slots probed before a name counts as not fitting. Bounds the cost of crafted collisions. */
const PROBES_MAX = 16;
const FNV_PRIME = 0x01000193;
const BYTES_AT_START = 4_096;

/**
 * Gives member names small numbers, for the whole process, so that the hot loop compares bytes and numbers and makes no
 * strings. A name keeps its number for ever, and one that does not fit never gets one, so both answers can be cached.
 * Names are their bytes after unescaping.
 */
export class NameTable {
  /** Which name follows which. */
  readonly cards: NameCards;
  private readonly namesMax: number;
  private readonly mask: number;
  /** Name id + 1 by slot; 0 is empty. */
  private readonly slots: Int32Array;
  private readonly hashes: Int32Array;
  /** Where each name's bytes begin; the one after says where they end. */
  private readonly starts: Int32Array;
  /** By name: 1 if no byte of it needs an escape in JSON. */
  private readonly raw: Uint8Array;
  private readonly texts: string[] = [];
  private bytes: Buffer = Buffer.alloc(BYTES_AT_START);
  /** Unknown to those who craft collisions. */
  private readonly seed = randomBytes(4).readInt32LE();

  /** @param namesMax `limits.namesMax`: names remembered */
  constructor(namesMax: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(namesMax, 8) * 2));
    this.namesMax = namesMax;
    this.mask = slots - 1;
    this.slots = new Int32Array(slots);
    this.hashes = new Int32Array(namesMax);
    this.starts = new Int32Array(namesMax + 1);
    this.raw = new Uint8Array(namesMax);
    this.cards = new NameCards(namesMax);
  }

  /** Names remembered. */
  get size(): number {
    return this.texts.length;
  }

  /** Id of the name that stands unescaped in `bytes[start, end)`; -1 when it does not fit. Remembers new names. */
  intern(bytes: Buffer, start: number, end: number): number {
    return this.seek(bytes, start, end, true);
  }

  /** As `intern`, but gives -1 for a name that is not known, and does not remember it. */
  find(bytes: Buffer, start: number, end: number): number {
    return this.seek(bytes, start, end, false);
  }

  /** Id of a name given as text (escaped names take this way). */
  internText(name: string): number {
    const bytes = Buffer.from(name);
    return this.seek(bytes, 0, bytes.length, true);
  }

  findText(name: string): number {
    const bytes = Buffer.from(name);
    return this.seek(bytes, 0, bytes.length, false);
  }

  /** The name with this id. */
  text(id: number): string {
    return this.texts[id] ?? '';
  }

  /**
   * Where the closing quote stands when the member name that begins at `start` is the name `id`, else -1. Names with a
   * quote, a backslash or a control character in them never stand raw in JSON, and never match.
   */
  matches(id: number, bytes: Buffer, start: number, end: number): number {
    const own = this.bytes;
    const from = this.starts[id] as number;
    const close = start + (this.starts[id + 1] as number) - from;
    if (close >= end || bytes[close] !== 0x22 || this.raw[id] === 0) return -1;
    for (let at = start, to = from; at < close; at++, to++) if (own[to] !== bytes[at]) return -1;
    return close;
  }

  private seek(bytes: Buffer, start: number, end: number, remember: boolean): number {
    if (end - start > NAME_BYTES_MAX) return -1;
    let hash = this.seed;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
    hash ^= hash >>> 15;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const slot = (hash + probe) & this.mask;
      const id = (this.slots[slot] as number) - 1;
      if (id < 0) return remember ? this.add(slot, hash, bytes, start, end) : -1;
      if (this.hashes[id] === hash && this.holds(id, bytes, start, end)) return id;
    }
    return -1;
  }

  private holds(id: number, bytes: Buffer, start: number, end: number): boolean {
    const from = this.starts[id] as number;
    const length = end - start;
    if ((this.starts[id + 1] as number) - from !== length) return false;
    const own = this.bytes;
    for (let at = 0; at < length; at++) if (own[from + at] !== bytes[start + at]) return false;
    return true;
  }

  private add(slot: number, hash: number, bytes: Buffer, start: number, end: number): number {
    const id = this.texts.length;
    if (id >= this.namesMax) return -1;
    const from = this.starts[id] as number;
    const to = from + end - start;
    if (to > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(to, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, from);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, from, start, end);
    if (isRaw(bytes, start, end)) {
      this.raw[id] = 1;
      this.cards.write(id, bytes, start, end);
    }
    this.starts[id + 1] = to;
    this.hashes[id] = hash;
    this.slots[slot] = id + 1;
    this.texts.push(bytes.toString('utf8', start, end));
    return id;
  }
}

function isRaw(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}
