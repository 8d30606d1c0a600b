import { describe, expect, it } from 'vitest';
import { jointStanding, jointStandings } from '../../../src/enforce/people/everybody.ts';
import type { ConsentState, Standing } from '../../../src/model/consent.ts';
import { registryOf } from '../registry.ts';

const standing = (state: ConsentState, restricted = false): Standing => ({
  restricted,
  consent: () => ({ state }),
});

describe('several people together', () => {
  it.each<[readonly ConsentState[], ConsentState]>([
    [['granted', 'granted'], 'granted'],
    [['granted', 'unknown'], 'unknown'],
    [['unknown', 'withdrawn', 'granted'], 'withdrawn'],
    [['granted', 'withdrawn', 'objected'], 'objected'],
    [['granted'], 'granted'],
    [[], 'unknown'],
  ])('who have said %j have said %s, in any order', (states, expected) => {
    for (const order of [states, states.toReversed()]) {
      expect(jointStanding(order.map((state) => standing(state))).consent('p').state).toBe(expected);
    }
  });

  it('are restricted if one of them is', () => {
    const free = standing('granted');
    expect(jointStanding([free, standing('granted', true), free]).restricted).toBe(true);
    expect(jointStanding([free, free]).restricted).toBe(false);
  });

  it('are asked about in one look-up, and nobody is who is about nobody', async () => {
    const registry = registryOf([
      { who: { record: 'b' }, restricted: true },
      { who: { record: 'd' }, consent: { p: 'granted' } },
    ]);
    const people = [
      { record: 'a' },
      { others: [{ record: 'd' }, { others: [{ record: 'b' }] }] },
      { others: [{ others: [] }] },
      { others: [{ record: 'd' }, {}, { others: [] }] },
    ];
    const found = await jointStandings(people, registry);
    expect(registry.asked).toHaveLength(1);
    expect(found.map(({ restricted }) => restricted)).toEqual([false, true, false, false]);
    expect(found.map(({ consent }) => consent('p').state)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'granted',
    ]);
  });
});
