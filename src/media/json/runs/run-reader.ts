import { CARDS_AT } from '../../name-cards.ts';
import type { NameTable } from '../../name-table.ts';
import { ESCAPE, HEX } from '../grammar.ts';
import { NUMBER_CLASS, NUMBER_NEXT, numberMayEnd } from '../number.ts';
import { RUNS_CODE } from './runs-code.ts';

/** Integers in a row: card (name id + 1), begin of the name, begin and end of the value, flags. */
export const RUN_STRIDE = 5;
export const RUN_KEY = 1;
export const RUN_START = 2;
export const RUN_END = 3;
export const RUN_FLAGS = 4;

/** Flags of a row: the bits of the value's `Kind`, ... */
export const RUN_KIND_BITS = 7;
export const RUN_ESCAPED = 8;
/** ... a name that a shape speaks of, ... */
export const RUN_APART = 256;
/** ... the row is no member but the end of the innermost object. */
export const RUN_CLOSES = 512;
const ROWS_MAX = 1_000;

/** Layout of the memory in front of the cards. */
const ESCAPES_AT = 0;
const CLASSES_AT = 256;
const STATES_AT = 512;
const ENDS_AT = 640;
const STACK_AT = 768;
const STACK_END = STACK_AT + 16 * 4;
const ROWS_AT = 1_024;
const ROWS_END = ROWS_AT + ROWS_MAX * RUN_STRIDE * 4;
const TEXT_AT = 32_768;
const TEXT_BYTES = 65_536;

/** When less than this is left of a piece and more can be loaded, it is loaded first: longer texts are rare. */
const REST_BYTES = 4_096;

interface Code {
  readonly run: (at: number, end: number, card: number, other: number) => number;
  /** Position after the last value read. */
  readonly read: { readonly value: number };
}

/**
 * Reads members in runs, in WebAssembly; see runs.wat for what a run is. Bytes are loaded in pieces, one at a time for
 * all users.
 */
export class RunReader {
  /** Somebody is still reading the rows. */
  isBusy = false;
  /** Rows of the last run. */
  readonly rows: Int32Array;
  /** To be added to a position in the rows to get an index into the window. */
  shift = 0;
  private loadedTo = 0;
  private source: Buffer | undefined = undefined;
  private readonly text: Uint8Array;
  private readonly code: Code;

  constructor(memory: WebAssembly.Memory, module: WebAssembly.Module) {
    const { buffer } = memory;
    this.rows = new Int32Array(buffer, ROWS_AT, (ROWS_END - ROWS_AT) / 4);
    this.text = new Uint8Array(buffer, TEXT_AT, TEXT_BYTES);
    fillTables(new Uint8Array(buffer, 0, ROWS_AT));
    this.code = new WebAssembly.Instance(module, {
      runs: {
        memory,
        cards: CARDS_AT,
        rows: ROWS_AT,
        rowsEnd: ROWS_END,
        escapes: ESCAPES_AT,
        classes: CLASSES_AT,
        states: STATES_AT,
        ends: ENDS_AT,
        stack: STACK_AT,
        stackEnd: STACK_END,
      },
    }).exports as Code;
  }

  /** To be called whenever bytes may have changed. */
  forget(): void {
    this.source = undefined;
  }

  /**
   * Reads the run that begins with the name at `at`.
   * @param expected id of the name that is likely there, or -1 @param other id of the next likely one, or -1
   * @returns how many rows it has; they are valid until the next run
   */
  read(bytes: Buffer, at: number, end: number, expected: number, other: number): number {
    if (this.source !== bytes || (at + REST_BYTES > this.loadedTo && this.loadedTo < end))
      this.load(bytes, at, end);
    const { shift } = this;
    return this.code.run(at - shift, this.loadedTo - shift, expected + 1, other + 1);
  }

  /** Where the last run ends. */
  get end(): number {
    return this.code.read.value + this.shift;
  }

  private load(bytes: Buffer, from: number, end: number): void {
    const to = Math.min(from + TEXT_BYTES, end);
    bytes.copy(this.text, 0, from, to);
    this.source = bytes;
    this.loadedTo = to;
    this.shift = from - TEXT_AT;
  }
}

function fillTables(tables: Uint8Array): void {
  for (let byte = 0; byte < 256; byte++)
    tables[ESCAPES_AT + byte] = (ESCAPE[byte] as number) | ((HEX[byte] as number) << 1);
  tables.set(NUMBER_CLASS, CLASSES_AT);
  tables.set(NUMBER_NEXT, STATES_AT);
  for (let state = 0; state < STACK_AT - ENDS_AT; state++)
    tables[ENDS_AT + state] = numberMayEnd(state) ? 1 : 0;
}

let compiled: WebAssembly.Module | undefined;
const readers = new WeakMap<NameTable, RunReader>();

/** The reader of runs for these names; undefined without WebAssembly SIMD: then the scanner reads everything itself. */
export function runReaderOf(names: NameTable): RunReader | undefined {
  const known = readers.get(names);
  const { memory } = names.cards;
  if (known !== undefined || memory === undefined) return known;
  compiled ??= compile();
  if (compiled === undefined) return undefined;
  const reader = new RunReader(memory, compiled);
  readers.set(names, reader);
  return reader;
}

function compile(): WebAssembly.Module | undefined {
  const code = Buffer.from(RUNS_CODE, 'base64');
  return WebAssembly.validate(code) ? new WebAssembly.Module(code) : undefined;
}
