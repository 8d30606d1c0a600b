import type { createColors } from 'picocolors';
import type { Claims } from './claims.ts';
import type { DemoContact } from './contact.ts';
import type { DemoPrincipal } from './principals.ts';
import type { DemoRequest } from './requests.ts';
import type { Stage } from './stage.ts';
import { type Row, table } from './table.ts';
import { TEXT_COLUMNS, wrap } from './text.ts';

/** What every scene of the tour needs. */
export interface Scene {
  readonly stage: Stage;
  readonly contact: DemoContact;
  readonly claims: Claims;
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  readonly colours: ReturnType<typeof createColors>;
}

const INDENT = '   ';
const COLUMNS = TEXT_COLUMNS - INDENT.length;

export function writeHeading({ write, colours }: Scene, text: string): void {
  write('');
  write(colours.bold(text));
}

/** @param indent columns further in than other paragraphs */
export function writeParagraph(
  { write }: Scene,
  text: string,
  paint = (line: string) => line,
  indent = 0,
): void {
  for (const line of wrap(text, COLUMNS - indent)) write(INDENT + ' '.repeat(indent) + paint(line));
}

export function writeTable({ write }: Scene, rows: readonly Row[]): void {
  write('');
  for (const line of table(rows, COLUMNS)) write(INDENT + line);
  write('');
}

/** A request as a line; what it selects is told by the answer. */
export function writeRequest(scene: Scene, { method, target }: DemoRequest, as?: DemoPrincipal): void {
  const { write, colours } = scene;
  const line = colours.cyan(`${method} ${target.replace(/\?.*/s, '')}`);
  write(`${INDENT}${line}${as === undefined ? '' : `   as the ${as.title}`}`);
}
