import type { NameTable } from '../name-table.ts';
import { MediaError, type MediaErrorReason } from '../rewriter.ts';
import { escapeLength, isSpace, literalAt, spellingOf } from './grammar.ts';
import { BOOLEAN, CONTAINER, type Kind, NULL, NUMBER, STRING } from './kind.ts';
import { inNumber, NUMBER_START, nextNumberState, numberMayEnd } from './number.ts';
import {
  RUN_CLOSES,
  RUN_END,
  RUN_ESCAPED,
  RUN_FLAGS,
  RUN_KEY,
  RUN_KIND_BITS,
  RUN_START,
  RUN_STRIDE,
  type RunReader,
  runReaderOf,
} from './runs/run-reader.ts';
import type { TokenSink } from './token-sink.ts';

const VALUE = 0;
const FIRST_ITEM = 1;
const FIRST_NAME = 2;
const NEXT_NAME = 3;
const COLON = 4;
const AFTER = 5;
const DONE = 6;
const IN_STRING = 7;
const IN_NAME = 8;
const IN_NUMBER = 9;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Scans strict JSON (RFC 8259) token by token over a window that grows at its end. Stops anywhere, even inside a token,
 * and goes on from there; only an escape or a literal that was cut in two is read again.
 */
export class Scanner {
  /** The next byte to read. */
  pos = 0;
  /** Where the current token began. */
  start = 0;
  depth = 0;
  /** Offset of index 0 in the document, for errors. */
  private base = 0;
  private state = VALUE;
  private escaped = false;
  private numberState = NUMBER_START;
  /** 1 for an object, 0 for an array, by depth. */
  private readonly isObject: Uint8Array;
  private readonly depthMax: number;
  private readonly sink: TokenSink;
  private readonly names: NameTable | undefined;
  private readonly runs: RunReader | undefined;
  private readonly lines: boolean;

  /**
   * @param depthMax `limits.depthMax`
   * @param names where `expected` is looked up
   * @param lines the document is JSON lines: values, each on one line
   */
  constructor(sink: TokenSink, depthMax: number, names?: NameTable, lines = false) {
    this.sink = sink;
    this.depthMax = depthMax;
    this.isObject = new Uint8Array(depthMax + 1);
    this.names = names;
    this.runs = names === undefined ? undefined : runReaderOf(names);
    this.lines = lines;
  }

  /** Inside a member name. */
  get isInName(): boolean {
    return this.state === IN_NAME;
  }

  /** Inside a string or number. */
  get isInScalar(): boolean {
    return this.state === IN_STRING || this.state === IN_NUMBER;
  }

  /** Reads `bytes[pos, end)` as far as it can. @throws MediaError */
  run(bytes: Buffer, end: number): void {
    this.runs?.forget();
    let goesOn = true;
    while (goesOn && this.pos < end)
      goesOn =
        this.state === NEXT_NAME && bytes[this.pos] === QUOTE
          ? this.beginName(bytes, end)
          : this.step(bytes, end);
  }

  /** The document ends at `end`. @throws MediaError when the document is incomplete */
  finish(end: number): void {
    if (this.state === IN_NUMBER && this.depth === 0) this.endNumber(end);
    const complete = this.state === DONE || (this.lines && this.state === VALUE && this.depth === 0);
    if (!complete || this.pos < end) this.fail('malformed', 'The JSON ends too early', end);
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    this.pos -= count;
    this.start -= count;
    this.base += count;
  }

  private fail(reason: MediaErrorReason, message: string, at: number): never {
    throw new MediaError(reason, message, this.base + at);
  }

  /** False when more bytes are needed. */
  private step(bytes: Buffer, end: number): boolean {
    const byte = bytes[this.pos] as number;
    switch (this.state) {
      case NEXT_NAME:
      case FIRST_NAME:
        if (byte === QUOTE) return this.beginName(bytes, end);
        break;
      case VALUE:
      case FIRST_ITEM:
        if (byte === QUOTE) return this.beginString(bytes, end);
        break;
      case AFTER:
        return this.after(byte, bytes, end);
      case COLON:
        if (byte !== 0x3a) break;
        this.state = VALUE;
        this.pos++;
        return true;
      case IN_STRING:
        return this.readString(bytes, end);
      case IN_NAME:
        return this.readName(bytes, end);
      case IN_NUMBER:
        return this.readNumber(bytes, end);
    }
    if (isSpace(byte)) return this.skipSpace(bytes, end);
    return this.begin(byte, bytes, end);
  }

