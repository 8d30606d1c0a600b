/** A place begins with one number for the use and the length; the text follows. */
const TEXT_AT = 4;
/** Size of a place. Longer texts are not remembered; ids and URLs of records are shorter. */
const PLACE_BYTES = 96;
/**
 * The hash is over the last bytes: ids differ there, and URLs end with ids. Texts that agree there only evict one
 * another.
 */
const HASHED_BYTES = 16;
const MULTIPLIER = 0x9e3779b1;

/** The results for texts in one use of a memo. */
export interface MemoizedText {
  readonly of: (text: string) => string;
  /** The text is `bytes[start, end)` in UTF-8. */
  readonly ofBytes: (bytes: Buffer, start: number, end: number) => string;
}

/** One use of a memo. A text is `bytes[start, end)`. */
export interface MemoUse<Result> {
  readonly find: (bytes: Buffer, start: number, end: number) => Result | undefined;
  /** Keeps the result for a text that was not found. A text that is too long is not kept. */
  readonly keep: (bytes: Buffer, start: number, end: number, result: Result) => void;
}

/**
 * Remembers results by the bytes of a text, so that no string is made of a text seen before. A text may lie in two
 * places; newer texts evict older ones there, so that memory has a bound.
 */
export class TextMemo<Result> {
  private readonly mask: number;
  private readonly placeBytes: number;
  /** `placeBytes` in words. */
  private readonly stride: number;
  private readonly bytes: Buffer;
  private readonly words: Int32Array;
  private readonly results: (Result | undefined)[];
  private useCount = 0;
  /** The last text that was evicted stood in the second of its places. */
  private pushedSecond = false;

  /**
   * @param textsMax the most texts remembered, over all uses
   * @param placeBytes bytes of the longest text and four more; a multiple of 4
   */
  constructor(textsMax: number, placeBytes = PLACE_BYTES) {
    const places = 2 ** Math.max(1, Math.floor(Math.log2(Math.max(textsMax, 1))));
    this.mask = places - 1;
    this.placeBytes = placeBytes;
    this.stride = placeBytes / 4;
    this.bytes = Buffer.alloc(places * placeBytes);
    this.words = new Int32Array(this.bytes.buffer, 0, places * this.stride);
    this.results = Array.from({ length: places }, () => undefined);
  }

  use(): MemoUse<Result> {
    const use = ++this.useCount;
    const { mask, placeBytes } = this;
    return {
      find: (bytes, start, end) => {
        if (end - start > placeBytes - TEXT_AT) return undefined;
        const head = use * placeBytes + end - start;
        const place = hashOf(head, bytes, start, end) & mask;
        if (this.holds(place, head, bytes, start, end)) return this.results[place];
        return this.holds(place ^ 1, head, bytes, start, end) ? this.results[place ^ 1] : undefined;
      },
      keep: (bytes, start, end, result) => {
        if (end - start > placeBytes - TEXT_AT) return;
        const head = use * placeBytes + end - start;
        const place = this.freePlace(hashOf(head, bytes, start, end) & mask);
        bytes.copy(this.bytes, place * placeBytes + TEXT_AT, start, end);
        this.words[place * this.stride] = head;
        this.results[place] = result;
      },
    };
  }

  private holds(place: number, head: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.words[place * this.stride] !== head) return false;
    const own = this.bytes;
    for (let at = start, to = place * this.placeBytes + TEXT_AT; at < end; at++, to++)
      if (own[to] !== bytes[at]) return false;
    return true;
  }

  private freePlace(place: number): number {
    if (this.words[place * this.stride] === 0) return place;
    if (this.words[(place ^ 1) * this.stride] === 0) return place ^ 1;
    this.pushedSecond = !this.pushedSecond;
    return this.pushedSecond ? place ^ 1 : place;
  }
}

/** @param become pure: the same result for the same text */
export function memoize(memo: TextMemo<string>, become: (text: string) => string): MemoizedText {
  const { find, keep } = memo.use();
  const scratch = Buffer.allocUnsafeSlow(PLACE_BYTES - TEXT_AT);
  const ofBytes = (bytes: Buffer, start: number, end: number): string => {
    const found = find(bytes, start, end);
    if (found !== undefined) return found;
    const result = become(bytes.toString('utf8', start, end));
    keep(bytes, start, end, result);
    return result;
  };
  const of = (text: string): string => {
    if (text.length * 3 > scratch.length) return become(text);
    return ofBytes(scratch, 0, scratch.write(text));
  };
  return { of, ofBytes };
}

function hashOf(head: number, bytes: Buffer, start: number, end: number): number {
  let hash = head;
  let at = Math.max(start, end - HASHED_BYTES);
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = mix(hash ^ word);
  }
  for (; at < end; at++) hash = mix(hash ^ (bytes[at] as number));
  return hash;
}

function mix(hash: number): number {
  const product = Math.imul(hash, MULTIPLIER);
  return product ^ (product >>> 15);
}
