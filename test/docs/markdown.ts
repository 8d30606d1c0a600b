import { readFileSync } from 'node:fs';

/** Cells of the tables below a heading, without their heads. */
export function rowsBelow(file: string, heading: string): string[][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`${file} has no heading ${heading}`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
  const section = lines.slice(start + 1, length === -1 ? undefined : start + 1 + length);
  return section
    .filter(
      (line, index) =>
        line.startsWith('|') && !line.startsWith('| ---') && section[index + 1]?.startsWith('| ---') !== true,
    )
    .map((line) => line.slice(2, -2).split(' | '));
}

/** What stands between backquotes at the beginning of a cell. */
export function codeOf(cell: string | undefined): string {
  return /^`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';
}
