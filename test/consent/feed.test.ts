import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConsentFeed } from '../../src/consent/feed.ts';
import { isEvent, type Observation, type Seen } from '../../src/consent/observe.ts';
import type { OpenConsentRegistry } from '../../src/consent/open-registry.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import type { Store } from '../../src/store/store.ts';
import { TEST_LIMITS, temporaryDirectory, until } from '../fixtures/audit.ts';
import { NOON, registryOver, said } from '../fixtures/consent.ts';

const RECORD = { record: 'sales::003A' };
const EMAIL = { email: 'ana@acme.example' };

function seen(granted: boolean, at: number, who: Partial<Observation['who']> = {}): Observation {
  return { who: { ...RECORD, ...who }, purpose: 'marketing.email', granted, at: NOON + at };
}

describe("what a CRM's own field was seen to say", () => {
  let store: Store;
  let registry: OpenConsentRegistry;
  let remove: () => void;
  beforeEach(async () => {
    const directory = temporaryDirectory();
    remove = directory.remove;
    store = openEmbedded(directory.path, TEST_LIMITS);
    registry = await registryOver(store);
  });
  afterEach(async () => {
    registry.close();
    await store.close();
    remove();
  });

  const states = async () => (await registry.history(RECORD)).map(({ state }) => state);
  const state = async () => (await registry.standings([RECORD]))[0]?.consent('marketing.email');

  it('is no event as long as it is yes', async () => {
    expect(await registry.observe([seen(true, 1), seen(true, 2)])).toEqual({ appended: 0, outcomes: [] });
    expect(await states()).toEqual([]);
  });

  it('is an event when it is no, once', async () => {
    expect((await registry.observe([seen(false, 1), seen(false, 2)])).appended).toBe(1);
    expect((await registry.observe([seen(false, 3)])).appended).toBe(0);
    expect(await state()).toEqual({ state: 'withdrawn', at: NOON + 1, source: 'crm' });
  });

  it('is an event when no becomes yes', async () => {
    await registry.observe([seen(false, 1)]);
    await registry.observe([seen(true, 2), seen(true, 3)]);
    expect(await states()).toEqual(['withdrawn', 'granted']);
    await registry.observe([seen(false, 4), seen(true, 5)]);
    expect(await states()).toEqual(['withdrawn', 'granted', 'withdrawn', 'granted']);
  });

  it('does not outdo a withdrawal by staying yes', async () => {
    await registry.observe([seen(true, 1)]);
    await registry.append([said('withdrawn', { who: RECORD, at: NOON + 2, source: 'unsubscribe' })]);
    await registry.observe([seen(true, 3)]);
    expect((await state())?.source).toBe('unsubscribe');
  });

  it('is not taken for news when it comes late', async () => {
    await registry.observe([seen(false, 5)]);
    expect((await registry.observe([seen(true, 4)])).appended).toBe(0);
    expect((await state())?.state).toBe('withdrawn');
  });

  it('is told of one record, whoever else is the same person', async () => {
    await registry.observe([seen(false, 1, EMAIL)]);
    await registry.observe([seen(true, 2, { record: 'hub:contacts:1', ...EMAIL })]);
    expect(await states()).toEqual(['withdrawn']);
    expect((await registry.standings([EMAIL]))[0]?.consent('marketing.email').state).toBe('withdrawn');
  });

  describe('when the record alone was known', () => {
    const of = async (who: object, purpose = 'marketing.email') =>
      (await registry.standings([who]))[0]?.consent(purpose).state;
    const PHONE = { phone: '+34600100200' };
    const all = { ...EMAIL, ...PHONE, also: [{ email: 'old@acme.example' }] };

    it('holds for what else the person is seen to be known by, from the time when it was said', async () => {
      await registry.observe([seen(false, 1)]);
      expect(await of(EMAIL)).toBe('unknown');
      await registry.observe([seen(false, 5, all)]);
      for (const who of [EMAIL, PHONE, { email: 'old@acme.example' }])
        expect((await registry.history(who)).map(({ state, at }) => [state, at])).toEqual([
          ['withdrawn', NOON + 1],
        ]);
      expect((await registry.observe([seen(false, 6, all)])).appended).toBe(0);
    });

    it('does not outdo what was granted since, and is taken back by a yes', async () => {
      await registry.observe([seen(false, 1)]);
      await registry.append([said('granted', { who: EMAIL, at: NOON + 2 })]);
      await registry.observe([seen(false, 3, all)]);
      expect([await of(EMAIL), await of(PHONE)]).toEqual(['granted', 'withdrawn']);
      await registry.observe([seen(true, 4)]);
      await registry.observe([seen(true, 5, all)]);
      expect([await of(EMAIL), await of(PHONE)]).toEqual(['granted', 'granted']);
    });

    it('takes back by a yes nothing that was said elsewhere', async () => {
      await registry.observe([seen(false, 1)]);
      await registry.append([said('withdrawn', { who: EMAIL, at: NOON + 2, source: 'unsubscribe' })]);
      await registry.observe([seen(true, 3)]);
      await registry.observe([seen(true, 4, all)]);
      expect([await of(EMAIL), await of(PHONE)]).toEqual(['withdrawn', 'unknown']);
    });

    it('makes nobody one with whoever has the record later', async () => {
      await registry.observe([seen(false, 1, EMAIL)]);
      const heir = { email: 'bo@acme.example' };
      await registry.observe([seen(false, 2, heir)]);
      await registry.append([said('granted', { who: heir, at: NOON + 3 })]);
      expect([await of(heir), await of(EMAIL)]).toEqual(['granted', 'withdrawn']);
    });
  });

  it('is news to one of two instances at most twice, and the state is the same', async () => {
    const other = await registryOver(store);
    await Promise.all([registry.observe([seen(false, 1)]), other.observe([seen(false, 1)])]);
    expect(await states()).toEqual(['withdrawn']);
    other.close();
  });
});

