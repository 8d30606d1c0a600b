import { MediaError } from '../rewriter.ts';
import type { Delimiter } from './delimiter.ts';

/** Receives the cells of a file from the scanner. Positions are indexes into the window. */
export interface RowSink {
  /** A cell in `[start, end)`, quotes included. `isDoubled`: a quote inside it is written as two. */
  readonly cell: (start: number, end: number, isQuoted: boolean, isDoubled: boolean) => void;
  /** The row is over; the next one begins at `next`. */
  readonly row: (next: number) => void;
}

const CELL = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote in a quoted cell: it ends the cell, or is the first of two. */
const QUOTE_SEEN = 3;
/** After a carriage return: a line feed must come. */
const RETURN_SEEN = 4;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

/** Strict CSV (RFC 4180, LF allowed for CRLF) cell by cell; stops anywhere and goes on from there. */
export class RowScanner {
  pos: number;
  private start: number;
  private base = 0;
  private state = CELL;
  private isQuoted = false;
  private isDoubled = false;
  private readonly delimiter: number;
  /** By byte: 1 if it has no meaning of its own in a cell without quotes. */
  private readonly plain = new Uint8Array(256).fill(1);
  private readonly sink: RowSink;

  /** @param base offset of index 0 in the document */
  constructor(sink: RowSink, delimiter: Delimiter, pos: number, base: number) {
    this.sink = sink;
    this.delimiter = delimiter.charCodeAt(0);
    this.pos = pos;
    this.start = pos;
    this.base = base;
    for (const byte of [0, LINE_FEED, RETURN, QUOTE, this.delimiter]) this.plain[byte] = 0;
  }

  /** Reads `bytes[pos, end)`. @throws MediaError */
  run(bytes: Buffer, end: number): void {
    while (this.pos < end) this.step(bytes, end);
  }

  /** The file ends at `end`, after a line end or in the last row. @param rowStart where the open row begins */
  finish(end: number, rowStart: number): void {
    if (this.state === QUOTED) this.fail('A quoted cell does not end', end);
    if (this.state === RETURN_SEEN) this.fail('A carriage return stands alone', end);
    if (end === rowStart) return;
    this.endCell(end);
    this.sink.row(end);
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    this.pos -= count;
    this.start -= count;
    this.base += count;
  }

  private step(bytes: Buffer, end: number): void {
    switch (this.state) {
      case QUOTED:
        this.readQuoted(bytes, end);
        return;
      case RETURN_SEEN:
        if (bytes[this.pos] !== LINE_FEED) this.fail('A carriage return stands alone', this.pos);
        this.pos++;
        this.endRow();
        return;
      case CELL:
        if (bytes[this.pos] !== QUOTE) break;
        this.state = QUOTED;
        this.isQuoted = true;
        this.pos++;
        return;
      case QUOTE_SEEN:
        if (bytes[this.pos] !== QUOTE) break;
        this.state = QUOTED;
        this.isDoubled = true;
        this.pos++;
        return;
    }
    this.readPlain(bytes, end);
  }

  private readPlain(bytes: Buffer, end: number): void {
    let { pos } = this;
    if (this.state !== QUOTE_SEEN) {
      while (pos < end && this.plain[bytes[pos] as number] === 1) pos++;
      if (pos > this.pos) this.state = PLAIN;
      this.pos = pos;
      if (pos === end) return;
    }
    const byte = bytes[pos];
    if (byte === this.delimiter) {
      this.endCell(pos);
      this.start = pos + 1;
    } else if (byte === LINE_FEED || byte === RETURN) {
      this.endCell(pos);
      if (byte === RETURN) this.state = RETURN_SEEN;
    } else {
      this.fail('A quote or a NUL stands where none may', pos);
    }
    this.pos = pos + 1;
    if (byte === LINE_FEED) this.endRow();
  }

  private readQuoted(bytes: Buffer, end: number): void {
    let { pos } = this;
    while (pos < end && bytes[pos] !== QUOTE && bytes[pos] !== 0) pos++;
    this.pos = pos;
    if (pos === end) return;
    if (bytes[pos] === 0) this.fail('A NUL stands where none may', pos);
    this.state = QUOTE_SEEN;
    this.pos++;
  }

  private endCell(end: number): void {
    this.sink.cell(this.start, end, this.isQuoted, this.isDoubled);
    this.state = CELL;
    this.isQuoted = false;
    this.isDoubled = false;
  }

  private endRow(): void {
    this.state = CELL;
    this.start = this.pos;
    this.sink.row(this.pos);
  }

  private fail(message: string, at: number): never {
    throw new MediaError('malformed', message, this.base + at);
  }
}
