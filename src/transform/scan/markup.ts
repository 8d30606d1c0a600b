import { matchesOf, type Span } from './span.ts';

/** Inline elements, which may divide a word: `<b>612</b> 345 678`, `<span class=SpellE>ana</span>@example.com`. */
const NAMES =
  'a|abbr|b|big|code|del|em|font|i|ins|kbd|mark|o:p|q|s|small|span|strike|strong|sub|sup|tt|u|wbr';
const ATTRIBUTES_LENGTH_MAX = 500;
/** A UTF-16 code unit takes at most three bytes in UTF-8. */
const ATTRIBUTES_BYTES_MAX = ATTRIBUTES_LENGTH_MAX * 3;

function tag(attributesMax: number): string {
  return String.raw`<\/?(?:${NAMES})(?:[\t-\r /][^<>]{0,${attributesMax}})?>`;
}

/** Tags within a word, and between digits, where blanks may stand beside them. */
function parted(tags: string): RegExp {
  return new RegExp(
    String.raw`[^\t-\r <>](?:${tags}){1,8}[^\t-\r <>]|\d[\t-\r ]?(?:${tags}){1,8}[\t-\r ]?\d`,
    'i',
  );
}

const TAGS = new RegExp(tag(ATTRIBUTES_LENGTH_MAX), 'gi');
const PARTED = parted(tag(ATTRIBUTES_LENGTH_MAX));
const PARTED_BYTES = parted(tag(ATTRIBUTES_BYTES_MAX));

/** True when a word or a number is parted by markup. @param text folded */
export function isParted(text: string): boolean {
  return PARTED.test(text);
}

/** True when one may be. @param bytes of a folded text in UTF-8, each as a character */
export function mayBeParted(bytes: string): boolean {
  return PARTED_BYTES.test(bytes);
}

export interface BareText {
  readonly text: string;
  /** The same stretch with the tags in it. */
  readonly parted: (span: Span) => Span;
}

/** A text without tags. Linear in its length. */
export function bareText(text: string): BareText {
  let bare = '';
  // Where each code unit of the bare text stands in the text.
  const origins = new Uint32Array(text.length);
  const add = (start: number, end: number): void => {
    for (let unit = start; unit < end; unit++) origins[bare.length + unit - start] = unit;
    bare += text.slice(start, end);
  };
  let shown = 0;
  for (const { 0: tag, index } of matchesOf(text, TAGS)) {
    add(shown, index);
    shown = index + tag.length;
  }
  add(shown, text.length);
  return {
    text: bare,
    parted: ({ start, end }) => ({ start: origins[start] ?? 0, end: (origins[end - 1] ?? 0) + 1 }),
  };
}
