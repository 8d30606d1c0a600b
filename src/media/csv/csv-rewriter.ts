import type { Limits } from '../../limits.ts';
import { type DocumentWalk, leaving } from '../document-walk.ts';
import { failFast, failFastLater } from '../fail-fast.ts';
import type { NameTable } from '../name-table.ts';
import type { DocumentHandler, NotingHandler } from '../record.ts';
import { type DeferringRewriter, MediaError, type Rewriter } from '../rewriter.ts';
import { Splices } from '../splices.ts';
import { Utf8Gate } from '../utf8-gate.ts';
import { Window } from '../window.ts';
import { type Delimiter, HeaderSniffer } from './delimiter.ts';
import { Row } from './row.ts';
import { RowBacklog } from './row-backlog.ts';
import { RowScanner } from './row-scanner.ts';

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** What some exports write before the header, to tell Excel the delimiter. */
const DELIMITER_NOTE = /^sep=.?$/i;

interface CsvWalkOptions {
  /** Object of the rows' records. */
  readonly object: string;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'csvColumnsMax'>;
  /** Left out: detected in the header row. */
  readonly delimiter?: Delimiter;
  /** The handler is asked, but the bytes pass as they are. */
  readonly dryRun?: boolean;
  /** Columns to take out, by header; the handler still sees them. At least one column must stay. */
  readonly isDropped?: (name: string) => boolean;
}

export interface CsvRewriterOptions extends CsvWalkOptions {
  readonly handler: DocumentHandler;
}

export interface DeferringCsvRewriterOptions<Noted> extends CsvWalkOptions {
  readonly handler: NotingHandler<Noted>;
}

/**
 * Rewrites CSV (RFC 4180, UTF-8, LF or CRLF) as it streams by, row by row. The first row is the header; each row after
 * it is a record whose fields are named by the header. Untouched cells stay what they are, quotes included.
 */
export function createCsvRewriter(options: CsvRewriterOptions): Rewriter {
  const { handler, dryRun = false } = options;
  const splices = dryRun ? undefined : new Splices();
  const walk = createWalk(options, {
    header: (row) => row.splice(splices),
    record: (row, start, next) => {
      const keep = handler.record(row);
      row.splice(keep ? splices : undefined);
      if (!keep) splices?.cut(start, next);
    },
  });
  const leave = leaving(walk, splices);
  return failFast({
    push(chunk) {
      const out = leave(walk.take(chunk));
      return dryRun ? chunk : out;
    },
    end() {
      return leave(walk.finish());
    },
  });
}

/** The same in two steps; see `DeferringRewriter`. Everything walked through is held until it is decided on. */
export function createDeferringCsvRewriter<Noted>(
  options: DeferringCsvRewriterOptions<Noted>,
): DeferringRewriter {
  const backlog = new RowBacklog(options.handler, options.dryRun === true ? undefined : new Splices());
  const walk = createWalk(options, {
    header: (row) => backlog.header(row),
    record: (row, start, next) => backlog.note(row, start, next),
  });
  const { window } = walk;

  function leave(to: number): void {
    if (to === 0) {
      walk.hold();
      return;
    }
    backlog.part(window.lend(to));
    walk.release(to);
  }

  return failFastLater({
    push: (chunk) => leave(walk.take(chunk)),
    end: () => leave(walk.finish()),
    next: () => backlog.next(),
    waiting: () => backlog.waiting,
  });
}

interface RowHandler {
  readonly header: (row: Row) => void;
  /** A row ends where the next one starts. */
  readonly record: (row: Row, start: number, next: number) => void;
}

function createWalk(options: CsvWalkOptions, { header, record }: RowHandler): DocumentWalk {
  const { limits, names } = options;
  const window = new Window();
  const gate = new Utf8Gate();
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
          cells.becomeHeader(options.isDropped);
          if (DELIMITER_NOTE.test(cells.name(0))) fail('ambiguous', 'The first row is not the header');
          header(cells);
        } else {
          if (cells.size < cells.columns) fail('malformed', 'A row has fewer cells than the header');
          if (cells.holdsNameless()) fail('malformed', 'A cell stands in a column without a name');
          record(cells, rowStart, next);
        }
        cells.clear();
        rowStart = next;
      },
    };
  }

  return {
    window,
    take: (chunk) => {
      gate.check(chunk);
      window.take(chunk);
      scanner ??= begin(false);
      scanner?.run(window.bytes, window.length);
      if (window.length - rowStart > limits.recordBytesMax) fail('limit', 'A row is too long');
      return rowStart;
    },
    finish: () => {
      gate.end();
      if (window.length > 0) {
        scanner ??= begin(true);
        scanner?.run(window.bytes, window.length);
      }
      scanner?.finish(window.length, rowStart);
      return window.length;
    },
    release: (to) => {
      window.release(to);
      scanner?.shift(to);
      row?.shift(to);
      rowStart -= to;
    },
    hold: () => window.release(0),
  };
}
