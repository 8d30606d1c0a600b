import { createColors } from 'picocolors';

/** Columns that the demo writes in. */
export const TEXT_COLUMNS = 100;

/**
 * Colours on a terminal, unless NO_COLOR asks for none (https://no-color.org).
 * @param isTerminal `isTTY` of the stream, which is undefined where it is none
 */
export function coloursFor(
  isTerminal: boolean | undefined,
  noColor: string | undefined,
): ReturnType<typeof createColors> {
  return createColors(isTerminal === true && (noColor ?? '') === '');
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Two columns wide: East Asian Wide and Fullwidth (UAX #11), and what is drawn as an emoji (UTS #51). */
const WIDE =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;

function graphemesOf(text: string): string[] {
  return Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes on a terminal; accents take none of their own. */
export function columnsOf(text: string): number {
  return graphemesOf(text).reduce((columns, grapheme) => columns + (WIDE.test(grapheme) ? 2 : 1), 0);
}

/**
 * Lines of at most `columns`, broken between words; a word longer than a line before its @, else wherever the line
 * ends.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((long) => broken(long, columns))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= columns) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function broken(word: string, columns: number): string[] {
  if (columnsOf(word) <= columns) return [word];
  const parts = word.split(/(?=@)/);
  if (parts.length > 1) return parts.flatMap((part) => broken(part, columns));
  const pieces = [''];
  for (const grapheme of graphemesOf(word)) {
    const piece = pieces.at(-1) ?? '';
    if (piece !== '' && columnsOf(piece) + columnsOf(grapheme) > columns) pieces.push(grapheme);
    else pieces[pieces.length - 1] = piece + grapheme;
  }
  return pieces;
}

/** A text at the left of a field of `columns`. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}
