import { firstGraphemes } from './grapheme.ts';
import { STARS } from './stars.ts';

/** A text of more words is not a name, and its initials could be words by themselves. */
export const WORDS_MAX = 10;
/** A longer text is not a name either. */
export const NAME_LENGTH_MAX = 1_024;

const FIRST_LETTER = /\p{L}/u;
/** A letter that no combining mark follows. */
const PLAIN_LETTER = /^[A-Za-z](?:$|[\x20-\x7e])/;
const INITIALS = /^(?:\p{L}\p{M}*\.(?: |$))+$/u;

function initialOf(word: string): string | undefined {
  if (PLAIN_LETTER.test(word)) return word.charAt(0);
  const at = word.search(FIRST_LETTER);
  if (at < 0) return undefined;
  const letters = word.slice(at);
  return firstGraphemes(letters, 1) ?? letters;
}

/** `Ana María López` → `A. M. L.`; words without a letter (numbers, dashes) leave no trace. */
export function maskToInitials(text: string): string {
  if (text.length > NAME_LENGTH_MAX) return STARS;
  const words = text.trim().split(/\s+/);
  if (words.length > WORDS_MAX) return STARS;
  const initials = words.map(initialOf).filter((initial) => initial !== undefined);
  return initials.length === 0 ? STARS : initials.map((initial) => `${initial}.`).join(' ');
}

/** True when the text consists of nothing but initials: nobody's name in full. */
export function isInitials(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && INITIALS.test(text.trim());
}
