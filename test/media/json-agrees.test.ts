import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaError } from '../../src/media/rewriter.ts';
import { alikeArb, jsonArb, pageArb, policyOf, READINGS, SHAPES } from './documents.ts';
import {
  chunksOf,
  deciding,
  deferringJsonRewriter,
  drive,
  handlerOf,
  jsonRewriter,
  later,
  laterUnlessUntouched,
  UNTOUCHED,
} from './engine.ts';
import { mask, parse, Refused, serialise } from './reference.ts';

const caseArb = fc.record({
  text: fc.oneof(jsonArb, pageArb, alikeArb),
  shape: fc.constantFrom(...SHAPES),
  reading: fc.constantFrom(...READINGS),
  seed: fc.nat(),
  cuts: fc.array(fc.nat(400), { maxLength: 12 }),
});

/** The reference reads what is JSON, and does not judge whether it is. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function expected({
  text,
  shape,
  seed,
  reading,
}: {
  text: string;
  shape: (typeof SHAPES)[number];
  seed: number;
  reading: (typeof READINGS)[number];
}): string {
  if (!isJson(text)) return 'refused';
  try {
    return serialise(mask(parse(text), shape, policyOf(seed), reading.withinTexts));
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    throw error;
  }
}

describe('the JSON rewriter and the reference masker', () => {
  it('agree on every document, shape, edit, omission and split', () => {
    fc.assert(
      fc.property(caseArb, (given) => {
        const { left, error } = drive(
          jsonRewriter(given.shape, handlerOf(policyOf(given.seed)), given.reading),
          chunksOf(Buffer.from(given.text), given.cuts),
        );
        if (error !== undefined && !(error instanceof MediaError)) throw error;
        expect(error === undefined ? serialise(parse(left)) : 'refused').toBe(expected(given));
      }),
      { numRuns: 4_000 },
    );
  });

  it('give byte-identical output for any split, one byte at a time too', () => {
    fc.assert(
      fc.property(caseArb, (given) => {
        const body = Buffer.from(given.text);
        const run = (cuts: readonly number[]) =>
          drive(
            jsonRewriter(given.shape, handlerOf(policyOf(given.seed)), given.reading),
            chunksOf(body, cuts),
          );
        const whole = run([]);
        for (const cuts of [given.cuts, Array.from(body.keys())]) {
          const split = run(cuts);
          expect(split.error).toEqual(whole.error);
          if (whole.error === undefined) expect(split.left).toBe(whole.left);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it.each([1, 2, 3, 1_000])(
    'agree to the byte where all is decided on later, %i chunks at a time',
    (chunksMax) => {
      fc.assert(
        fc.property(caseArb, (given) => {
          const body = Buffer.from(given.text);
          const handler = handlerOf(policyOf(given.seed));
          const whole = drive(jsonRewriter(given.shape, handler, given.reading), chunksOf(body, []));
          const byBytes = Array.from(body.keys());
          for (const [cuts, noting] of [
            [given.cuts, later(handler)],
            [given.cuts, laterUnlessUntouched(handler)],
            [byBytes, later(handler)],
          ] as const) {
            const deferring = deferringJsonRewriter(given.shape, noting, given.reading);
            const split = drive(deciding(deferring, chunksMax), chunksOf(body, cuts));
            expect(split.error).toEqual(whole.error);
            if (whole.error === undefined) expect(split.left).toBe(whole.left);
          }
        }),
        { numRuns: 400 },
      );
    },
  );

  it('leave every byte alone where nothing is edited', () => {
    fc.assert(
      fc.property(caseArb, ({ text, shape, cuts }) => {
        const { left, error } = drive(jsonRewriter(shape, UNTOUCHED), chunksOf(Buffer.from(text), cuts));
        if (error === undefined) expect(left).toBe(text);
        else expect(error).toBeInstanceOf(MediaError);
      }),
      { numRuns: 1_500 },
    );
  });
});
