import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsentRegistry } from '../../src/consent/registry.ts';
import type { ConsentEvent } from '../../src/model/consent.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { NOON, registryOver, said } from '../fixtures/consent.ts';

const STATES = [
  'granted',
  'withdrawn',
  'objected',
  'restricted',
  'objection-ended',
  'restriction-ended',
] as const;
const PURPOSES = [undefined, 'marketing', 'marketing.email', 'marketing.phone', 'research'];
const PEOPLE = [
  { record: 'sales::a' },
  { record: 'hub:contact:1' },
  { email: 'ana@acme.example' },
  { email: 'ben@acme.example' },
  { phone: '+34600100200' },
];

/** Few people, times and words, so that ties and links are frequent. */
const event: fc.Arbitrary<ConsentEvent> = fc
  .record({
    who: fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom({}, {}, ...PEOPLE)),
    purpose: fc.constantFrom(...PURPOSES),
    state: fc.constantFrom(...STATES),
    at: fc.constantFrom(NOON - 3, NOON - 2, NOON - 1),
    source: fc.constantFrom('crm', 'import'),
    until: fc.constantFrom(undefined, undefined, NOON - 1, NOON + 1),
  })
  .map(({ who: [one, other], purpose, until, ...rest }) => ({
    who: { ...one, ...other },
    ...rest,
    ...(purpose === undefined ? {} : { purpose }),
    ...(until === undefined ? {} : { until }),
  }));

/** All that can be asked of everybody. */
async function everything(registry: ConsentRegistry) {
  const standings = await registry.standings(PEOPLE);
  const histories = await Promise.all(PEOPLE.map((who) => registry.history(who)));
  return {
    restricted: standings.map(({ restricted }) => restricted),
    any: registry.anyRestricted(),
    consents: standings.map((one) => PURPOSES.map((purpose) => one.consent(purpose ?? 'other'))),
    histories: histories.map((history) => history.map((one) => JSON.stringify(one)).toSorted()),
  };
}

async function afterCalls(calls: readonly (readonly ConsentEvent[])[], instances: number) {
  const directory = temporaryDirectory();
  const store = openEmbedded(directory.path, TEST_LIMITS);
  const registries = await Promise.all(Array.from({ length: instances }, () => registryOver(store)));
  try {
    if (instances === 1) for (const call of calls) await registries[0]!.append(call);
    else await Promise.all(calls.map((call, index) => registries[index % instances]!.append(call)));
    // What one instance was told, another has to find in the store.
    const fresh = await registryOver(store);
    fresh.close();
    return await everything(fresh);
  } finally {
    for (const registry of registries) registry.close();
    await store.close();
    directory.remove();
  }
}

