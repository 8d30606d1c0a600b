/**
 * What tokens cost: the vault's rate as a ratio to the store's own, which is asked the same again: the same keys and bytes, in the same batches,
 * under the same conditions, and nothing else. Every value is of another person, so each has a data key to be made or opened. What the vault
 * asks is written down in runs of their own, because keeping it makes work for the collector.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring, type Keyring, openKeyring } from '../../src/vault/keys/keyring.ts';
import type { TokenizeItem } from '../../src/vault/token/token-group.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';
import { startRedis } from '../fixtures/redis.ts';
import { median } from './report.ts';
import { compareVaultPages } from './vault-page.ts';
import { warmUp } from './warm-up.ts';

const VALUES = 5_000;
const SINGLE_VALUES = 200;
/** Of the same values. */
const READINGS = 5;
const DOMAIN = 'identity.national-id';

/** One call of a vault to its store, to be made again. */
type Call = (store: Store) => Promise<unknown>;

function recording(store: Store): { readonly store: Store; readonly calls: Call[] } {
  const calls: Call[] = [];
  const noted =
    <Argument, Result>(
      name: 'getMany' | 'write' | 'writeIf',
      call: (argument: Argument) => Promise<Result>,
    ) =>
    (argument: Argument): Promise<Result> => {
      calls.push((other) => other[name](argument as never));
      return call(argument);
    };
  return {
    calls,
    store: {
      ...store,
      getMany: noted('getMany', store.getMany),
      write: noted('write', store.write),
      writeIf: noted('writeIf', store.writeIf),
    },
  };
}

/** Of one value, by the clock and by the CPU time of this process. */
interface Cost {
  readonly us: number;
  readonly cpuUs: number;
}

async function costOf(count: number, work: () => Promise<unknown>): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const us = ((performance.now() - startedAt) * 1000) / count;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { us, cpuUs: (user + system) / count };
}

function middle(costs: readonly Cost[]): Cost {
  return { us: median(costs.map(({ us }) => us)), cpuUs: median(costs.map(({ cpuUs }) => cpuUs)) };
}

interface Costs {
  readonly vault: Cost;
  readonly raw: Cost;
}

interface Ground {
  readonly keyring: Keyring;
  /** A new, empty store. */
  readonly open: () => Promise<Store>;
}

/** A person each, as when records are created. */
function itemsOf(count: number): readonly TokenizeItem[] {
  return Array.from({ length: count }, (_, index) => ({
    domain: DOMAIN,
    value: `${String(index).padStart(8, '0')}Z`,
    as: { kind: 'deterministic' },
    dataSubject: { id: `sales:Contact:${index}` },
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

/** What a vault over this store asks of it. */
async function callsOf(
  { keyring }: Ground,
  own: Store,
  work: (vault: Vault) => Promise<unknown>,
): Promise<Call[]> {
  const { store, calls } = recording(own);
  const vault = await openVault({ store, keyring, clock: systemClock, limits: DEFAULT_LIMITS });
  calls.length = 0;
  await work(vault);
  return calls;
}

async function measure(ground: Ground, single: boolean): Promise<[Costs, Costs]> {
  const items = itemsOf(single ? SINGLE_VALUES : VALUES);
  const noted = await ground.open();
  const writes = await callsOf(ground, noted, (vault) => tokenizeAll(vault, items, single));
  await noted.close();

  const own = await ground.open();
  const { keyring } = ground;
  const vault = await openVault({ store: own, keyring, clock: systemClock, limits: DEFAULT_LIMITS });
  let tokens: readonly string[] = [];
  const tokenized = await costOf(items.length, async () => {
    tokens = await tokenizeAll(vault, items, single);
  });
  const asked = tokens.map((token) => ({ domain: DOMAIN, token }));
  const detokenize = (from: Vault): Promise<unknown> =>
    single ? sequence(asked, (one) => from.detokenize([one])) : from.detokenize(asked);
  const reads = await callsOf(ground, own, detokenize);
  // In turns, each after the other has been there: what was made for the tokens is still being collected at first.
  const detokenized: Cost[] = [];
  const read: Cost[] = [];
  for (let turn = 0; turn < READINGS; turn++) {
    detokenized.push(await costOf(items.length, () => detokenize(vault)));
    read.push(await costOf(items.length, () => sequence(reads, (call) => call(own))));
  }
  await own.close();

  const empty = await ground.open();
  const written = await costOf(items.length, () => sequence(writes, (call) => call(empty)));
  await empty.close();
  return [
    { vault: tokenized, raw: written },
    { vault: middle(detokenized), raw: middle(read) },
  ];
}

function line(name: string, all: readonly Costs[]): string {
  const of = (pick: (costs: Costs) => number): number => median(all.map(pick));
  const [vault, raw] = [1e6 / of((one) => one.vault.us), 1e6 / of((one) => one.raw.us)];
  const [cpu, rawCpu] = [of((one) => one.vault.cpuUs), of((one) => one.raw.cpuUs)];
  const cells = [vault.toFixed(0), raw.toFixed(0), (vault / raw).toFixed(2)];
  return row(name, [...cells, cpu.toFixed(1), rawCpu.toFixed(1), (rawCpu / cpu).toFixed(2)]);
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(40) + cells.map((cell) => cell.padStart(10)).join('');
}

async function compare(name: string, ground: Ground, count: number): Promise<void> {
  for (const single of [false, true]) {
    await warmUp(async () => {
      const costs = await measure(ground, single);
      return costs.reduce((sum, { vault }) => sum + vault.cpuUs, 0);
    });
    const rounds: [Costs, Costs][] = [];
    for (let round = 0; round < count; round++) rounds.push(await measure(ground, single));
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

/** Everything that the bench says of the vault. */
export async function benchVault(rounds: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-'));
  const redis = await startRedis({ persistent: true });
  const closers: (() => unknown)[] = [() => rmSync(root, { recursive: true }), redis.stop];
  try {
    createKekFile(join(root, 'kek'));
    const place = { ring: join(root, 'ring.json'), wrapper: localKeyWrapper({ file: join(root, 'kek') }) };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    console.log(`\n${row('the vault', ['values/s', 'store', 'ratio', 'CPU µs', 'store', 'ratio'])}`);
    let stores = 0;
    const embedded = async () => openEmbedded(join(root, `store-${++stores}`), DEFAULT_LIMITS);
    await compare('embedded', { keyring, open: embedded }, rounds);
    const inRedis = async () => {
      await redis.client.flushall();
      return openRedis(redis.url, DEFAULT_LIMITS);
    };
    await compare('Redis', { keyring, open: inRedis }, rounds);
    await redis.client.flushall();
    await compareVaultPages(root, redis.url, rounds, closers);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
