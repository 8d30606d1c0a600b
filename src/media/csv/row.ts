import { copyBytes } from '../copy-bytes.ts';
import { isLiteral } from '../json/grammar.ts';
import type { NameTable } from '../name-table.ts';
import type { RecordCursor, ValueKind } from '../record.ts';
import type { Splices } from '../splices.ts';
import type { MemoizedText } from '../text-memo.ts';
import type { Window } from '../window.ts';

const STRIDE = 3;
const START = 0;
const END = 1;
const FLAGS = 2;
const IS_QUOTED = 1;
const IS_DOUBLED = 2;

/** The cells of one row; for a handler, a record whose fields they are. */
export class Row implements RecordCursor {
  readonly object: string;
  readonly id: undefined = undefined;
  readonly depth = 0;
  /** Cells so far. */
  size = 0;
  private cells = new Int32Array(STRIDE * 32);
  /** New text by cell; undefined where the cell stays. */
  private readonly edits: (string | undefined)[] = [];
  private isEdited = false;
  private header: string[] = [];
  private headerIds: number[] = [];
  /** Columns that nothing names. */
  private nameless: readonly number[] = [];
  /** Columns to take out; never all of them. */
  private dropped: readonly number[] = [];
  /** The first that stays. */
  private firstKept = 0;
  private readonly delimiter: string;
  private readonly window: Pick<Window, 'bytes'>;
  private readonly names: NameTable;

  constructor(object: string, delimiter: string, window: Pick<Window, 'bytes'>, names: NameTable) {
    this.object = object;
    this.delimiter = delimiter;
    this.window = window;
    this.names = names;
  }

  /** Columns of the header, once it is known. */
  get columns(): number {
    return this.header.length;
  }

