import { STARS } from '../stars.ts';

export const STARS_LENGTH = STARS.length;
const STAR = 0x2a;

/** @returns the position after them */
export function writeStars(to: Buffer, at: number): number {
  to[at] = STAR;
  to[at + 1] = STAR;
  to[at + 2] = STAR;
  return at + STARS_LENGTH;
}
