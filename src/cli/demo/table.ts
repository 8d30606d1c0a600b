import { columnsOf, padded, wrap } from './text.ts';

const GAP = '  ';

/** A text, and how it is coloured once it has been fitted: colours take no columns. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** The name of a row, and what stands behind it. */
export type Row = readonly [Cell, ...Cell[]];

/**
 * A table with a row of headings and equally wide columns after the first, wrapped where a value is longer.
 * @returns lines of at most `columns`
 */
export function table(rows: readonly Row[], columns: number): string[] {
  const first = Math.max(...rows.map(([name]) => columnsOf(name.text)));
  const others = Math.max(...rows.map((row) => row.length - 1));
  const width = Math.floor((columns - first) / others) - GAP.length;
  return rows.flatMap((row) => {
    const cells = row.map((cell, index) => fitted(cell, index === 0 ? first : width));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, index) => lines[line] ?? ' '.repeat(index === 0 ? first : width))
        .join(GAP)
        .trimEnd(),
    );
  });
}

function fitted({ text, paint }: Cell, width: number): string[] {
  return wrap(text, width).map((line) => {
    const fit = padded(line, width);
    return paint === undefined ? fit : paint(fit);
  });
}