  add(start: number, end: number, isQuoted: boolean, isDoubled: boolean): void {
    const at = this.size * STRIDE;
    if (at === this.cells.length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    this.cells[at + START] = start;
    this.cells[at + END] = end;
    this.cells[at + FLAGS] = (isQuoted ? IS_QUOTED : 0) | (isDoubled ? IS_DOUBLED : 0);
    this.size++;
  }

  clear(): void {
    this.size = 0;
  }

  /** A row over other bytes, with the same header. */
  twin(window: Pick<Window, 'bytes'>): Row {
    const twin = new Row(this.object, this.delimiter, window, this.names);
    twin.header = this.header;
    twin.headerIds = this.headerIds;
    twin.dropped = this.dropped;
    twin.firstKept = this.firstKept;
    return twin;
  }

  /** The cells as they are now, for `show`. */
  taken(): Int32Array<ArrayBuffer> {
    return this.cells.slice(0, this.size * STRIDE);
  }

  /** Shows a row that was taken. */
  show(cells: Int32Array<ArrayBuffer>): void {
    this.cells = cells;
    this.size = cells.length / STRIDE;
  }

  /** The cells are the header's. Blanks around a name are not part of it: `name, email` names an email. */
  becomeHeader(isDropped: (name: string) => boolean = () => false): void {
    this.header = Array.from({ length: this.size }, (_, index) => this.text(index).trim());
    this.headerIds = this.header.map((name) => this.names.internText(name));
    this.nameless = this.header.flatMap((name, index) => (name === '' ? [index] : []));
    this.firstKept = this.header.findIndex((name) => !isDropped(name));
    if (this.firstKept < 0) return;
    this.dropped = this.header.flatMap((name, index) => (isDropped(name) ? [index] : []));
  }

  /** True when a value stands in a column that nothing names: nobody can tell what it is. */
  holdsNameless(): boolean {
    return this.nameless.some((index) => this.kind(index) !== 'null');
  }

  name(index: number): string {
    this.check(index);
    return this.header[index] ?? '';
  }

  nameId(index: number): number {
    this.check(index);
    return this.headerIds[index] ?? -1;
  }

  /** An empty cell is how CSV writes null. */
  kind(index: number): ValueKind {
    this.check(index);
    const quotes = this.has(index, IS_QUOTED) ? 2 : 0;
    return this.at(index, END) - this.at(index, START) === quotes ? 'null' : 'string';
  }

  text(index: number): string {
    this.check(index);
    const quote = this.has(index, IS_QUOTED) ? 1 : 0;
    const text = this.window.bytes.toString(
      'utf8',
      this.at(index, START) + quote,
      this.at(index, END) - quote,
    );
    return this.has(index, IS_DOUBLED) ? text.replaceAll('""', '"') : text;
  }

  mayHoldJson(index: number): boolean {
    this.check(index);
    return this.has(index, IS_DOUBLED);
  }

  memoized(index: number, memo: MemoizedText): string {
    return memo.of(this.text(index));
  }

  /** A row has no id outside of its cells. */
  memoizedId(): undefined {
    return undefined;
  }

  copyText(index: number, to: Buffer, at: number): number {
    this.check(index);
    if (this.has(index, IS_DOUBLED)) return -1;
    const quote = this.has(index, IS_QUOTED) ? 1 : 0;
    const start = this.at(index, START) + quote;
    const end = this.at(index, END) - quote;
    return at + end - start > to.length ? -1 : copyBytes(this.window.bytes, to, at, start, end);
  }

  copyId(): number {
    return -1;
  }

  setString(index: number, text: string): void {
    this.check(index);
    this.edits[index] = text;
    this.isEdited = true;
  }

  /** An edited cell may need quotes, so it is edited by its text. */
  editString(): boolean {
    return false;
  }

  /** @throws TypeError when `lexeme` is not a JSON number, boolean or null */
  setLiteral(index: number, lexeme: string): void {
    if (!isLiteral(lexeme)) throw new TypeError('A field can only become a JSON number, boolean or null');
    this.setString(index, lexeme === 'null' ? '' : lexeme);
  }

  /** @throws TypeError always: no cell is a container */
  setContainer(): void {
    throw new TypeError('A cell holds no object or array');
  }

  remove(index: number): void {
    this.setString(index, '');
  }

  /** Makes splices of the edits and dropped cells, unless nothing is to be written, and forgets them. */
  splice(splices: Splices | undefined): void {
    if (splices !== undefined && this.dropped.length > 0) this.drop(splices);
    if (!this.isEdited) return;
    for (let index = 0; index < this.size; index++) {
      const text = this.edits[index];
      if (text === undefined || splices === undefined) continue;
      const from = splices.mark;
      splices.writeRaw(this.encode(text, this.has(index, IS_QUOTED)));
      splices.add(this.at(index, START), this.at(index, END), from, splices.mark);
    }
    this.edits.length = 0;
    this.isEdited = false;
  }

  /** A dropped cell takes along the delimiter between it and the cells that stay. */
  private drop(splices: Splices): void {
    const { firstKept, dropped } = this;
    if (this.keepsOne() && this.at(firstKept, START) === this.at(firstKept, END)) {
      const from = splices.mark;
      splices.writeRaw('""');
      splices.add(this.at(0, START), this.at(this.size - 1, END), from, splices.mark);
      return;
    }
    for (const index of dropped) {
      if (index < firstKept) splices.cut(this.at(index, START), this.at(index + 1, START));
      else splices.cut(this.at(index - 1, END), this.at(index, END));
    }
  }

  private keepsOne(): boolean {
    return this.columns - this.dropped.length === 1;
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) {
      this.cells[at + START] = (this.cells[at + START] as number) - count;
      this.cells[at + END] = (this.cells[at + END] as number) - count;
    }
  }

  /** RFC 4180 section 2. The only cell of a row is quoted when empty, because readers skip an empty line. */
  private encode(text: string, wasQuoted: boolean): string {
    const mustQuote =
      text === '' ? this.keepsOne() : wasQuoted || /["\r\n]/.test(text) || text.includes(this.delimiter);
    return mustQuote ? `"${text.replaceAll('"', '""')}"` : text;
  }

  private at(index: number, column: number): number {
    return this.cells[index * STRIDE + column] as number;
  }

  private has(index: number, flag: number): boolean {
    return (this.at(index, FLAGS) & flag) !== 0;
  }

  private check(index: number): void {
    if (!(index >= 0 && index < this.size)) throw new RangeError('The record has no such field');
  }
}