describe('the feed', () => {
  const LIMITS = { ...DEFAULT_LIMITS, consentFeedMax: 5, consentBatchMax: 2 };

  function feedInto(append: (seen: readonly Seen[]) => Promise<unknown>) {
    const failures: unknown[] = [];
    const feed = createConsentFeed({ append, limits: LIMITS, failed: (error) => failures.push(error) });
    return { feed, failures };
  }
  const records = (...names: string[]) => names.map((record) => seen(false, 1, { record }));

  it('appends in batches, one after the other', async () => {
    const batches: number[] = [];
    const { feed } = feedInto(async (batch) => batches.push(batch.length));
    feed.observe(records('a', 'b', 'c', 'd', 'e'));
    await feed.close();
    expect(batches).toEqual([2, 2, 1]);
    expect(feed.lost()).toBe(0);
  });

  it('looks the same value of a field up once, and another value again', async () => {
    const taken: boolean[] = [];
    const { feed } = feedInto(async (batch) =>
      taken.push(...batch.map((one) => !isEvent(one) && one.granted)),
    );
    feed.observe([seen(false, 1), seen(false, 2), seen(true, 3), seen(true, 4), seen(false, 5)]);
    await feed.close();
    expect(taken).toEqual([false, true, false]);
  });

  it('knows for half a minute to a whole one what it need not be told again', async () => {
    vi.useFakeTimers();
    const { feed } = feedInto(async () => undefined);
    const knows = (granted: boolean) => feed.lately().has(RECORD.record, 'marketing.email', granted);
    expect(knows(false)).toBe(false);
    feed.observe([seen(false, 1)]);
    expect([knows(false), knows(true)]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(knows(false)).toBe(true);
    feed.observe([seen(true, 2)]);
    expect([knows(false), knows(true)]).toEqual([false, true]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(knows(true)).toBe(false);
    vi.useRealTimers();
  });

  it('says when something may no longer be so: a value that changes, and what is forgotten, but nothing new', async () => {
    vi.useFakeTimers();
    let isAway = false;
    const { feed } = feedInto(async () => {
      if (isAway) throw new Error('away');
    });
    const version = () => feed.lately().version();
    const first = version();
    feed.observe(records('a', 'b'));
    feed.observe(records('a', 'b'));
    expect(version()).toBe(first);
    feed.observe([seen(false, 1)]);
    expect(version()).toBe(first);
    feed.observe([seen(true, 2)]);
    const changed = version();
    expect(changed).not.toBe(first);
    await vi.advanceTimersByTimeAsync(0);
    isAway = true;
    feed.observe(records('c'));
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.lost()).toBe(1);
    const forgotten = version();
    expect(forgotten).not.toBe(changed);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(version()).not.toBe(forgotten);
    vi.useRealTimers();
  });

  it('loses what there is no room for, counts it, and takes it when it is seen again', async () => {
    const taken: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const { feed } = feedInto(async (batch) => {
      await promise;
      taken.push(...batch.map(({ who }) => who.record ?? ''));
    });
    feed.observe(records('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
    expect(feed.lost()).toBe(3);
    resolve();
    await until(() => taken.length === 5, 'the rest is appended');
    feed.observe(records('h'));
    await feed.close();
    expect(taken).toContain('h');
  });

  it('tells of a failure once, and takes what was lost when it is seen again', async () => {
    let isAway = true;
    const taken: string[] = [];
    const { feed, failures } = feedInto(async (batch) => {
      if (isAway) throw new Error('away');
      taken.push(...batch.map(({ who }) => who.record ?? ''));
    });
    feed.observe(records('a', 'b', 'c'));
    await until(() => feed.lost() === 3, 'all is lost');
    expect(failures).toHaveLength(1);
    isAway = false;
    feed.observe(records('a', 'b', 'c'));
    await feed.close();
    expect(taken).toEqual(['a', 'b', 'c']);
    feed.observe(records('z'));
    expect(feed.lost()).toBe(4);
  });

  it('keeps what nobody sees again while it cannot be appended, and tries again with what comes next', async () => {
    let isAway = true;
    const taken: Seen[] = [];
    const { feed } = feedInto(async (batch) => {
      if (isAway) throw new Error('away');
      taken.push(...batch);
    });
    const events = [said('withdrawn', { at: NOON }), said('withdrawn', { at: NOON + 1 })];
    feed.observe(events);
    await until(() => feed.lost() === 0 && taken.length === 0, 'nothing is taken');
    feed.observe(records('a'));
    await until(() => feed.lost() === 1, 'what a field says is lost');
    isAway = false;
    feed.observe(records('b'));
    await feed.close();
    expect(taken).toEqual(expect.arrayContaining(events));
    expect(feed.lost()).toBe(1);
  });

  it('tries again by itself what nobody sees again, ever more seldom, until it is appended', async () => {
    vi.useFakeTimers();
    let attempts = 0;
    let isAway = true;
    const { feed } = feedInto(async () => {
      attempts += 1;
      if (isAway) throw new Error('away');
    });
    feed.observe([said('withdrawn'), said('withdrawn', { at: NOON })]);
    for (const [seconds, expected] of [
      [0, 1],
      [1, 2],
      [1, 2],
      [1, 3],
      [4, 4],
      [120, 8],
    ] as const) {
      await vi.advanceTimersByTimeAsync(seconds * 1_000);
      expect(attempts).toBe(expected);
      expect(feed.waiting()).toBe(2);
    }
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(feed.waiting()).toBe(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(attempts).toBe(9);
    vi.useRealTimers();
  });

  it('appends what waits when it is closed, and says that it is lost if even then it cannot', async () => {
    let isAway = true;
    const taken: Seen[] = [];
    const open = () =>
      feedInto(async (batch) => {
        if (isAway) throw new Error('away');
        taken.push(...batch);
      });
    const [back, away] = [open(), open()];
    for (const { feed, failures } of [back, away]) {
      feed.observe([said('withdrawn')]);
      await until(() => failures.length === 1, 'the first attempt fails');
      expect(feed.waiting()).toBe(1);
    }
    await away.feed.close();
    expect(away.feed.lost()).toBe(1);
    isAway = false;
    await back.feed.close();
    expect(taken).toHaveLength(1);
    expect([back.feed.waiting(), back.feed.lost()]).toEqual([0, 0]);
  });
});