  /** Begins a token other than a string, when a value, a name or the end is due. */
  private begin(byte: number, bytes: Buffer, end: number): boolean {
    const { state } = this;
    if (state === FIRST_NAME && byte === 0x7d) return this.close();
    if (state === FIRST_ITEM && byte === 0x5d) return this.close();
    if (state !== VALUE && state !== FIRST_ITEM)
      this.fail('malformed', state === DONE ? 'Data after the JSON' : 'A member was expected', this.pos);
    if (byte === 0x7b) return this.open(true);
    if (byte === 0x5b) return this.open(false);
    if (inNumber(byte)) {
      this.start = this.pos;
      this.state = IN_NUMBER;
      this.numberState = NUMBER_START;
      return this.readNumber(bytes, end);
    }
    return this.literal(byte, bytes, end);
  }

  private beginName(bytes: Buffer, end: number): boolean {
    const start = this.pos + 1;
    const { names, sink } = this;
    const { expected } = sink;
    if (expected >= 0 && names !== undefined) {
      if (this.readRun(bytes, end)) return true;
      const close = names.matches(expected, bytes, start, end);
      if (close >= 0) {
        this.pos = close + 1;
        this.state = COLON;
        sink.expectedName(expected, start);
        return this.colon(bytes, end);
      }
    }
    this.start = this.pos;
    this.pos = start;
    this.escaped = false;
    this.state = IN_NAME;
    return this.readName(bytes, end);
  }

  /** False when no run begins here. */
  private readRun(bytes: Buffer, end: number): boolean {
    const { runs, sink } = this;
    if (runs === undefined || runs.isBusy) return false;
    const count = runs.read(bytes, this.pos, end, sink.expected, sink.otherExpected);
    if (count === 0) return false;
    const after = runs.end;
    runs.isBusy = true;
    try {
      this.handOver(runs, count);
    } finally {
      runs.isBusy = false;
    }
    this.pos = after;
    return true;
  }

  private handOver(runs: RunReader, count: number): void {
    const { sink } = this;
    const { rows, shift } = runs;
    let from = 0;
    let { takesRuns } = sink;
    for (let row = 0; row < count; row++) {
      const at = row * RUN_STRIDE;
      const flags = rows[at + RUN_FLAGS] as number;
      if (takesRuns && (flags & ~RUN_ESCAPED) < CONTAINER) continue;
      if (row > from) sink.run(runs, from, row);
      from = row + 1;
      this.state = AFTER;
      if (flags === RUN_CLOSES) {
        this.depth--;
        sink.close((rows[at + RUN_END] as number) + shift);
        takesRuns = sink.takesRuns;
        continue;
      }
      sink.expectedName((rows[at] as number) - 1, (rows[at + RUN_KEY] as number) + shift + 1);
      const start = (rows[at + RUN_START] as number) + shift;
      const kind = (flags & RUN_KIND_BITS) as Kind;
      if (kind === CONTAINER) {
        this.openAt(start, true);
        takesRuns = sink.takesRuns;
      } else {
        sink.scalar(kind, start, (rows[at + RUN_END] as number) + shift, (flags & RUN_ESCAPED) !== 0);
      }
    }
    if (from === count) return;
    this.state = AFTER;
    sink.run(runs, from, count);
  }

  private readName(bytes: Buffer, end: number): boolean {
    const close = this.closingQuote(bytes, end);
    if (close < 0) return false;
    this.pos = close + 1;
    this.state = COLON;
    this.sink.name(this.start + 1, close, this.escaped);
    return this.colon(bytes, end);
  }

  /** Reads on when the colon follows at once. */
  private colon(bytes: Buffer, end: number): boolean {
    const { pos } = this;
    if (pos + 1 >= end || bytes[pos] !== 0x3a) return true;
    this.pos = pos + 1;
    this.state = VALUE;
    return bytes[pos + 1] === QUOTE ? this.beginString(bytes, end) : true;
  }

  private beginString(bytes: Buffer, end: number): boolean {
    this.start = this.pos;
    this.pos++;
    this.escaped = false;
    this.state = IN_STRING;
    return this.readString(bytes, end);
  }

  private readString(bytes: Buffer, end: number): boolean {
    const close = this.closingQuote(bytes, end);
    if (close < 0) return false;
    this.pos = close + 1;
    this.valueEnded();
    this.sink.scalar(STRING, this.start, close + 1, this.escaped);
    this.nextMember(bytes, end);
    return true;
  }

