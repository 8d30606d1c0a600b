import { expect, it } from 'vitest';
import { createConsentFeed } from '../../../src/consent/feed.ts';
import { isEvent } from '../../../src/consent/observe.ts';
import { createObservations } from '../../../src/enforce/answer/observations.ts';
import type { Told } from '../../../src/enforce/people/told-people.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { ObjectView } from '../../../src/model/decision.ts';

const VIEW = {
  consents: [{ purpose: 'marketing.email', flag: { field: 'OptedOut', granted: 'false', isBoolean: true } }],
} as unknown as ObjectView;

type Windows = readonly (readonly [record: string, optedOut: string | null][])[];

/**
 * What the registry is asked of windows of records, each with a value of the field.
 * @param remembers people are the same objects whenever their records come
 */
async function asked(windows: Windows, remembers: boolean) {
  const people = new Map<string, Pick<Told, 'who' | 'heard'>>();
  const toldBy = (record: string) => {
    const told = (remembers ? people.get(record) : undefined) ?? { who: { record }, heard: undefined };
    people.set(record, told);
    return told;
  };
  const seen: string[] = [];
  const feed = createConsentFeed({
    append: async (batch) =>
      seen.push(...batch.map((one) => `${one.who.record} ${isEvent(one) ? one.state : one.granted}`)),
    limits: DEFAULT_LIMITS,
    failed: () => undefined,
  });
  const observations = createObservations(feed, Date.now);
  for (const window of windows) {
    for (const [record, optedOut] of window) observations.note(VIEW, () => optedOut, toldBy(record));
    observations.flush();
  }
  await feed.close();
  return seen;
}

it.each<[string, Windows, readonly string[]]>([
  ['a field that says the same again', [[['a', 'true']], [['a', 'true']]], ['a false']],
  ['a field that says something else', [[['a', 'true']], [['a', 'false']]], ['a false', 'a true']],
  [
    'other records',
    [
      [['a', 'true']],
      [
        ['a', 'true'],
        ['b', 'true'],
      ],
    ],
    ['a false', 'b false'],
  ],
  ['a field that says nothing', [[['a', null]]], []],
  [
    'a field that changes to and fro within a window',
    [
      [['a', 'true']],
      [
        ['a', 'true'],
        ['a', 'false'],
        ['a', 'true'],
      ],
    ],
    ['a false', 'a true', 'a false'],
  ],
  [
    'a field that changes to and fro from window to window',
    [[['a', 'true']], [['a', 'true']], [['a', 'false']], [['a', null]], [['a', 'true']], [['a', 'true']]],
    ['a false', 'a true', 'a false'],
  ],
])('of %s, only what is new is asked about', async (_, windows, expected) => {
  expect(await asked(windows, false)).toEqual(expected);
  expect(await asked(windows, true)).toEqual(expected);
});

it('a person heard in one answer is heard anew when another answer says otherwise', async () => {
  const seen: unknown[] = [];
  const feed = createConsentFeed({
    append: async (batch) => seen.push(...batch.map((one) => !isEvent(one) && one.granted)),
    limits: DEFAULT_LIMITS,
    failed: () => undefined,
  });
  const told = { who: { record: 'a' }, heard: undefined };
  const [one, other] = [createObservations(feed, Date.now), createObservations(feed, Date.now)];
  const says = (observations: typeof one, optedOut: string): void => {
    observations.note(VIEW, () => optedOut, told);
  };
  says(one, 'true');
  one.flush();
  says(one, 'true');
  expect(told.heard).toBeDefined();
  says(other, 'false');
  other.flush();
  says(one, 'true');
  one.flush();
  await feed.close();
  expect(seen).toEqual([false, true, false]);
});
