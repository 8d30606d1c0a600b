/** A place: which use and how long in one number, and the text. */
const PLACE_BYTES = 96;
const TEXT_AT = 4;
/** Longer texts are not remembered: ids and addresses of records are shorter. */
const TEXT_BYTES_MAX = PLACE_BYTES - TEXT_AT;
const FNV_PRIME = 0x01000193;

/** What texts become in one use of a memo. */
export interface MemoizedText {
  readonly of: (text: string) => string;
  /** The text is `bytes[start, end)` in UTF-8. */
  readonly ofBytes: (bytes: Buffer, start: number, end: number) => string;
}

/**
 * Remembers what texts have become, by their bytes: no string is made of a text that is met again. Of two texts that fall
 * into one place the later is remembered, so that memory has a bound and nothing is ever searched for.
 */
export class TextMemo {
  private readonly mask: number;
  private readonly bytes: Buffer;
  private readonly words: Int32Array;
  private readonly results: string[];
  private readonly scratch = Buffer.allocUnsafeSlow(TEXT_BYTES_MAX);
  private useCount = 0;

  /** @param textsMax most texts remembered, of all uses together */
  constructor(textsMax: number) {
    const places = 2 ** Math.floor(Math.log2(Math.max(textsMax, 1)));
    this.mask = places - 1;
    this.bytes = Buffer.alloc(places * PLACE_BYTES);
    this.words = new Int32Array(this.bytes.buffer, 0, (places * PLACE_BYTES) / 4);
    this.results = new Array<string>(places).fill('');
  }

  /** @param become the same for the same text, always */
  use(become: (text: string) => string): MemoizedText {
    const use = ++this.useCount;
    const ofBytes = (bytes: Buffer, start: number, end: number): string => {
      if (end - start > TEXT_BYTES_MAX) return become(bytes.toString('utf8', start, end));
      const head = use * PLACE_BYTES + end - start;
      const place = this.placeOf(head, bytes, start, end);
      if (this.holds(place, head, bytes, start, end)) return this.results[place] as string;
      const result = become(bytes.toString('utf8', start, end));
      bytes.copy(this.bytes, place * PLACE_BYTES + TEXT_AT, start, end);
      this.words[(place * PLACE_BYTES) / 4] = head;
      this.results[place] = result;
      return result;
    };
    const of = (text: string): string => {
      if (text.length * 3 > TEXT_BYTES_MAX) return become(text);
      return ofBytes(this.scratch, 0, this.scratch.write(text));
    };
    return { of, ofBytes };
  }

  private placeOf(head: number, bytes: Buffer, start: number, end: number): number {
    let hash = head;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
    return (hash ^ (hash >>> 15)) & this.mask;
  }

  private holds(place: number, head: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.words[(place * PLACE_BYTES) / 4] !== head) return false;
    const own = this.bytes;
    for (let at = start, to = place * PLACE_BYTES + TEXT_AT; at < end; at++, to++)
      if (own[to] !== bytes[at]) return false;
    return true;
  }
}
