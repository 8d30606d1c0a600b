/**
 * What tokens cost: the vault's rate as a ratio to the store's own, which writes and reads the same keys and bytes in the same batches and does
 * nothing else. Arguments: `--rounds 3`, `--values 20000`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/clock.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Key, Store, Write } from '../../src/store/store.ts';
import { createKekFile } from '../../src/vault/kek.ts';
import { localKeyWrapper } from '../../src/vault/key-wrapper.ts';
import { createKeyring, type Keyring, openKeyring } from '../../src/vault/keyring.ts';
import type { TokenizeItem } from '../../src/vault/token-group.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';
import { startRedis } from '../fixtures/redis.ts';
import { median } from './report.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, values: { type: 'string', default: '10000' } },
});
const VALUES = Number(options.values);
const SINGLE_VALUES = Math.ceil(VALUES / 50);
const DOMAIN = 'identity.national-id';

/** What a vault asked of its store. */
interface Asked {
  readonly reads: (readonly Key[])[];
  readonly writes: (readonly Write[])[];
}

function recording(store: Store): { readonly store: Store; readonly record: Asked } {
  const record: Asked = { reads: [], writes: [] };
  return {
    record,
    store: {
      ...store,
      getMany: (keys) => {
        record.reads.push(keys);
        return store.getMany(keys);
      },
      write: (writes) => {
        record.writes.push(writes);
        return store.write(writes);
      },
      writeIf: (guarded) => {
        record.writes.push(guarded.flatMap(({ writes }) => writes));
        return store.writeIf(guarded);
      },
    },
  };
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAt);
}

interface Rates {
  readonly vault: number;
  readonly raw: number;
}

interface Ground {
  readonly keyring: Keyring;
  /** A new, empty store. */
  readonly open: () => Promise<Store>;
}

/** A person each, as when records are created. */
function itemsOf(round: number, count: number): readonly TokenizeItem[] {
  return Array.from({ length: count }, (_, index) => ({
    domain: DOMAIN,
    value: `${round}${String(index).padStart(8, '0')}Z`,
    as: { kind: 'deterministic' },
    dataSubject: { id: `sales:Contact:${round}-${index}` },
  }));
}

async function tokenizeAll(vault: Vault, items: readonly TokenizeItem[], single: boolean): Promise<string[]> {
  const made = single
    ? (await sequence(items, (item) => vault.tokenize([item]))).flat()
    : await vault.tokenize(items);
  return made.map((one) => ('token' in one ? one.token : ''));
}

async function sequence<Item, Result>(
  items: readonly Item[],
  step: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await step(item));
  return results;
}

async function measure({ keyring, open }: Ground, round: number, single: boolean): Promise<[Rates, Rates]> {
  const items = itemsOf(round, single ? SINGLE_VALUES : VALUES);
  const own = await open();
  const { store, record } = recording(own);
  const vault = await openVault({ store, keyring, clock: systemClock, limits: DEFAULT_LIMITS });
  record.writes.length = 0;
  let tokens: readonly string[] = [];
  const tokenized = await perSecond(items.length, async () => {
    tokens = await tokenizeAll(vault, items, single);
  });
  record.reads.length = 0;
  const asked = tokens.map((token) => ({ domain: DOMAIN, token }));
  const detokenized = await perSecond(items.length, () =>
    single ? sequence(asked, (one) => vault.detokenize([one])) : vault.detokenize(asked),
  );
  const empty = await open();
  const written = await perSecond(items.length, () => sequence(record.writes, empty.write));
  const read = await perSecond(items.length, () => sequence(record.reads, own.getMany));
  await Promise.all([own.close(), empty.close()]);
  return [
    { vault: tokenized, raw: written },
    { vault: detokenized, raw: read },
  ];
}

function line(name: string, all: readonly Rates[]): string {
  const vault = median(all.map((rates) => rates.vault));
  const raw = median(all.map((rates) => rates.raw));
  const cells = [vault.toFixed(0), raw.toFixed(0), (vault / raw).toFixed(2)];
  return name.padEnd(36) + cells.map((cell) => cell.padStart(10)).join('');
}

async function compare(name: string, ground: Ground): Promise<void> {
  for (const single of [false, true]) {
    await measure(ground, 0, single);
    const rounds: [Rates, Rates][] = [];
    for (let round = 1; round <= Number(options.rounds); round++)
      rounds.push(await measure(ground, round, single));
    const how = `${name}, ${single ? 'one by one' : `${DEFAULT_LIMITS.vaultBatchMax} at once`}`;
    console.log(
      line(
        `${how}: tokenize`,
        rounds.map(([tokenized]) => tokenized),
      ),
    );
    console.log(
      line(
        `${how}: detokenize`,
        rounds.map(([, detokenized]) => detokenized),
      ),
    );
  }
}

async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-'));
  const redis = await startRedis({ persistent: true });
  try {
    createKekFile(join(root, 'kek'));
    const place = { ring: join(root, 'ring.json'), wrapper: localKeyWrapper({ file: join(root, 'kek') }) };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    console.log(
      `${''.padEnd(36)}${['vault /s', 'store /s', 'ratio'].map((cell) => cell.padStart(10)).join('')}`,
    );
    let stores = 0;
    await compare('embedded', {
      keyring,
      open: async () => openEmbedded(join(root, `store-${++stores}`), DEFAULT_LIMITS),
    });
    await compare('Redis', {
      keyring,
      open: async () => {
        await redis.client.flushall();
        return openRedis(redis.url, DEFAULT_LIMITS);
      },
    });
  } finally {
    await redis.stop();
    rmSync(root, { recursive: true });
  }
}

await main();
