import type { SpecialKind } from '../record.ts';
import type { Splices } from '../splices.ts';
import { isLiteral } from './grammar.ts';

/** A value in `[start, end)` that is no field, which the handler is asked about by itself. */
export interface Special {
  readonly kind: SpecialKind;
  readonly text: string;
  readonly isNumber: boolean;
  readonly start: number;
  readonly end: number;
}

/** Puts the handler's answer in the place of a special value. */
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
