import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysUnder, type Store } from '../../src/store/store.ts';

export interface StoreUnderTest {
  /** Opens the store; a second call after `close` opens the same data again. */
  readonly open: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

const bytes = (text: string) => Buffer.from(text);
const textOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();
const put = (key: string, text = key) => ({ put: key, value: bytes(text) });

/** What every store must do; each implementation runs this suite. */
export function describeStore(name: string, prepare: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let underTest: StoreUnderTest;
    let store: Store;

    const keys = async (from: string, to: string, limit = 100, reverse = false) =>
      (await store.page({ from, to }, limit, reverse)).map(({ key }) => key);

    beforeEach(async () => {
      underTest = await prepare();
      store = await underTest.open();
    });
    afterEach(async () => {
      await store.close();
      await underTest.dispose();
    });

    it('gives back what was put, byte by byte', async () => {
      const value = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.write([{ put: 't/a', value }]);
      expect(new Uint8Array((await store.get('t/a')) ?? [])).toEqual(value);
    });

    it('takes every key of the contract', async () => {
      const all = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 0x21 + index));
      const odd = ['}/{', '{}/a', `${all.replace('/', '')}/${all}`, `t/${'x'.repeat(510)}`];
      for (const key of odd) await store.write([put(key)]);
      expect((await store.getMany(odd)).map(textOf)).toEqual(odd);
    });

    it('knows nothing of a key that was never put', async () => {
      expect(await store.get('t/missing')).toBeUndefined();
    });

    it('keeps an empty value apart from none', async () => {
      await store.write([{ put: 't/empty', value: new Uint8Array() }]);
      expect((await store.get('t/empty'))?.byteLength).toBe(0);
    });

    it('keeps large values', async () => {
      const value = Buffer.alloc(3_000_000, 'x');
      await store.write([{ put: 't/large', value }]);
      expect(Buffer.from((await store.get('t/large')) ?? []).equals(value)).toBe(true);
    });

    it('gives values that later writes leave alone', async () => {
      await store.write([put('t/a', 'before')]);
      const value = await store.get('t/a');
      const [entry] = await store.page(keysUnder('t/a'), 1);
      await store.write([put('t/a', 'after!')]);
      await store.get('t/a');
      expect([value, entry?.value].map(textOf)).toEqual(['before', 'before']);
    });

    it('gives many values at once, in the order asked for, from any partition', async () => {
      await store.write([put('t/a'), put('t/b')]);
      await store.write([put('u/a')]);
      const values = await store.getMany(['t/b', 'u/a', 'u/missing', 't/a', 't/b']);
      expect(values.map(textOf)).toEqual(['t/b', 'u/a', undefined, 't/a', 't/b']);
      expect(await store.getMany([])).toEqual([]);
    });

    it('shows what was written together, in one partition, as it was at one moment', async () => {
      const places = Array.from({ length: 20 }, (_, index) => `t/${index}`);
      let isOver = false;
      const seen: Set<string | undefined>[] = [];
      const reading = async (): Promise<void> => {
        while (!isOver) {
          // A store may answer within one turn, and writes need others.
          await setImmediate();
          seen.push(new Set((await store.getMany(places)).map(textOf)));
        }
      };
      const readers = [reading(), reading()];
      for (let round = 0; round < 30; round++)
        await store.write(places.map((key) => put(key, String(round))));
      isOver = true;
      await Promise.all(readers);
      expect(seen.filter(({ size }) => size > 1)).toEqual([]);
      expect(new Set(seen.flatMap((texts) => [...texts])).size).toBeGreaterThan(1);
    });

    it('overwrites and deletes', async () => {
      await store.write([put('t/a'), put('t/b')]);
      await store.write([put('t/a', 'new'), { delete: 't/b' }, { delete: 't/never-there' }]);
      expect(textOf(await store.get('t/a'))).toBe('new');
      expect(await store.get('t/b')).toBeUndefined();
      expect(await keys('t/a', 't/z')).toEqual(['t/a']);
    });

    it('pages in order of keys, from the first included to the last left out', async () => {
      await store.write(['b', 'a', 'd', 'c', 'B', '1'].map((key) => put(`t/${key}`)));
      expect(await keys('t/1', 't/d')).toEqual(['t/1', 't/B', 't/a', 't/b', 't/c']);
      expect(await keys('t/a', 't/d', 2)).toEqual(['t/a', 't/b']);
      expect(await keys('t/aa', 't/cc')).toEqual(['t/b', 't/c']);
      expect(await keys('t/x', 't/z')).toEqual([]);
    });

    it('pages backwards over the same keys', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(`t/${key}`)));
      expect(await keys('t/a', 't/d', 100, true)).toEqual(['t/c', 't/b', 't/a']);
      expect(await keys('t/a', 't/d', 1, true)).toEqual(['t/c']);
      expect(await keys('t/aa', 't/cc', 100, true)).toEqual(['t/c', 't/b']);
    });

    it('keeps prefixes and partitions apart', async () => {
      await store.write(['a/1', 'a/2', 'a0', 'ab/1', 'a'].map((key) => put(`t/${key}`)));
      await store.write([put('t1/a/3')]);
      expect(await keys(...endsOf('t/a/'))).toEqual(['t/a/1', 't/a/2']);
      expect(await keys(...endsOf('t1/'))).toEqual(['t1/a/3']);
    });

    it('deletes a range and nothing beside it', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(`t/${key}`)));
      await store.write([put('t/b2'), { deleteRange: { from: 't/b', to: 't/d' } }, put('t/e')]);
      expect(await keys('t/a', 't/z')).toEqual(['t/a', 't/b2', 't/d', 't/e']);
      expect(await store.get('t/c')).toBeUndefined();
    });

    it('writes all of a call or nothing of it', async () => {
      await store.write([put('t/a', 'before')]);
      const wrong = ['', 'a', '/a', 't/', 't/a b', 't/\n', `t/${'x'.repeat(511)}`, 'u/a'];
      for (const key of wrong) {
        await expect(store.write([put('t/a', 'after'), put(key)])).rejects.toThrow(RangeError);
        const guarded = { expect: [], writes: [put('t/new'), put(key)] };
        const looking = { expect: [{ key, value: undefined }], writes: [put('t/new')] };
        await expect(store.writeIf([{ expect: [], writes: [put('t/new')] }, guarded])).rejects.toThrow(
          RangeError,
        );
        await expect(store.writeIf([looking])).rejects.toThrow(RangeError);
      }
      expect(textOf(await store.get('t/a'))).toBe('before');
      expect(await store.get('t/new')).toBeUndefined();
    });

    it('refuses to read what no key is, and ranges over partitions', async () => {
      await expect(store.get('a')).rejects.toThrow(RangeError);
      await expect(store.getMany(['t/a', ''])).rejects.toThrow(RangeError);
      await expect(store.page({ from: 't/a', to: 'u/a' }, 1)).rejects.toThrow(RangeError);
      await expect(store.write([{ deleteRange: { from: 'a', to: 'b' } }])).rejects.toThrow(RangeError);
    });

    it('shows a write once it has resolved, and concurrent writes in their order', async () => {
      await Promise.all(Array.from({ length: 500 }, (_, index) => store.write([put('t/k', String(index))])));
      expect(textOf(await store.get('t/k'))).toBe('499');
    });

    it('writes on condition: each by itself, whole or not at all, and says what stood in its way', async () => {
      await store.write([put('t/a'), put('t/b')]);
      const conflicts = await store.writeIf([
        { expect: [{ key: 't/a', value: bytes('t/a') }], writes: [put('t/a', 'new'), { delete: 't/b' }] },
        {
          expect: [
            { key: 't/c', value: undefined },
            { key: 't/a', value: bytes('t/a') },
          ],
          writes: [put('t/c')],
        },
        { expect: [{ key: 't/b', value: undefined }], writes: [put('t/d')] },
        { expect: [{ key: 't/missing', value: bytes('') }], writes: [put('t/e')] },
        { expect: [], writes: [put('u/a')] },
        { expect: [{ key: 't/d', value: bytes('t/d') }], writes: [] },
        { expect: [], writes: [] },
      ]);
      const stoodInTheWay = conflicts.map((conflict) => conflict?.key ?? 'nothing').join(' ');
      expect(stoodInTheWay).toBe('nothing t/a nothing t/missing nothing nothing nothing');
      expect(textOf(conflicts[1]?.value)).toBe('new');
      expect(conflicts[3]).toEqual({ key: 't/missing', value: undefined });
      expect(await keys('t/a', 't/z')).toEqual(['t/a', 't/d']);
      expect(textOf(await store.get('u/a'))).toBe('u/a');
      expect(await store.writeIf([])).toEqual([]);
    });

    it('compares what it expects byte by byte', async () => {
      const value = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.write([{ put: 't/a', value }]);
      const [conflict] = await store.writeIf([
        { expect: [{ key: 't/a', value }], writes: [put('t/a', 'new')] },
      ]);
      expect(conflict).toBeUndefined();
      const [other] = await store.writeIf([
        { expect: [{ key: 't/a', value }], writes: [put('t/a', 'newer')] },
      ]);
      expect(textOf(other?.value)).toBe('new');
    });

    it('lets one of many win a key that all expect to be free, and shows the others who', async () => {
      const attempts = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          store.writeIf([
            {
              expect: [{ key: 't/k', value: undefined }],
              writes: [put('t/k', String(index)), put(`t/by/${index}`)],
            },
          ]),
        ),
      );
      const winner = attempts.findIndex(([conflict]) => conflict === undefined);
      const losers = attempts.flatMap(([conflict]) => (conflict === undefined ? [] : [conflict.value]));
      expect([...new Set(losers.map(textOf))]).toEqual([String(winner)]);
      expect(await keys(...endsOf('t/by/'))).toEqual([`t/by/${winner}`]);
    });

    it('keeps conditional and plain writes in their order', async () => {
      const [, [conflict]] = await Promise.all([
        store.write([put('t/a', '1')]),
        store.writeIf([{ expect: [{ key: 't/a', value: bytes('1') }], writes: [put('t/a', '2')] }]),
      ]);
      expect(conflict).toBeUndefined();
      expect(textOf(await store.get('t/a'))).toBe('2');
    });

    it('still has everything after it was closed and opened again', async () => {
      await store.write([put('t/a'), put('t/b')]);
      await store.close();
      store = await underTest.open();
      expect(await keys('t/a', 't/z')).toEqual(['t/a', 't/b']);
    });
  });
}

function endsOf(prefix: string): readonly [from: string, to: string] {
  const { from, to } = keysUnder(prefix);
  return [from, to];
}
