import type { Declared } from './declarations.ts';
import { foldedText } from './folded-text.ts';

/** What a field's text means where a condition does not ask for the text itself. */
export interface Meaning {
  /** Folded text → the word it means. */
  readonly words: ReadonlyMap<string, string>;
  /** The word that conditions know; undefined where the text means none, which is not known. */
  readonly of: (text: string) => string | undefined;
  /** Every text, up to case and accents, that means the word. */
  readonly texts: (word: string) => readonly string[];
}

/** Meaning of `record.<name>`; undefined: the text is its own. */
export type Meanings = ReadonlyMap<string, Meaning>;

/** `record.region` is the region that the country is in, `record.level` one of the declared levels. */
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
