import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  consentTo,
  endOfObjectionTo,
  type LastWords,
  objectionTo,
  RESTRICTION,
} from '../../../src/consent/person/said.ts';
import { standingOf, standingsOf } from '../../../src/consent/person/standing.ts';

const PURPOSES = ['', 'marketing', 'marketing.email', 'research'];
const MATTERS = [
  RESTRICTION,
  ...PURPOSES.flatMap((purpose) => [consentTo(purpose), objectionTo(purpose), endOfObjectionTo(purpose)]),
];
const TIMES = [0, 1, 2, 3, 4, 5, 6];

const saidArb = fc.record({
  state: fc.constantFrom('granted', 'withdrawn', 'objected', 'restricted', 'objection-ended'),
  at: fc.constantFrom(...TIMES),
  source: fc.constant('import'),
  until: fc.constantFrom(undefined, ...TIMES),
});
const wordsArb: fc.Arbitrary<LastWords> = fc
  .dictionary(fc.constantFrom(...MATTERS), saidArb, { maxKeys: 5 })
  .map((words) => structuredClone(words) as LastWords);

it('what somebody said means the same whether it was asked before or not, also when the clock goes back', () => {
  fc.assert(
    fc.property(wordsArb, fc.array(fc.constantFrom(...TIMES), { maxLength: 8 }), (words, times) => {
      const standings = standingsOf(words);
      for (const now of times) {
        const [kept, anew] = [standings(now), standingOf(words, now)];
        expect(kept.restricted).toBe(anew.restricted);
        for (const purpose of PURPOSES) expect(kept.consent(purpose)).toEqual(anew.consent(purpose));
      }
    }),
    { numRuns: 1_000 },
  );
});

it('is worked out once until something runs out', () => {
  const standings = standingsOf({
    [RESTRICTION]: { state: 'restricted', at: 0, source: 'api', until: 5 },
  });
  const [first, second, third, last] = [1, 4, 5, 9].map(standings);
  expect(second).toBe(first);
  expect(third).not.toBe(second);
  expect(last).toBe(third);
});