/** The same events in another order, some of them twice, in calls of any size. */
function shuffled(events: readonly ConsentEvent[]): fc.Arbitrary<ConsentEvent[][]> {
  const repeated = fc.array(fc.constantFrom(...events), { maxLength: 4 });
  return fc
    .tuple(repeated, fc.infiniteStream(fc.nat()), fc.infiniteStream(fc.integer({ min: 1, max: 4 })))
    .map(([again, order, sizes]) => {
      const all = [...events, ...again]
        .map((one) => ({ one, key: order.next().value }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one);
      const calls: ConsentEvent[][] = [];
      while (all.length > 0) calls.push(all.splice(0, sizes.next().value));
      return calls;
    });
}

describe('a history', () => {
  it('ends in the same state whatever the order, repetition and splitting of its events', async () => {
    const cases = fc
      .array(event, { minLength: 1, maxLength: 8 })
      .chain((events) => fc.tuple(fc.constant(events), shuffled(events), fc.constantFrom(1, 2)));
    await fc.assert(
      fc.asyncProperty(cases, async ([events, calls, instances]) => {
        expect(await afterCalls(calls, instances)).toEqual(await afterCalls([events], 1));
      }),
      { numRuns: 60 },
    );
  });
});

type Word = readonly [state: ConsentEvent['state'], purpose: string | undefined, at: number, until?: number];

describe('what was said means, at noon', () => {
  const email = 'marketing.email';
  it.each<[what: string, words: readonly Word[], asked: string, state: string]>([
    ['a grant', [['granted', email, 1]], email, 'granted'],
    [
      'the latest word',
      [
        ['granted', email, 1],
        ['withdrawn', email, 2],
      ],
      email,
      'withdrawn',
    ],
    [
      'the latest word, a grant',
      [
        ['withdrawn', email, 1],
        ['granted', email, 2],
      ],
      email,
      'granted',
    ],
    [
      'at the same time, what permits less',
      [
        ['withdrawn', email, 1],
        ['granted', email, 1],
      ],
      email,
      'withdrawn',
    ],
    ['a grant that has run out', [['granted', email, 1, NOON]], email, 'unknown'],
    ['a grant that has not', [['granted', email, 1, NOON + 1]], email, 'granted'],
    ['a grant for another purpose', [['granted', 'research', 1]], email, 'unknown'],
    ['a grant for the purpose above', [['granted', 'marketing', 1]], email, 'unknown'],
    [
      'a withdrawal from the purpose above',
      [
        ['granted', email, 1],
        ['withdrawn', 'marketing', 2],
      ],
      email,
      'withdrawn',
    ],
    [
      'a withdrawal from everything',
      [
        ['granted', 'research', 1],
        ['withdrawn', undefined, 2],
      ],
      'research',
      'withdrawn',
    ],
    [
      'an objection to other marketing',
      [
        ['objected', 'marketing.phone', 1],
        ['granted', email, 2],
      ],
      email,
      'objected',
    ],
    [
      'an objection to everything',
      [
        ['objected', undefined, 1],
        ['granted', email, 2],
      ],
      email,
      'objected',
    ],
    [
      'an objection to everything, asked of no marketing',
      [['objected', undefined, 1]],
      'research',
      'objected',
    ],
    [
      'a grant after an objection, of no marketing',
      [
        ['objected', 'research', 1],
        ['granted', 'research', 2],
      ],
      'research',
      'granted',
    ],
    ['an objection to no marketing, asked of marketing', [['objected', 'research', 1]], email, 'unknown'],
    ['an objection to what only begins like marketing', [['objected', 'marketings', 1]], email, 'unknown'],
    [
      'an objection that has ended',
      [
        ['objected', email, 1],
        ['objection-ended', email, 2],
      ],
      email,
      'unknown',
    ],
    [
      'an end that is not later',
      [
        ['objected', email, 1],
        ['objection-ended', email, 1],
      ],
      email,
      'objected',
    ],
    [
      'an end of all objections',
      [
        ['objected', email, 1],
        ['objection-ended', undefined, 2],
      ],
      email,
      'unknown',
    ],
    [
      'an end of another objection',
      [
        ['objected', email, 1],
        ['objection-ended', 'marketing.phone', 2],
      ],
      email,
      'objected',
    ],
    [
      'an end of a narrower objection',
      [
        ['objected', undefined, 1],
        ['objection-ended', email, 2],
      ],
      email,
      'objected',
    ],
    [
      'a grant from before an objection that has ended',
      [
        ['granted', email, 1],
        ['objected', email, 2],
        ['objection-ended', email, 3],
      ],
      email,
      'unknown',
    ],
    [
      'a grant given during an objection that has ended',
      [
        ['objected', email, 1],
        ['granted', email, 2],
        ['objection-ended', email, 3],
      ],
      email,
      'granted',
    ],
    [
      'a withdrawal from before an objection that has ended',
      [
        ['withdrawn', email, 1],
        ['objected', email, 2],
        ['objection-ended', email, 3],
      ],
      email,
      'withdrawn',
    ],
    ['an objection that has run out', [['objected', email, 1, NOON]], email, 'unknown'],
    ['a restriction, asked of a purpose', [['restricted', undefined, 1]], email, 'unknown'],
  ])('%s', async (_, words, asked, state) => {
    const directory = temporaryDirectory();
    const store = openEmbedded(directory.path, TEST_LIMITS);
    const registry = await registryOver(store);
    await registry.append(
      words.map(([word, purpose, at, until]) => {
        const { purpose: __, ...event } = said(word);
        return { ...event, at, ...(purpose && { purpose }), ...(until && { until }) };
      }),
    );
    const [standing] = await registry.standings([{ email: 'ana@acme.example' }]);
    expect(standing?.consent(asked).state).toBe(state);
    registry.close();
    await store.close();
    directory.remove();
  });
});