  /** Position of the closing quote of the string that `pos` is in; -1 when it has not come yet. */
  private closingQuote(bytes: Buffer, end: number): number {
    let { pos } = this;
    for (;;) {
      let byte = 0;
      while (pos < end) {
        byte = bytes[pos] as number;
        if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break;
        pos++;
      }
      if (pos >= end) break;
      if (byte === QUOTE) return pos;
      if (byte !== BACKSLASH) this.fail('malformed', 'A control character stands in a string', pos);
      const length = escapeLength(bytes, pos, end);
      if (length < 0) this.fail('malformed', 'An escape is not one of JSON', pos);
      if (length === 0) break;
      this.escaped = true;
      pos += length;
    }
    this.pos = pos;
    return -1;
  }

  private readNumber(bytes: Buffer, end: number): boolean {
    let { pos, numberState: state } = this;
    while (pos < end && inNumber(bytes[pos] as number)) {
      state = nextNumberState(state, bytes[pos] as number);
      if (state === NUMBER_START) this.fail('malformed', 'A number is not one of JSON', pos);
      pos++;
    }
    this.pos = pos;
    this.numberState = state;
    if (pos === end) return false;
    this.endNumber(pos);
    return true;
  }

  private endNumber(end: number): void {
    if (!numberMayEnd(this.numberState)) this.fail('malformed', 'A number is incomplete', end);
    this.valueEnded();
    this.sink.scalar(NUMBER, this.start, end, false);
  }

  private literal(byte: number, bytes: Buffer, end: number): boolean {
    const spelling = spellingOf(byte);
    if (spelling === undefined) this.fail('malformed', 'A value was expected', this.pos);
    const start = this.pos;
    if (!literalAt(spelling, bytes, start, end)) this.fail('malformed', 'A value was expected', start);
    if (end - start < spelling.length) return false;
    this.start = start;
    this.pos = start + spelling.length;
    this.valueEnded();
    this.sink.scalar(byte === 0x6e ? NULL : BOOLEAN, start, this.pos, false);
    return true;
  }

  private open(isObject: boolean): boolean {
    this.openAt(this.pos, isObject);
    this.pos++;
    return true;
  }

  private openAt(start: number, isObject: boolean): void {
    if (this.depth >= this.depthMax) this.fail('limit', 'The JSON is nested too deeply', start);
    this.depth++;
    this.isObject[this.depth] = isObject ? 1 : 0;
    this.state = isObject ? FIRST_NAME : FIRST_ITEM;
    this.sink.open(isObject, start);
  }

  private close(): boolean {
    this.depth--;
    this.pos++;
    this.valueEnded();
    this.sink.close(this.pos);
    return true;
  }

  private after(byte: number, bytes: Buffer, end: number): boolean {
    const inObject = this.isObject[this.depth] === 1;
    if (byte === 0x2c) {
      if (inObject) {
        this.state = NEXT_NAME;
      } else {
        this.state = VALUE;
        this.sink.comma(this.pos);
      }
      this.pos++;
      return true;
    }
    if (byte === (inObject ? 0x7d : 0x5d)) return this.close();
    if (isSpace(byte)) return this.skipSpace(bytes, end);
    return this.fail('malformed', 'A comma or the end was expected', this.pos);
  }

  /** Reads on when another member follows at once. */
  private nextMember(bytes: Buffer, end: number): void {
    const { pos, depth } = this;
    if (depth === 0 || this.isObject[depth] === 0 || pos >= end || bytes[pos] !== 0x2c) return;
    this.state = NEXT_NAME;
    this.pos = pos + 1;
  }

  private valueEnded(): void {
    this.state = this.depth === 0 ? DONE : AFTER;
  }

  private skipSpace(bytes: Buffer, end: number): boolean {
    let { pos } = this;
    while (pos < end && isSpace(bytes[pos] as number)) {
      if (this.lines && bytes[pos] === LINE_FEED) this.lineFeed(pos);
      pos++;
    }
    this.pos = pos;
    return true;
  }

  private lineFeed(at: number): void {
    if (this.depth > 0) this.fail('malformed', 'A value goes on over the end of its line', at);
    if (this.state !== DONE) return;
    this.state = VALUE;
    this.sink.line(at);
  }
}
