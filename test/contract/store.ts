import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysUnder, type Store } from '../../src/store/store.ts';

export interface StoreUnderTest {
  /** Opens the store; a second call after `close` opens the same data again. */
  readonly open: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

const bytes = (text: string) => Buffer.from(text);
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
      await store.write([{ put: 'a', value }]);
      expect(new Uint8Array((await store.get('a')) ?? [])).toEqual(value);
    });

    it('knows nothing of a key that was never put', async () => {
      expect(await store.get('missing')).toBeUndefined();
    });

    it('keeps an empty value apart from none', async () => {
      await store.write([{ put: 'empty', value: new Uint8Array() }]);
      expect((await store.get('empty'))?.byteLength).toBe(0);
    });

    it('keeps large values', async () => {
      const value = Buffer.alloc(3_000_000, 'x');
      await store.write([{ put: 'large', value }]);
      expect(Buffer.from((await store.get('large')) ?? []).equals(value)).toBe(true);
    });

    it('gives values that later writes leave alone', async () => {
      await store.write([put('a', 'before')]);
      const value = await store.get('a');
      const [entry] = await store.page(keysUnder('a'), 1);
      await store.write([put('a', 'after!')]);
      await store.get('a');
      expect([value, entry?.value].map((kept) => Buffer.from(kept ?? []).toString())).toEqual([
        'before',
        'before',
      ]);
    });

    it('overwrites and deletes', async () => {
      await store.write([put('a'), put('b')]);
      await store.write([put('a', 'new'), { delete: 'b' }, { delete: 'never-there' }]);
      expect(Buffer.from((await store.get('a')) ?? []).toString()).toBe('new');
      expect(await store.get('b')).toBeUndefined();
    });

    it('pages in order of keys, from the first included to the last left out', async () => {
      await store.write(['b', 'a', 'd', 'c', 'B', '1'].map((key) => put(key)));
      expect(await keys('1', 'd')).toEqual(['1', 'B', 'a', 'b', 'c']);
      expect(await keys('a', 'd', 2)).toEqual(['a', 'b']);
      expect(await keys('aa', 'cc')).toEqual(['b', 'c']);
      expect(await keys('x', 'z')).toEqual([]);
    });

    it('pages backwards over the same keys', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(key)));
      expect(await keys('a', 'd', 100, true)).toEqual(['c', 'b', 'a']);
      expect(await keys('a', 'd', 1, true)).toEqual(['c']);
      expect(await keys('aa', 'cc', 100, true)).toEqual(['c', 'b']);
    });

    it('keeps prefixes apart', async () => {
      await store.write(['a/1', 'a/2', 'a0', 'ab/1', 'a'].map((key) => put(key)));
      expect((await store.page(keysUnder('a/'), 100)).map(({ key }) => key)).toEqual(['a/1', 'a/2']);
    });

    it('deletes a range and nothing beside it', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(key)));
      await store.write([{ deleteRange: { from: 'b', to: 'd' } }, put('e')]);
      expect(await keys('a', 'z')).toEqual(['a', 'd', 'e']);
    });

    it('writes all of a call or nothing of it', async () => {
      await store.write([put('a', 'before')]);
      await expect(store.write([put('a', 'after'), put('')])).rejects.toThrow(RangeError);
      await expect(store.write([put('a', 'after'), put('x'.repeat(513))])).rejects.toThrow(RangeError);
      expect(Buffer.from((await store.get('a')) ?? []).toString()).toBe('before');
    });

    it('gives many values at once, in the order asked for', async () => {
      await store.write([put('a'), put('b')]);
      const values = await store.getMany(['b', 'missing', 'a', 'b']);
      expect(values.map((value) => value && Buffer.from(value).toString())).toEqual([
        'b',
        undefined,
        'a',
        'b',
      ]);
      expect(await store.getMany([])).toEqual([]);
    });

    it('writes on condition: each by itself, whole or not at all, and says what stood in its way', async () => {
      await store.write([put('a'), put('b')]);
      const conflicts = await store.writeIf([
        { expect: [{ key: 'a', value: bytes('a') }], writes: [put('a', 'new'), { delete: 'b' }] },
        {
          expect: [
            { key: 'c', value: undefined },
            { key: 'a', value: bytes('a') },
          ],
          writes: [put('c')],
        },
        { expect: [{ key: 'b', value: undefined }], writes: [put('d')] },
        { expect: [{ key: 'missing', value: bytes('') }], writes: [put('e')] },
      ]);
      expect(conflicts.map((conflict) => conflict?.key)).toEqual([undefined, 'a', undefined, 'missing']);
      expect(Buffer.from(conflicts[1]?.value ?? []).toString()).toBe('new');
      expect(conflicts[3]).toEqual({ key: 'missing', value: undefined });
      expect(await keys('a', 'z')).toEqual(['a', 'd']);
    });

    it('lets one of many win a key that all expect to be free, and shows the others who', async () => {
      const attempts = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          store.writeIf([{ expect: [{ key: 'k', value: undefined }], writes: [put('k', String(index))] }]),
        ),
      );
      const winner = attempts.findIndex(([conflict]) => conflict === undefined);
      const seen = new Set(
        attempts.flatMap(([conflict]) =>
          conflict === undefined ? [] : [Buffer.from(conflict.value ?? []).toString()],
        ),
      );
      expect([...seen]).toEqual([String(winner)]);
    });

    it('keeps conditional and plain writes in their order', async () => {
      const [, [conflict]] = await Promise.all([
        store.write([put('a', '1')]),
        store.writeIf([{ expect: [{ key: 'a', value: bytes('1') }], writes: [put('a', '2')] }]),
      ]);
      expect(conflict).toBeUndefined();
      expect(Buffer.from((await store.get('a')) ?? []).toString()).toBe('2');
    });

    it('writes nothing on condition when a key is outside the contract', async () => {
      await expect(
        store.writeIf([
          { expect: [], writes: [put('a')] },
          { expect: [], writes: [put('')] },
        ]),
      ).rejects.toThrow(RangeError);
      expect(await store.get('a')).toBeUndefined();
    });

    it('shows a write once it has resolved, and concurrent writes in their order', async () => {
      await Promise.all(Array.from({ length: 500 }, (_, index) => store.write([put('k', String(index))])));
      expect(Buffer.from((await store.get('k')) ?? []).toString()).toBe('499');
    });

    it('still has everything after it was closed and opened again', async () => {
      await store.write([put('a'), put('b')]);
      await store.close();
      store = await underTest.open();
      expect(await keys('a', 'z')).toEqual(['a', 'b']);
    });
  });
}
