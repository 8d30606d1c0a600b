import { matchesOf, type Span } from './span.ts';

const BRACKETED = String.raw`\s?[([{<]\s?`;
const CLOSED = String.raw`\s?[)\]}>]\s?`;
/** `@`, its percent and JSON escapes, and the usual ways to write it out. */
const AT = new RegExp(
  String.raw` ?@ ?|%40|\\u0040|${BRACKETED}(?:@|at?|arroba|собака|собачка|равлик|ma[lł]pa|ät|chez|chiocciola)${CLOSED}| (?:at|arroba) `,
  'gi',
);
const DOT = String.raw`(?:\.|%2e|${BRACKETED}(?:\.|dot|punto|punkt|point|kropka|крапка|точка)${CLOSED}| (?:dot|punto) )`;
export const LABEL_LENGTH_MAX = 253;
const LABEL = String.raw`[\p{L}\p{N}][\p{L}\p{N}_-]{0,${LABEL_LENGTH_MAX - 1}}`;
export const LABELS_MAX = 11;
/** RFC 5321 address literals are domains too. */
const DOMAIN = new RegExp(
  String.raw`${LABEL}(?:${DOT}${LABEL}){1,${LABELS_MAX - 1}}|\[(?:ipv6:)?[\da-f.:]{3,45}\]`,
  'iuy',
);
/** A domain ends in letters or punycode; `ana@10.5` is no address. */
const TOP_LEVEL = /(?:\p{L}{2,}|xn--[a-z\d-]+|\])$/iu;
const ATEXT = /[\p{L}\p{N}!#$%&'*+\-/=?^_`{|}~.]/u;

/**
 * RFC 5321 allows 64; more is covered so that nothing readable is left in front, and a bound keeps the search linear.
 */
export const LOCAL_LENGTH_MAX = 320;
const SURROGATE_MIN = 0xd800;
const SURROGATE_MAX = 0xdfff;

/** `ATEXT` for ASCII: asked for every character before an `@`. */
export const IS_ASCII_ATEXT: readonly boolean[] = Array.from({ length: 0x80 }, (_, unit) =>
  ATEXT.test(String.fromCharCode(unit)),
);

function isAtext(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return IS_ASCII_ATEXT[unit] === true;
  return (unit >= SURROGATE_MIN && unit <= SURROGATE_MAX) || ATEXT.test(text.charAt(index));
}

/** Start of the local part that ends before `end`; the same as `end` when there is none. */
function localStart(text: string, end: number): number {
  const earliest = Math.max(0, end - LOCAL_LENGTH_MAX);
  if (text.charAt(end - 1) === '"') {
    const quote = text.lastIndexOf('"', end - 2);
    return quote >= earliest ? quote : end;
  }
  let start = end;
  while (start > earliest && isAtext(text, start - 1)) start--;
  return start;
}

/** Where a spelled-out `at` stands between ordinary words, only a spelled-out `dot` makes it an address. */
function isBareWord(at: string): boolean {
  return at.startsWith(' ') && at.trim().length > 1 && /^\p{L}+$/u.test(at.trim());
}

/**
 * E-mail addresses, with letters of any script (RFC 6531), quoted local parts, and the escapes and spellings that hide
 * them from a naive search. Goes from each `@` outwards: a pattern that begins with the local part is quadratic.
 */
export function findEmails(text: string): Span[] {
  const spans: Span[] = [];
  for (const { 0: at, index } of matchesOf(text, AT)) {
    const start = localStart(text, index);
    if (start === index) continue;
    DOMAIN.lastIndex = index + at.length;
    const domain = DOMAIN.exec(text)?.[0];
    if (domain === undefined || !TOP_LEVEL.test(domain)) continue;
    if (isBareWord(at) && domain.includes('.')) continue;
    spans.push({ start, end: index + at.length + domain.length });
  }
  return spans;
}
