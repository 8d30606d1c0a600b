import { randomBytes } from 'node:crypto';
import sodium from 'sodium-native';
import type { Finds } from '../finds.ts';

/** Texts out of these bounds, in bytes, or with more finds are not remembered. */
const SHORTEST = 48;
const LONGEST = 0xffff;
const FINDS_MAX = 8;

/** A place: the hash of a text in two words, what was found, and where, in one word each. */
const HEAD = 2;
const SPANS = 3;
const STRIDE = SPANS + FINDS_MAX;
/** About 700 kB: the notes of the records that the people of a company work with in a day. */
const PLACES = 16_384;

/** In the word for what was found: the place is taken; how many finds; the rank of each. */
const TAKEN = 1 << 30;
const COUNT_AT = 24;
const RANK_BITS = 3;
const RANK_MASK = (1 << RANK_BITS) - 1;

/**
 * Asking for a text that is not remembered costs a quarter of its search. Where texts hardly ever come again, as in an
 * export, only one of a few is asked for.
 */
const WORTH_MAX = 1_000;
const WORTH_OF_HIT = 3;
const ASKED_AT_LEAST = 7;

/** Places of all uses. A text may lie in two; newer texts evict older ones there. */
let places: Int32Array | undefined;
let pushedSecond = false;

const hash = Buffer.alloc(sodium.crypto_shorthash_BYTES);
const hashed = new Int32Array(hash.buffer, hash.byteOffset, 2);

/** What was found in texts that were searched in the same way before. A text is `bytes[start, end)`. */
export interface SeenTexts {
  /**
   * Fills in what was found in this text.
   * @returns false when it is not remembered
   */
  readonly recall: (bytes: Buffer, start: number, end: number, finds: Finds) => boolean;
  /** Keeps what was found in the text that `recall` was asked for last. */
  readonly keep: (start: number, finds: Finds) => void;
}

/**
 * The same notes come again and again: in a list, in the record, after every refresh. A text is known by its SipHash
 * (Aumasson and Bernstein, 2012) under a key of this process and this use, so nobody can make two texts that are taken
 * for one another, and neither texts nor finds are kept.
 */
export function createSeenTexts(): SeenTexts {
  const key = randomBytes(sodium.crypto_shorthash_KEYBYTES);
  /** What asking has saved lately, less what it has cost. */
  let worth = WORTH_MAX;
  let unasked = 0;
  let isAsked = false;

  const asks = (length: number): boolean => {
    if (length < SHORTEST || length > LONGEST) return false;
    return worth > 0 || ++unasked % ASKED_AT_LEAST === 0;
  };
  return {
    recall: (bytes, start, end, finds) => {
      isAsked = asks(end - start);
      if (!isAsked) return false;
      sodium.crypto_shorthash(hash, bytes.subarray(start, end), key);
      const at = placeOf(hashed[0] as number, hashed[1] as number);
      worth = at < 0 ? Math.max(worth - 1, 0) : Math.min(worth + WORTH_OF_HIT, WORTH_MAX);
      if (at < 0) return false;
      fill(finds, at, start);
      return true;
    },
    keep: (start, finds) => {
      if (isAsked && finds.count <= FINDS_MAX) write(finds, start);
    },
  };
}

/** Index of the place that holds this hash; -1 when there is none. */
function placeOf(low: number, high: number): number {
  if (places === undefined) return -1;
  const first = (low & (PLACES - 1)) * STRIDE;
  if (holds(places, first, low, high)) return first;
  const second = ((low & (PLACES - 1)) ^ 1) * STRIDE;
  return holds(places, second, low, high) ? second : -1;
}

function holds(from: Int32Array, at: number, low: number, high: number): boolean {
  return from[at] === low && from[at + 1] === high && from[at + HEAD] !== 0;
}

function fill(finds: Finds, at: number, start: number): void {
  finds.clear();
  if (places === undefined) return;
  const head = places[at + HEAD] as number;
  const count = (head & ~TAKEN) >> COUNT_AT;
  for (let find = 0; find < count; find++) {
    const span = places[at + SPANS + find] as number;
    const rank = (head >> (find * RANK_BITS)) & RANK_MASK;
    finds.addRanked(rank, start + (span & LONGEST), start + (span >>> 16));
  }
}

function write(finds: Finds, start: number): void {
  places ??= new Int32Array(PLACES * STRIDE);
  const at = freePlace(places, (hashed[0] as number) & (PLACES - 1)) * STRIDE;
  places[at] = hashed[0] as number;
  places[at + 1] = hashed[1] as number;
  let head = TAKEN | (finds.count << COUNT_AT);
  for (let find = 0; find < finds.count; find++) {
    head |= finds.rankOf(find) << (find * RANK_BITS);
    places[at + SPANS + find] = (finds.startOf(find) - start) | ((finds.endOf(find) - start) << 16);
  }
  places[at + HEAD] = head;
}

function freePlace(among: Int32Array, first: number): number {
  if (among[first * STRIDE + HEAD] === 0) return first;
  if (among[(first ^ 1) * STRIDE + HEAD] === 0) return first ^ 1;
  pushedSecond = !pushedSecond;
  return pushedSecond ? first ^ 1 : first;
}
