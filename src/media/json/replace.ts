import type { SpecialKind } from '../record.ts';
import type { Splices } from '../splices.ts';
import { isLiteral } from './grammar.ts';

/** A value that is no field, in `[start, end)`, to which a handler has an answer of its own. */
export interface Special {
  readonly kind: SpecialKind;
  readonly text: string;
  readonly isNumber: boolean;
  readonly start: number;
  readonly end: number;
}

/** Puts what a handler answers in the place of a special value. A text where the shape has something else stays only as long as it is one. */
export function replaceSpecial(
  splices: Splices,
  { kind, text, isNumber, start, end }: Special,
  answer: string | null | undefined,
): void {
  if (answer === undefined || answer === text) return;
  if (answer === null || (isNumber && kind === 'text')) replaceLiteral(splices, start, end, 'null');
  else if (isNumber && kind === 'count') replaceLiteral(splices, start, end, answer);
  else replaceString(splices, start, end, answer);
}

/** @throws TypeError when `lexeme` is not a JSON number, boolean or null */
export function replaceLiteral(splices: Splices, start: number, end: number, lexeme: string): void {
  if (!isLiteral(lexeme)) throw new TypeError('A count can only become a JSON number, boolean or null');
  const from = splices.mark;
  splices.writeRaw(lexeme);
  splices.add(start, end, from, splices.mark);
}

function replaceString(splices: Splices, start: number, end: number, text: string): void {
  const from = splices.mark;
  splices.writeString(text);
  splices.add(start, end, from, splices.mark);
}
