import type { Declared } from './declared.ts';
import { foldedText } from './folded-text.ts';

/** What a field's text means, for facts whose text is not compared itself. */
export interface Meaning {
  /** Folded text → the word it means. */
  readonly words: ReadonlyMap<string, string>;
  /** The word that a text means to conditions; undefined: the fact is unknown. */
  readonly of: (text: string) => string | undefined;
  /** Every text, up to case and accents, that means the word. */
  readonly texts: (word: string) => readonly string[];
}

/** The meaning of `record.<name>`, by name. Absent: the text itself is compared. */
export type Meanings = ReadonlyMap<string, Meaning>;

/** `record.region` is the declared region of the country, `record.level` one of the declared levels. */
export function meaningsOf({ levels, regions }: Declared): Meanings {
  const meanings = new Map<string, Meaning>([['region', meaning(regions ?? new Map())]]);
  if (levels !== undefined) meanings.set('level', meaning(new Map(levels.map((level) => [level, [level]]))));
  return meanings;
}

function meaning(texts: ReadonlyMap<string, readonly string[]>): Meaning {
  const words = new Map(
    [...texts].flatMap(([word, spellings]) => spellings.map((text) => [foldedText(text), word] as const)),
  );
  return { words, of: (text) => words.get(foldedText(text)), texts: (word) => texts.get(word) ?? [] };
}
