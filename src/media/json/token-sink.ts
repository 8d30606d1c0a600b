import type { Kind } from './kind.ts';
import type { RunReader } from './runs/run-reader.ts';

/** Receives the tokens of a document from the scanner. Positions are indexes into the window. */
export interface TokenSink {
  /** Id of the member name that is likely next, or -1. */
  readonly expected: number;
  /** Id of the name that is likely otherwise, or -1. */
  readonly otherExpected: number;
  /** Members here may be handed over in runs. */
  readonly takesRuns: boolean;
  /** The members in the rows `[from, to)` of the reader: plain values of names that no shape speaks of. */
  readonly run: (reader: RunReader, from: number, to: number) => void;
  /** A member name; `[start, end)` is inside the quotes. */
  readonly name: (start: number, end: number, escaped: boolean) => void;
  /** A member name recognised as the expected one. */
  readonly expectedName: (id: number, start: number) => void;
  /** A string (quotes included), number, boolean or null in `[start, end)`. */
  readonly scalar: (kind: Kind, start: number, end: number, escaped: boolean) => void;
  readonly open: (isObject: boolean, start: number) => void;
  /** The object or array on top ends before `end`. */
  readonly close: (end: number) => void;
  /** A comma in an array. */
  readonly comma: (at: number) => void;
  /** JSON lines: the line feed at `at` ends the line of a value. */
  readonly line: (at: number) => void;
}
