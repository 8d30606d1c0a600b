/** A place: which use and how long in one number, and the text. */
const PLACE_BYTES = 96;
const TEXT_AT = 4;
/** Longer texts are not remembered: ids and addresses of records are shorter. */
const TEXT_BYTES_MAX = PLACE_BYTES - TEXT_AT;
/** Ids differ in their last bytes, and addresses end with ids. Texts that are alike there only push one another out. */
const HASHED_BYTES = 16;
const MULTIPLIER = 0x9e3779b1;

/** What texts become in one use of a memo. */
export interface MemoizedText {
  readonly of: (text: string) => string;
  /** The text is `bytes[start, end)` in UTF-8. */
  readonly ofBytes: (bytes: Buffer, start: number, end: number) => string;
}

/**
 * Remembers what texts have become, by their bytes: no string is made of a text that is met again. A text has two places to
 * be in; of those that want the same two the latest are remembered, so that memory has a bound.
 */
export class TextMemo {
  private readonly mask: number;
  private readonly bytes: Buffer;
  private readonly words: Int32Array;
  private readonly results: string[];
  private readonly scratch = Buffer.allocUnsafeSlow(TEXT_BYTES_MAX);
  private useCount = 0;
  /** The last text that was pushed out stood in the second of its places. */
  private pushedSecond = false;

  /** @param textsMax most texts remembered, of all uses together */
  constructor(textsMax: number) {
    const places = 2 ** Math.max(1, Math.floor(Math.log2(Math.max(textsMax, 1))));
    this.mask = places - 1;
    this.bytes = Buffer.alloc(places * PLACE_BYTES);
    this.words = new Int32Array(this.bytes.buffer, 0, (places * PLACE_BYTES) / 4);
    this.results = Array.from({ length: places }, () => '');
  }

  /** @param become the same for the same text, always */
  use(become: (text: string) => string): MemoizedText {
    const use = ++this.useCount;
    const ofBytes = (bytes: Buffer, start: number, end: number): string => {
      if (end - start > TEXT_BYTES_MAX) return become(bytes.toString('utf8', start, end));
      const head = use * PLACE_BYTES + end - start;
      const place = hashOf(head, bytes, start, end) & this.mask;
      if (this.holds(place, head, bytes, start, end)) return this.results[place] as string;
      if (this.holds(place ^ 1, head, bytes, start, end)) return this.results[place ^ 1] as string;
      const result = become(bytes.toString('utf8', start, end));
      const free = this.freePlace(place);
      bytes.copy(this.bytes, free * PLACE_BYTES + TEXT_AT, start, end);
      this.words[(free * PLACE_BYTES) / 4] = head;
      this.results[free] = result;
      return result;
    };
    const of = (text: string): string => {
      if (text.length * 3 > TEXT_BYTES_MAX) return become(text);
      return ofBytes(this.scratch, 0, this.scratch.write(text));
    };
    return { of, ofBytes };
  }

  private holds(place: number, head: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.words[(place * PLACE_BYTES) / 4] !== head) return false;
    const own = this.bytes;
    for (let at = start, to = place * PLACE_BYTES + TEXT_AT; at < end; at++, to++)
      if (own[to] !== bytes[at]) return false;
    return true;
  }

  private freePlace(place: number): number {
    if (this.words[(place * PLACE_BYTES) / 4] === 0) return place;
    if (this.words[((place ^ 1) * PLACE_BYTES) / 4] === 0) return place ^ 1;
    this.pushedSecond = !this.pushedSecond;
    return this.pushedSecond ? place ^ 1 : place;
  }
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
