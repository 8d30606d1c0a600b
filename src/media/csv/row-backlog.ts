import { type NotingHandler, STAYS } from '../record.ts';
import type { Splices } from '../splices.ts';
import { Window } from '../window.ts';
import type { Row } from './row.ts';

/** A row whose record was noted, from its start to the next one's. */
interface NotedRow<Noted> {
  readonly start: number;
  readonly next: number;
  readonly cells: Int32Array<ArrayBuffer>;
  readonly noted: Noted | typeof STAYS;
}

/** Bytes that have been walked through, and the rows in them. */
interface Part<Noted> {
  readonly bytes: Buffer;
  readonly header: Int32Array<ArrayBuffer> | undefined;
  readonly rows: readonly NotedRow<Noted>[];
}

/** Rows that wait to be decided on, with the places of their cells, so that no byte is read twice. */
export class RowBacklog<Noted> {
  private readonly handler: NotingHandler<Noted>;
  /** Undefined: the bytes pass as they are. */
  private readonly splices: Splices | undefined;
  /** Rows that have not been decided on. */
  waiting = 0;
  private headerCells: Int32Array<ArrayBuffer> | undefined;
  private rows: NotedRow<Noted>[] = [];
  private parts: Part<Noted>[] = [];
  /** What is being decided on. */
  private readonly window = new Window();
  private row: Row | undefined;

  constructor(handler: NotingHandler<Noted>, splices: Splices | undefined) {
    this.handler = handler;
    this.splices = splices;
  }

  header(row: Row): void {
    this.row = row.twin(this.window);
    this.headerCells = row.taken();
  }

  note(row: Row, start: number, next: number): void {
    this.waiting++;
    this.rows.push({ start, next, cells: row.taken(), noted: this.handler.note(row) });
  }

  /** Notes that the rows since the last part are in these bytes. */
  part(bytes: Buffer): void {
    this.parts.push({ bytes, header: this.headerCells, rows: this.rows });
    this.headerCells = undefined;
    this.rows = [];
  }

  /** Decides on the next part. @returns undefined when all has been decided on */
  next(): Buffer | undefined {
    const part = this.parts.shift();
    if (part === undefined) return undefined;
    const { bytes, header, rows } = part;
    this.window.bytes = bytes;
    if (header !== undefined) {
      this.row?.show(header);
      this.row?.splice(this.splices);
    }
    for (const row of rows) this.decide(row);
    this.waiting -= rows.length;
    return this.splices?.render(bytes, bytes.length) ?? bytes;
  }

  private decide({ start, next, cells, noted }: NotedRow<Noted>): void {
    const { row, splices } = this;
    if (row === undefined) return;
    row.show(cells);
    const keep = noted === STAYS || this.handler.decide(row, noted);
    row.splice(keep ? splices : undefined);
    if (!keep) splices?.cut(start, next);
  }
}
