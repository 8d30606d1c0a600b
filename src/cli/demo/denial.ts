import type { DemoAnswer } from './requests.ts';
import { type Scene, writeParagraph } from './scene.ts';

export function writeDenial(scene: Scene, { status, body }: DemoAnswer): void {
  writeParagraph(scene, `${status} ${body}`, scene.colours.yellow);
}

/** @param words all of which the denial has to say */
export function claimDenied(
  { claims }: Scene,
  what: string,
  { status, body }: DemoAnswer,
  words: readonly string[],
) {
  claims.that(`${what} is denied with 403`, status === 403);
  for (const word of words) claims.that(`the denial of ${what} names ${word}`, body.includes(word));
}
