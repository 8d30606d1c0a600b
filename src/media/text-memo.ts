/** Longer texts are not remembered: ids and addresses of records are shorter. */
const TEXT_BYTES_MAX = 96;
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
  private readonly texts: Buffer;
  private readonly lengths: Uint8Array;
  private readonly uses: Int32Array;
  private readonly results: string[];
  private readonly scratch = Buffer.allocUnsafeSlow(TEXT_BYTES_MAX);
  private useCount = 0;

  /** @param textsMax most texts remembered, of all uses together */
  constructor(textsMax: number) {
    const places = 2 ** Math.floor(Math.log2(Math.max(textsMax, 1)));
    this.mask = places - 1;
    this.texts = Buffer.alloc(places * TEXT_BYTES_MAX);
    this.lengths = new Uint8Array(places);
    this.uses = new Int32Array(places);
    this.results = new Array<string>(places).fill('');
  }

  /** @param become the same for the same text, always */
  use(become: (text: string) => string): MemoizedText {
    const use = ++this.useCount;
    const ofBytes = (bytes: Buffer, start: number, end: number): string => {
      if (end - start > TEXT_BYTES_MAX) return become(bytes.toString('utf8', start, end));
      const place = this.placeOf(use, bytes, start, end);
      if (this.holds(place, use, bytes, start, end)) return this.results[place] as string;
      const result = become(bytes.toString('utf8', start, end));
      this.texts.set(bytes.subarray(start, end), place * TEXT_BYTES_MAX);
      this.lengths[place] = end - start;
      this.uses[place] = use;
      this.results[place] = result;
      return result;
    };
    const of = (text: string): string => {
      if (text.length * 3 > TEXT_BYTES_MAX) return become(text);
      return ofBytes(this.scratch, 0, this.scratch.write(text));
    };
    return { of, ofBytes };
  }

  private placeOf(use: number, bytes: Buffer, start: number, end: number): number {
    let hash = use;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
    return (hash ^ (hash >>> 15)) & this.mask;
  }

  private holds(place: number, use: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.uses[place] !== use || this.lengths[place] !== end - start) return false;
    const { texts } = this;
    for (let at = start, own = place * TEXT_BYTES_MAX; at < end; at++, own++)
      if (texts[own] !== bytes[at]) return false;
    return true;
  }
}
