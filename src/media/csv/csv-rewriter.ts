import type { Limits } from '../../limits.ts';
import { failFast } from '../fail-fast.ts';
import type { NameTable } from '../name-table.ts';
import type { DocumentHandler } from '../record.ts';
import { MediaError, type Rewriter } from '../rewriter.ts';
import { Splices } from '../splices.ts';
import { Utf8Gate } from '../utf8-gate.ts';
import { Window } from '../window.ts';
import { type Delimiter, HeaderSniffer } from './delimiter.ts';
import { Row } from './row.ts';
import { RowScanner } from './row-scanner.ts';

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

const EMPTY = Buffer.alloc(0);

export interface CsvRewriterOptions {
  /** Object whose records the rows are. */
  readonly object: string;
  readonly handler: DocumentHandler;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'csvColumnsMax'>;
  /** Left out: told from the header row. */
  readonly delimiter?: Delimiter;
  /** The handler is asked, but the bytes pass as they are. */
  readonly dryRun?: boolean;
}

/**
 * Rewrites CSV (RFC 4180, UTF-8, LF or CRLF) as it streams by, row by row. The first row is the header; each row after it
 * is a record whose fields are named by the header. Untouched cells stay what they are, quotes included.
 */
export function createCsvRewriter(options: CsvRewriterOptions): Rewriter {
  const { handler, limits, names, dryRun = false } = options;
  const window = new Window();
  const gate = new Utf8Gate();
  const splices = dryRun ? undefined : new Splices();
  const sniffer = new HeaderSniffer();
  let scanner: RowScanner | undefined;
  let rowStart = 0;

  function fail(reason: 'malformed' | 'limit' | 'ambiguous', message: string): never {
    throw new MediaError(reason, message, window.base + rowStart);
  }

  /** Undefined until the header row has come whole. */
  function begin(isLast: boolean): RowScanner | undefined {
    if (options.delimiter === undefined && sniffer.lineEnd(window.bytes, window.length) < 0 && !isLast)
      return undefined;
    const mark = window.bytes.subarray(0, Math.min(window.length, BYTE_ORDER_MARK.length));
    const isMarked = mark.equals(BYTE_ORDER_MARK);
    if (!isLast && !isMarked && window.length < 3 && BYTE_ORDER_MARK.subarray(0, mark.length).equals(mark))
      return undefined;
    const delimiter = options.delimiter ?? sniffer.delimiter;
    if (delimiter === undefined) fail('ambiguous', 'The header has more than one possible delimiter');
    rowStart = isMarked ? BYTE_ORDER_MARK.length : 0;
    return new RowScanner(rowsOf(delimiter), delimiter, rowStart, window.base);
  }

  let row: Row | undefined;
  function rowsOf(delimiter: Delimiter) {
    const cells = new Row(options.object, delimiter, window, names);
    row = cells;
    return {
      cell(start: number, end: number, isQuoted: boolean, isDoubled: boolean): void {
        if (cells.size === limits.csvColumnsMax) fail('limit', 'A row has too many cells');
        cells.add(start, end, isQuoted, isDoubled);
        if (cells.columns > 0 && cells.size > cells.columns)
          fail('malformed', 'A row has more cells than the header');
      },
      row(next: number): void {
        if (next - rowStart > limits.recordBytesMax) fail('limit', 'A row is too long');
        if (cells.columns === 0) {
          cells.becomeHeader();
        } else {
          if (cells.size < cells.columns) fail('malformed', 'A row has fewer cells than the header');
          const keep = handler.record(cells);
          cells.splice(keep ? splices : undefined);
          if (!keep) splices?.cut(rowStart, next);
        }
        cells.clear();
        rowStart = next;
      },
    };
  }

  function leave(to: number): Buffer {
    const { bytes, borrowed } = window;
    if (to === 0) {
      // Nothing may be done that grows with what is held.
      window.release(0);
      return EMPTY;
    }
    const out =
      splices?.render(bytes, to) ?? (borrowed ? bytes.subarray(0, to) : Buffer.from(bytes.subarray(0, to)));
    window.release(to);
    scanner?.shift(to);
    row?.shift(to);
    splices?.shift(to);
    rowStart -= to;
    return out;
  }

  return failFast({
    push(chunk) {
      gate.check(chunk);
      window.take(chunk);
      scanner ??= begin(false);
      scanner?.run(window.bytes, window.length);
      if (window.length - rowStart > limits.recordBytesMax) fail('limit', 'A row is too long');
      const out = leave(rowStart);
      return dryRun ? chunk : out;
    },
    end() {
      gate.end();
      if (window.length > 0) {
        scanner ??= begin(true);
        scanner?.run(window.bytes, window.length);
      }
      scanner?.finish(window.length, rowStart);
      const out = leave(window.length);
      return dryRun ? EMPTY : out;
    },
  });
}
