import { isUtf8 } from 'node:buffer';

/** One row of a file. */
export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Undefined when it is no valid row; then `problem` says why. */
  readonly cells: readonly string[] | undefined;
  readonly problem?: string;
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const NOTHING = Buffer.alloc(0);

/**
 * Reads CSV (RFC 4180 with commas, UTF-8, LF or CRLF, with or without byte order mark) row by row. Unlike the rewriter,
 * which must not let a broken file pass, it says what is wrong with a row and goes on with the next; where a quoted
 * cell never ends, with the next line. Empty lines are passed over.
 * @param bytesMax of one row
 */
export async function* csvRows(chunks: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<CsvRow> {
  let held: Buffer = NOTHING;
  let line = 1;
  let isFirst = true;
  /** Within a line that was too long. */
  let isSkipping = false;

  function* take(isLast: boolean): Generator<CsvRow> {
    let start = 0;
    if (isSkipping) {
      start = lineEnd(held, 0);
      isSkipping = held[start - 1] !== LINE_FEED;
      if (!isSkipping) line += 1;
    }
    while (start < held.length) {
      const next = nextRow(held, start, isLast, bytesMax);
      if (next === undefined) break;
      if (next.row !== undefined) yield { line, cells: undefined, ...next.row };
      for (const byte of held.subarray(start, next.end)) if (byte === LINE_FEED) line += 1;
      start = next.end;
      isSkipping = start === held.length && held[start - 1] !== LINE_FEED;
    }
    held = held.subarray(start);
  }

  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (isFirst && held.length < BYTE_ORDER_MARK.length) continue;
    if (isFirst && held.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
      held = held.subarray(BYTE_ORDER_MARK.length);
    isFirst = false;
    yield* take(false);
  }
  yield* take(true);
}

type Row = Pick<CsvRow, 'problem'> & Partial<CsvRow>;

/** The next row; undefined when more bytes are needed. The row in the result is undefined for an empty line. */
function nextRow(
  held: Buffer,
  start: number,
  isLast: boolean,
  bytesMax: number,
): { readonly end: number; readonly row: Row | undefined } | undefined {
  const { end, isOpen } = rowEnd(held, start);
  if (end !== -1) return { end, row: readRow(held.subarray(start, end), bytesMax) };
  if (isLast && !isOpen) return { end: held.length, row: readRow(held.subarray(start), bytesMax) };
  if (!isLast && held.length - start <= bytesMax) return undefined;
  const problem = isOpen ? 'found a quoted cell that does not end' : tooLong(bytesMax);
  return { end: lineEnd(held, start), row: { problem } };
}

/** Index after the row that begins at `start`; -1 when its end has not come yet, with whether a quoted cell is open. */
function rowEnd(bytes: Buffer, start: number): { readonly end: number; readonly isOpen: boolean } {
  let isOpen = false;
  let isCellStart = true;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isOpen) {
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] === QUOTE) at += 1;
      else isOpen = false;
      continue;
    }
    if (byte === LINE_FEED) return { end: at + 1, isOpen };
    isOpen = isCellStart && byte === QUOTE;
    isCellStart = byte === COMMA;
  }
  return { end: -1, isOpen };
}

function lineEnd(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(LINE_FEED, start);
  return end === -1 ? bytes.length : end + 1;
}

/** Undefined for an empty line. */
function readRow(bytes: Buffer, bytesMax: number): Row | undefined {
  if (bytes.length > bytesMax) return { problem: tooLong(bytesMax) };
  if (!isUtf8(bytes)) return { problem: 'found a row that is not UTF-8' };
  const text = bytes.toString().replace(/\r?\n$/, '');
  if (text === '') return undefined;
  const cells = cellsOf(text);
  return cells === undefined ? { problem: 'found a quote or a line end where none may stand' } : { cells };
}

function tooLong(bytesMax: number): string {
  return `found a row of more than ${bytesMax} bytes (limits.consentRowBytesMax)`;
}

const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|$)/y;

function cellsOf(row: string): readonly string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ; at = CELL.lastIndex) {
    CELL.lastIndex = at;
    const [, quoted, plain = '', comma] = CELL.exec(row) ?? [];
    if (comma === undefined) return undefined;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (comma === '') return cells;
  }
}
