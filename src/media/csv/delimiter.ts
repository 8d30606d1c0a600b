/** Delimiters that CRMs write (Salesforce Bulk API 2.0 `columnDelimiter`). */
export const DELIMITERS = [',', ';', '\t', '|', '^', '`'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** Looks at the header row as it comes, to find its end and its delimiter. */
export class HeaderSniffer {
  /** The next byte to look at. */
  pos = 0;
  private isQuoted = false;
  private readonly found = new Set<Delimiter>();

  /** Position after the header row's line feed; -1 when it is not in `bytes[0, end)`. */
  lineEnd(bytes: Buffer, end: number): number {
    while (this.pos < end) {
      const byte = bytes[this.pos++] as number;
      if (byte === QUOTE) this.isQuoted = !this.isQuoted;
      else if (this.isQuoted) continue;
      else if (byte === LINE_FEED) return this.pos;
      else this.note(String.fromCharCode(byte));
    }
    return -1;
  }

  /** The delimiter; a comma when there is only one column; undefined when two are possible. */
  get delimiter(): Delimiter | undefined {
    if (this.found.size > 1) return undefined;
    const [delimiter = ','] = this.found;
    return delimiter;
  }

  private note(character: string): void {
    const delimiter = DELIMITERS.find((known) => known === character);
    if (delimiter !== undefined) this.found.add(delimiter);
  }
}
