import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../../src/store/redis.ts';
import { keysUnder, type ReadableStore, type Store, type Write } from '../../../src/store/store.ts';
import { type Keyring, rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import type { Vault } from '../../../src/vault/vault.ts';
import { TEST_LIMITS } from '../../fixtures/audit.ts';
import { startRedis } from '../../fixtures/redis.ts';
import { NIF, readBack, tokenOf, type VaultUnderTest, vaultUnderTest } from '../harness.ts';

interface Instances {
  readonly here: VaultUnderTest;
  /** The store as each of two instances holds it. */
  readonly stores: readonly Store[];
  readonly close: () => Promise<void>;
}

const STORES: readonly (readonly [string, () => Promise<Instances>])[] = [
  [
    'embedded',
    async () => {
      const here = await vaultUnderTest();
      return { here, stores: [here.store, here.store], close: here.dispose };
    },
  ],
  [
    'Redis',
    async () => {
      const here = await vaultUnderTest();
      const redis = await startRedis({ persistent: true });
      const stores = await Promise.all([1, 2].map(() => openRedis(redis.url, TEST_LIMITS)));
      const close = async (): Promise<void> => {
        for (const store of stores) await store.close();
        await redis.stop();
        await here.dispose();
      };
      return { here, stores, close };
    },
  ],
];

async function entriesOf(store: Pick<ReadableStore, 'page'>, prefix: string): Promise<Write[]> {
  const entries = await store.page(keysUnder(prefix), 1_000_000);
  return entries.map(({ key, value }) => ({ put: key, value: Buffer.from(value) }));
}

/** What has become of a vault. */
interface Story {
  readonly here: VaultUnderTest;
  readonly store: Store;
  readonly issued: Map<string, { readonly id: string; isErased: boolean }>;
  /** Records from before erasures. */
  kept: Write[];
}

type Act = (
  actor: { readonly vault: Vault; readonly keyring: Keyring },
  story: Story,
  id: string,
  turn: number,
) => unknown;

/** Reading follows whatever is done. */
const ACTS = {
  nothing: () => undefined,
  write: async ({ vault }, { issued }, id, turn) => {
    const { token } = await tokenOf(vault, { ...NIF, value: `value ${turn}`, dataSubject: { id } });
    issued.set(token, { id, isErased: false });
  },
  erase: async ({ vault }, story, id) => {
    story.kept.push(...(await entriesOf(story.store, 'vault/record/')));
    await vault.erase({ id });
    for (const token of story.issued.values()) token.isErased ||= token.id === id;
  },
  putBack: (_, { store, kept }) => store.write(kept),
  rotate: async ({ keyring }, { here }) => {
    if (keyring.versions.length > 3) return;
    await rotateKeyring(here.place);
    await keyring.reload();
  },
  rekey: ({ vault }) => vault.rekey(),
} satisfies Readonly<Record<string, Act>>;

describe.each(STORES)('an erasure in a store that two instances share, %s', (_, open) => {
  let instances: Instances;
  let store: Store;
  let one: Vault;
  let other: Vault;
  let reads: number;
  beforeAll(async () => {
    instances = await open();
  });
  afterAll(() => instances.close());
  beforeEach(async () => {
    const [first, second] = instances.stores as [Store, Store];
    store = first;
    await store.write([{ deleteRange: keysUnder('vault/') }]);
    const counting: Store = {
      ...second,
      getMany: (keys) => {
        reads++;
        return second.getMany(keys);
      },
    };
    one = (await instances.here.another(first)).vault;
    other = (await instances.here.another(counting)).vault;
    reads = 0;
  });

  const person = (index: number) => ({ id: `Contact:${index}` });
  const made = async (index: number, value = `value ${index}`) =>
    (await tokenOf(one, { ...NIF, value, dataSubject: person(index) })).token;
  const readBy = (vault: Vault, token: string) => readBack(vault, NIF.domain, token);

  it('is seen by one that has the data key open, though the record is put back', async () => {
    const [token, stays] = [await made(1), await made(2)];
    const records = await entriesOf(store, 'vault/record/');
    expect(await readBy(other, token)).toBe('value 1');
    expect(await readBy(other, stays)).toBe('value 2');
    await one.erase(person(1));
    await store.write(records);
    expect(await readBy(other, token)).toBe('(erased)');
    expect(await readBy(other, stays)).toBe('value 2');
  });

  it('is what a second look into the store is spared for, as long as there is none', async () => {
    const [token, stays] = [await made(1), await made(2)];
    const readsOf = async (read: string) => {
      reads = 0;
      await readBy(other, read);
      return reads;
    };
    expect([await readsOf(stays), await readsOf(stays), await readsOf(token)]).toEqual([2, 1, 2]);
    await one.erase(person(1));
    expect([await readsOf(stays), await readsOf(stays)]).toEqual([2, 1]);
    // A vault that has no name for its last erasure is looked at each time.
    await store.write([{ delete: 'vault/erasure' }]);
    expect([await readsOf(stays), await readsOf(stays)]).toEqual([2, 2]);
  });

  it('holds when the store is taken to a state of another time', async () => {
    const token = await made(1);
    const before = await entriesOf(store, 'vault/');
    expect(await readBy(other, token)).toBe('value 1');
    await one.erase(person(1));
    const after = await entriesOf(store, 'vault/');
    const records = before.filter((write) => 'put' in write && write.put.startsWith('vault/record/'));
    await store.write(before);
    expect(await readBy(other, token)).toBe('value 1');
    await store.write([...after, ...records]);
    expect(await readBy(other, token)).toBe('(erased)');
  });

  it('leaves who comes back a key of their own, also where the old one is open', async () => {
    const token = await made(1);
    const records = await entriesOf(store, 'vault/record/');
    expect(await readBy(other, token)).toBe('value 1');
    await one.erase(person(1));
    const again = await made(1, 'a new life');
    await store.write(records);
    expect(await readBy(other, again)).toBe('a new life');
    expect(await readBy(other, token)).toBe('(erased)');
    expect(await readBy(other, again)).toBe('a new life');
  });

  it('is in no value that is read after it was acknowledged, while both read all the time', async () => {
    const people = Array.from({ length: 12 }, (__, index) => index);
    const tokens = await Promise.all(people.map((index) => made(index)));
    const records = await entriesOf(store, 'vault/record/');
    const items = tokens.map((token) => ({ domain: NIF.domain, token }));
    const erased = new Set<number>();
    let isOver = false;
    const late: number[] = [];
    const reading = [one, other].map(async (vault) => {
      while (!isOver) {
        // The embedded store answers reads within one turn, and writes need others.
        await setImmediate();
        const known = new Set(erased);
        const values = await vault.detokenize(items);
        for (const [index, value] of values.entries())
          if (known.has(index) && 'value' in value) late.push(index);
      }
    });
    for (const index of people) {
      await (index % 2 === 0 ? one : other).erase(person(index));
      erased.add(index);
      await store.write(records);
    }
    isOver = true;
    await Promise.all(reading);
    expect(late).toEqual([]);
    expect((await other.detokenize(items)).map((value) => 'value' in value)).toEqual(people.map(() => false));
  });

  it('is missed by neither, in whatever order both read, write, erase and take up a new ring key', async () => {
    const step = fc.record({
      by: fc.constantFrom(0, 1),
      act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])),
      who: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await store.write([{ deleteRange: keysUnder('vault/') }]);
        const both = await Promise.all(instances.stores.map((own) => instances.here.another(own)));
        const story: Story = { here: instances.here, store, issued: new Map(), kept: [] };
        for (const [turn, { by, act, who }] of steps.entries()) {
          const actor = both[by] ?? both[0]!;
          await ACTS[act](actor, story, `Contact:${who}`, turn);
          const items = [...story.issued.keys()].map((token) => ({ domain: NIF.domain, token }));
          const values = await actor.vault.detokenize(items);
          expect(values.map((value) => 'value' in value)).toEqual(
            Array.from(story.issued.values(), ({ isErased }) => !isErased),
          );
        }
      }),
      { numRuns: 25 },
    );
  });
});
