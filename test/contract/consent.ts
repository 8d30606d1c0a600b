import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConsentRegistry } from '../../src/consent/open-registry.ts';
import type { ConsentRegistry } from '../../src/consent/registry.ts';
import type { ConsentEvent } from '../../src/model/consent.ts';
import type { DataSubjectKeys } from '../../src/model/data-subject.ts';
import { keysUnder, type Store } from '../../src/store/store.ts';
import { until } from '../fixtures/audit.ts';
import { DAY, NOON, registryOver, said } from '../fixtures/consent.ts';

export interface ConsentUnderTest {
  /** A store; where several are shared, another one over the same data each time. */
  readonly open: () => Promise<Store>;
  readonly isShared: boolean;
  readonly dispose: () => Promise<void>;
}

const ANA = { email: 'ana@acme.example' };

/** What every consent registry must do; it runs on each kind of store. */
export function describeConsentRegistry(name: string, prepare: () => Promise<ConsentUnderTest>): void {
  describe(`${name} keeps the contract of consent`, () => {
    let underTest: ConsentUnderTest;
    let store: Store;
    let registry: OpenConsentRegistry;
    const closers: (() => Promise<void> | void)[] = [];

    async function another(options: Parameters<typeof registryOver>[1] = {}): Promise<OpenConsentRegistry> {
      const own = underTest.isShared ? await underTest.open() : store;
      if (own !== store) closers.push(own.close);
      const opened = await registryOver(own, { isShared: true, ...options });
      closers.push(opened.close);
      return opened;
    }
    const stateOf = async (
      who: DataSubjectKeys,
      purpose = 'marketing.email',
      of: ConsentRegistry = registry,
    ) => (await of.standings([who]))[0]?.consent(purpose).state;

    beforeEach(async () => {
      underTest = await prepare();
      store = await underTest.open();
      registry = await registryOver(store, { isShared: underTest.isShared });
    });
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
      registry.close();
      await store.close();
      await underTest.dispose();
    });

    it('knows nothing of people that nothing was said about', async () => {
      const [standing] = await registry.standings([ANA]);
      expect(standing?.restricted).toBe(false);
      expect(standing?.consent('marketing.email')).toEqual({ state: 'unknown' });
      expect(await registry.history(ANA)).toEqual([]);
      expect(await registry.standings([])).toEqual([]);
    });

    it('keeps all of an event, and tells the state with its time and source', async () => {
      const event = said('granted', { basis: 'consent', until: NOON + DAY, source: 'form' });
      expect(await registry.append([event])).toEqual({ appended: 1, outcomes: ['appended'] });
      const { who: _, ...rest } = event;
      expect(await registry.history(ANA)).toEqual([rest]);
      const [standing] = await registry.standings([ANA]);
      expect(standing?.consent('marketing.email')).toEqual({
        state: 'granted',
        at: event.at,
        source: 'form',
      });
    });

    it('appends nothing twice, in one call or in several', async () => {
      const event = said('granted');
      expect((await registry.append([event, event])).outcomes).toEqual(['appended', 'known']);
      expect(await registry.append([event])).toEqual({ appended: 0, outcomes: ['known'] });
      expect(await registry.history(ANA)).toHaveLength(1);
    });

    it('answers in the order asked, for people known by anything', async () => {
      await registry.append([
        said('granted'),
        said('withdrawn', { who: { record: 'sales::003A' } }),
        said('objected', { who: { phone: '600 100 200' } }),
      ]);
      const people = [
        { phone: '+34 600 100 200' },
        {},
        { email: ' ANA@acme.example ' },
        { record: 'sales::003A' },
        { record: 'sales::003B' },
      ];
      const states = (await registry.standings(people)).map((one) => one.consent('marketing.email').state);
      expect(states).toEqual(['objected', 'unknown', 'granted', 'withdrawn', 'unknown']);
    });

    it('takes those who share an identifier for one person, from the first event that says so', async () => {
      await registry.append([said('granted', { who: { record: 'sales::003A' } })]);
      await registry.append([said('withdrawn', { who: ANA, at: NOON })]);
      expect(await stateOf({ record: 'sales::003A' })).toBe('granted');
      await registry.append([
        said('granted', { who: { ...ANA, record: 'sales::003A' }, purpose: 'research' }),
      ]);
      expect(await stateOf({ record: 'sales::003A' })).toBe('withdrawn');
      expect(await registry.history({ record: 'sales::003A' })).toEqual(await registry.history(ANA));
    });

    it('takes what is known of every identifier of a record together, linked or not', async () => {
      await registry.append([said('granted', { who: { record: 'sales::003A' } }), said('objected')]);
      expect(await stateOf({ record: 'sales::003A', ...ANA })).toBe('objected');
    });

    it('knows people by whatever else they are known by, and tells them from those who are not', async () => {
      const hub = {
        record: 'hub:contacts:17',
        also: [{ record: 'sales::003' }, { email: 'b@acme.example' }],
      };
      await registry.append([said('withdrawn', { who: { record: 'sales::003' } })]);
      await registry.append([said('restricted', { who: { email: 'B@acme.example' } })]);
      const [standing] = await registry.standings([hub]);
      expect(standing).toMatchObject({ restricted: true });
      expect(standing?.consent('marketing.email').state).toBe('withdrawn');
      const [other] = await registry.standings([{ ...hub, also: [{ record: 'sales::004' }] }]);
      expect(other).toMatchObject({ restricted: false });
      // What is said of all of it makes one person of them.
      await registry.append([said('granted', { who: hub, at: NOON + DAY })]);
      expect(await stateOf({ record: 'sales::003' })).toBe('granted');
      expect(await stateOf({ record: 'hub:contacts:17' })).toBe('granted');
      expect((await registry.standings([hub]))[0]).toMatchObject({ restricted: true });
    });

    it('lets nobody say that a grant without a purpose is a grant of every purpose', async () => {
      const { purpose: _, ...event } = said('granted');
      await registry.append([event]);
      expect(await stateOf(ANA)).toBe('unknown');
    });

    it('tells of what was said since it last looked, by this instance and by another', async () => {
      const who = { record: 'sales::003A', ...ANA };
      await registry.append([said('granted', { who })]);
      expect(await stateOf(who)).toBe('granted');
      expect(await stateOf(who)).toBe('granted');
      await registry.append([said('withdrawn', { who: ANA, at: NOON })]);
      expect(await stateOf(who)).toBe('withdrawn');
      if (!underTest.isShared) return;
      const other = await another();
      expect(await stateOf(who, 'marketing.email', other)).toBe('withdrawn');
      await other.append([said('granted', { who, at: NOON + DAY })]);
      expect(await stateOf(who)).toBe('granted');
      // Somebody who was found under one document alone turns out to be another one too.
      await other.append([said('objected', { who: { phone: '600100200' }, at: NOON + DAY })]);
      await other.append([
        said('granted', { who: { record: 'sales::003A', phone: '600100200' }, purpose: 'x' }),
      ]);
      expect(await stateOf(who)).toBe('objected');
      await other.erase(who, { all: true });
      expect(await stateOf(who)).toBe('unknown');
    });

    it('erases what somebody has agreed to, and keeps what takes something away', async () => {
      const record = { record: 'sales::003A' };
      await registry.append([
        said('granted', { who: { ...ANA, ...record }, purpose: 'research' }),
        said('granted'),
        said('objected', { who: record, purpose: 'marketing' }),
        said('withdrawn', { at: NOON - 2 * DAY }),
        said('granted', { who: { email: 'eva@acme.example' } }),
      ]);
      expect(await registry.erase(ANA, { all: false })).toEqual({ erased: 2, kept: 2 });
      for (const who of [ANA, record]) {
        expect((await registry.history(who)).map(({ state }) => state)).toEqual(['withdrawn', 'objected']);
        expect(await stateOf(who)).toBe('objected');
        expect(await stateOf(who, 'research')).toBe('unknown');
      }
      expect(await stateOf({ email: 'eva@acme.example' })).toBe('granted');
      expect(await registry.erase(ANA, { all: false })).toEqual({ erased: 0, kept: 2 });
      expect(await registry.erase(record, { all: true })).toEqual({ erased: 2, kept: 0 });
      expect(await registry.history(ANA)).toEqual([]);
      const left = await store.page(keysUnder('consent/'), 100);
      // A person and an event of somebody else.
      expect(left).toHaveLength(2);
    });

    it('leaves nothing of somebody who has only agreed, and everything of somebody who is restricted', async () => {
      await registry.append([said('granted'), said('restricted', { who: { email: 'eva@acme.example' } })]);
      expect(await registry.erase(ANA, { all: false })).toEqual({ erased: 1, kept: 0 });
      expect(await registry.erase(ANA, { all: false })).toEqual({ erased: 0, kept: 0 });
      const eva = { email: 'eva@acme.example' };
      expect(await registry.erase(eva, { all: true })).toMatchObject({ isRestricted: true });
      expect(await registry.erase(eva, { all: false })).toEqual({ erased: 0, kept: 1 });
      expect(registry.anyRestricted()).toBe(true);
      expect((await registry.standings([eva]))[0]?.restricted).toBe(true);
    });

    it('erases nothing that is said meanwhile', async () => {
      await registry.append([said('granted')]);
      const writer = await another();
      await Promise.all([
        registry.erase(ANA, { all: false }),
        writer.append([said('objected', { at: NOON })]),
        registry.erase(ANA, { all: false }),
      ]);
      expect(await stateOf(ANA)).toBe('objected');
      expect((await registry.history(ANA)).map(({ state }) => state)).toEqual(['objected']);
    });

    it('finds out at once that somebody is restricted, and that nobody is any more', async () => {
      expect(registry.anyRestricted()).toBe(false);
      await registry.append([said('restricted')]);
      expect(registry.anyRestricted()).toBe(true);
      expect((await registry.standings([ANA]))[0]?.restricted).toBe(true);
      await registry.append([said('restriction-ended', { at: NOON })]);
      expect(registry.anyRestricted()).toBe(false);
      expect((await registry.standings([ANA]))[0]?.restricted).toBe(false);
    });

    it('still knows of a restriction when the restricted person turns out to be another one too', async () => {
      await registry.append([said('restricted'), said('granted', { who: { record: 'sales::003A' } })]);
      await registry.append([
        said('granted', { who: { record: 'sales::003A', ...ANA, phone: '600100200' } }),
      ]);
      expect((await registry.standings([{ phone: '600100200' }]))[0]?.restricted).toBe(true);
      expect(registry.anyRestricted()).toBe(true);
      await registry.append([said('restriction-ended', { who: { record: 'sales::003A' }, at: NOON })]);
      expect(registry.anyRestricted()).toBe(false);
    });

    it('tells other instances of a restriction within a second', async () => {
      const other = await another();
      expect(other.anyRestricted()).toBe(false);
      await registry.append([said('restricted')]);
      await until(other.anyRestricted, 'the other instance knows');
      expect(other.anyRestricted()).toBe(true);
    });

    it('keeps no personal value', async () => {
      await registry.append([
        said('granted', {
          who: { record: 'sales::003SECRET', email: 'secret@acme.example', phone: '600123123' },
        }),
      ]);
      const entries = await store.page(keysUnder('consent/'), 1_000);
      const text = entries.map(({ key, value }) => `${key} ${Buffer.from(value).toString()}`).join('\n');
      expect(entries.length).toBeGreaterThan(3);
      expect(text).not.toMatch(/secret|600123123|123123/i);
    });

    it('loses nothing that two instances append at the same time', async () => {
      const other = await another();
      const each = async (instance: ConsentRegistry, side: string) => {
        const appended = Array.from({ length: 40 }, (_, index) =>
          instance.append([
            said('granted', {
              who: { record: `sales::00${index % 4}`, ...(index % 3 === 0 ? ANA : {}) },
              purpose: `${side}.p${index}`,
              at: NOON - index,
            }),
          ]),
        );
        return Promise.all(appended);
      };
      const results = await Promise.all([each(registry, 'a'), each(other, 'b')]);
      expect(results.flat().every(({ appended }) => appended === 1)).toBe(true);
      const purposes = (await registry.history(ANA)).map(({ purpose }) => purpose);
      const all = ['a', 'b'].flatMap((side) => Array.from({ length: 40 }, (_, index) => `${side}.p${index}`));
      expect(purposes).toHaveLength(all.length);
      expect(new Set(purposes)).toEqual(new Set(all));
      const [standing] = await other.standings([{ record: 'sales::003' }]);
      expect(all.map((purpose) => standing?.consent(purpose).state)).toEqual(all.map(() => 'granted'));
    });

    it('joins nobody beyond the limit: refuses what grants, keeps what takes away for each by itself', async () => {
      const small = await another({ limits: { consentIdentifiersMax: 3 } });
      const shared = (record: string): DataSubjectKeys => ({ record, phone: '910000000' });
      expect(
        (await small.append(['a', 'b'].map((id) => said('granted', { who: shared(id) })))).outcomes,
      ).toEqual(['appended', 'appended']);
      expect(await small.append([said('granted', { who: shared('c') })])).toEqual({
        appended: 0,
        outcomes: ['crowded'],
      });
      expect(await stateOf({ record: 'c' }, undefined, small)).toBe('unknown');
      const objection = said('objected', { who: shared('c') });
      expect((await small.append([objection])).outcomes).toEqual(['apart']);
      expect((await small.append([objection])).outcomes).toEqual(['known']);
      expect(await stateOf({ record: 'c' }, undefined, small)).toBe('objected');
      expect(await stateOf({ record: 'a' }, undefined, small)).toBe('objected');
      const crowd = ['d', 'e', 'f'].map((id): ConsentEvent => said('withdrawn', { who: shared(id) }));
      expect((await small.append(crowd)).outcomes).toEqual(['apart', 'apart', 'apart']);
    });

    it('has room in a full history for what takes something further away, and for nothing else', async () => {
      const small = await another({ limits: { consentEventsMax: 2 } });
      const events = [
        said('granted', { at: NOON - 9 }),
        said('granted', { at: NOON - 8 }),
        said('granted', { at: NOON - 7 }),
        said('withdrawn', { at: NOON - 6 }),
        said('withdrawn', { at: NOON - 5 }),
        said('granted', { at: NOON - 4 }),
        said('objected', { at: NOON - 3 }),
        said('restricted', { at: NOON - 2 }),
      ];
      const outcomes = ['appended', 'appended', 'full', 'appended', 'full', 'full', 'appended', 'appended'];
      expect((await small.append(events)).outcomes).toEqual(outcomes);
      expect(await stateOf(ANA, undefined, small)).toBe('objected');
    });

    it('has room in a full history for what takes away again what was permitted since', async () => {
      const small = await another({ limits: { consentEventsMax: 5 } });
      const events = [
        said('withdrawn', { at: NOON - 9, purpose: 'marketing' }),
        said('objected', { at: NOON - 9, purpose: 'marketing' }),
        said('objection-ended', { at: NOON - 8, purpose: 'marketing' }),
        said('granted', { at: NOON - 7 }),
        said('granted', { at: NOON - 6 }),
        said('withdrawn', { at: NOON - 5, purpose: 'marketing' }),
        said('withdrawn', { at: NOON - 4, purpose: 'marketing' }),
        said('objected', { at: NOON - 3, purpose: 'marketing' }),
        said('objected', { at: NOON - 2, purpose: 'marketing' }),
      ];
      const { outcomes } = await small.append(events);
      expect(outcomes.slice(5)).toEqual(['appended', 'full', 'appended', 'full']);
      expect(await stateOf(ANA, undefined, small)).toBe('objected');
    });

    it('appends to nobody what names nobody', async () => {
      const nobody = [{}, { email: 'no address' }, { phone: 'none' }, { record: '' }];
      const { appended, outcomes } = await registry.append(nobody.map((who) => said('objected', { who })));
      expect([appended, outcomes]).toEqual([0, nobody.map(() => 'nobody')]);
    });

    it('looks 2,000 people up in one round trip, in two where nobody has said who they are', async () => {
      const people = Array.from({ length: 2_000 }, (_, index) => ({
        record: `sales::${index}`,
        email: `person${index}@acme.example`,
        phone: `+34600${String(100_000 + index)}`,
      }));
      await registry.append(people.map((who) => said('granted', { who })));
      let trips = 0;
      const count = <Call extends (...args: never[]) => unknown>(call: Call): Call =>
        ((...args) => {
          trips += 1;
          return call(...args);
        }) as Call;
      const counting = {
        ...store,
        get: count(store.get),
        getMany: count(store.getMany),
        page: count(store.page),
      };
      const counted = await registryOver(counting, { isShared: true });
      counted.close();
      const granted = async (whom: readonly DataSubjectKeys[]) => {
        trips = 0;
        const standings = await counted.standings(whom);
        return standings.filter((one) => one.consent('marketing.email').state === 'granted').length;
      };
      expect([await granted(people), trips]).toEqual([2_000, 1]);
      const moved = people.map(({ email, phone }, index) => ({
        record: `hub:contacts:${index}`,
        email,
        phone,
      }));
      expect([await granted(moved), trips]).toEqual([2_000, 2]);
      // Also those of whom not all is known are looked for under everything at once when they come again.
      expect([await granted(moved), trips]).toEqual([2_000, 1]);
      const [first] = moved;
      await registry.append([said('withdrawn', { who: { record: first?.record ?? '' }, at: NOON + DAY })]);
      expect([await granted(moved), trips]).toEqual([1_999, 1]);
      expect([await granted(moved), trips]).toEqual([1_999, 1]);
    });

    it('never answers from before what it was told', async () => {
      const asked = Array.from({ length: 20 }, async (_, index) => {
        await registry.standings([ANA]);
        await registry.append([said(index % 2 === 0 ? 'granted' : 'withdrawn', { at: NOON - DAY + index })]);
        return registry.standings([ANA]);
      });
      await Promise.all(asked);
      expect(await stateOf(ANA)).toBe('withdrawn');
      for (let index = 20; index < 40; index++) {
        const word = index % 2 === 0 ? 'granted' : 'withdrawn';
        const looking = registry.standings([ANA]);
        await registry.append([said(word, { at: NOON - DAY + index })]);
        expect(await stateOf(ANA)).toBe(word);
        await looking;
        expect(await stateOf(ANA)).toBe(word);
      }
    });
  });
}
