import type { Span } from './span.ts';

/**
 * A text as detectors read it: full-width, mathematical and other scripts' digits are ASCII digits, every dash, space,
 * line end, dot and slash is the ASCII one, HTML character references are characters, and what does not show
 * (zero-width characters, soft hyphens, combining marks: UTS #39) is gone. Everything else stays, so the words around a
 * find are untouched.
 */
export interface FoldedText {
  readonly text: string;
  /** The same stretch in the text as it was. */
  readonly original: (span: Span) => Span;
}

/**
 * Numeric references and the named ones that can stand in an address or a number; `&amp;#64;` is a reference escaped
 * twice.
 */
const REFERENCE =
  /&(?:amp;){0,3}(?:#0{0,6}([1-9]\d{0,5});?|#x0{0,6}([1-9a-f][\da-f]{0,4});?|(commat|period|plus|nbsp|ensp|emsp|thinsp|hyphen|dash|ndash|mdash|minus|lpar|rpar|lt|gt|quot|sol|shy|zwnj|zwj|zerowidthspace);)/iy;
const NAMED: Readonly<Record<string, string>> = {
  commat: '@',
  period: '.',
  plus: '+',
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  hyphen: '-',
  dash: '-',
  ndash: '-',
  mdash: '-',
  minus: '-',
  lpar: '(',
  rpar: ')',
  lt: '<',
  gt: '>',
  quot: '"',
  sol: '/',
  shy: '',
  zwnj: '',
  zwj: '',
  zerowidthspace: '',
};
const AMPERSAND = 0x26;
const INVISIBLE = /[\p{Cf}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]/u;
const ASCII = /^[\x20-\x7e]$/;
const DIGIT = /\p{Nd}/u;

/** Value of a decimal digit of any script: Unicode encodes each script's ten digits in a row, beginning with zero. */
function digitOf(point: number): string {
  let row = 0;
  while (row < 10 && DIGIT.test(String.fromCodePoint(point - row - 1))) row++;
  return String(row % 10);
}

function foldPoint(point: number): string {
  const character = String.fromCodePoint(point);
  if (INVISIBLE.test(character)) return '';
  if (/[\p{Zs}\u2800]/u.test(character)) return ' ';
  if (/[\u0085\u2028\u2029]/.test(character)) return '\n';
  if (/[\p{Pd}\u2212]/u.test(character)) return '-';
  if (/[\u00b7\u2022\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65]/.test(character)) return '.';
  if (/[\u2044\u2215]/.test(character)) return '/';
  const compatible = character.normalize('NFKC');
  if (ASCII.test(compatible)) return compatible;
  return DIGIT.test(character) ? digitOf(point) : character;
}

/** Fold of every character met so far; bounded by the number of code points. */
const folds = new Map<number, string>();

/** What a code point is read as: itself, another character, or nothing. */
export function fold(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  let folded = folds.get(point);
  if (folded === undefined) {
    folded = foldPoint(point);
    folds.set(point, folded);
  }
  return folded;
}

function referenceAt(text: string, index: number): { character: string; length: number } | undefined {
  REFERENCE.lastIndex = index;
  const match = REFERENCE.exec(text);
  if (match === null) return undefined;
  const [whole, decimal, hex, name] = match;
  const point = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal);
  const character = name === undefined ? fold(Math.min(point, 0x10_ffff)) : (NAMED[name.toLowerCase()] ?? '');
  return { character, length: whole.length };
}

const SELF = 1;
const OTHER = 2;
/** Whether a code unit folds to itself, filled as they are met. Surrogates are tested in pairs. */
const unitFolds = new Uint8Array(0x1_0000);

/** Most texts, in any language, fold to themselves; this tells it without building another text. */
function isFolded(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      if (unit === AMPERSAND) return false;
      continue;
    }
    const known = unitFolds[unit];
    if (known === SELF) continue;
    if (known === OTHER) return false;
    const point = text.codePointAt(index) ?? 0;
    const isSelf = fold(point) === String.fromCodePoint(point);
    if (point > 0xffff) index++;
    else unitFolds[unit] = isSelf ? SELF : OTHER;
    if (!isSelf) return false;
  }
  return true;
}

/** Linear in the text's length. */
export function foldText(text: string): FoldedText {
  if (isFolded(text)) return { text, original: (span) => span };
  let folded = '';
  // Where each code unit of the folded text began in the text; a fold never makes a text longer.
  const origins = new Uint32Array(text.length + 1);
  let index = 0;
  while (index < text.length) {
    const point = text.codePointAt(index) ?? 0;
    const reference = point === AMPERSAND ? referenceAt(text, index) : undefined;
    const character = reference?.character ?? fold(point);
    const length = reference?.length ?? (point > 0xffff ? 2 : 1);
    for (let unit = 0; unit < character.length; unit++) origins[folded.length + unit] = index;
    folded += character;
    index += length;
  }
  origins[folded.length] = text.length;
  return {
    text: folded,
    original: ({ start, end }) => ({ start: origins[start] ?? 0, end: origins[end] ?? text.length }),
  };
}
