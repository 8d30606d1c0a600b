/**
 * What Privet costs, as ratios to the bare plugin and to the same plugin with parse, mask and stringify, all in one run. Reports,
 * never asserts: on a slow machine it is slow. `--only bare,privet`, `--sizes small` and `--rounds 5` narrow it, `--processes 3` starts
 * several of each proxy, because V8 does not compile the same code alike in each, `--profile DIR` writes CPU profiles of the proxies.
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type ThrowawayRedisOptions } from '../fixtures/redis.ts';
import {
  LARGE,
  PAGE,
  PAGE_ANEW,
  type Page,
  SMALL,
  SMALL_ANEW,
  STAMPS,
  STREAM,
  STREAM_BYTES,
  targetOf,
  writeBody,
} from './bodies.ts';
import { benchConsent } from './consent.ts';
import { CLIENT_HEADERS, type HouseOptions, openHouses } from './house.ts';
import type { Job, Result } from './load.ts';
import { readOptions } from './options.ts';
import { formatRows, median, type Row, type Sample } from './report.ts';
import { benchVault } from './vault.ts';
import { warmUp } from './warm-up.ts';
import { startWorker, type Usage, type Worker } from './worker.ts';

const CONNECTIONS = 32;
const WARM_UP_MS = 4_000;
/**
 * Load before each measured round. While the others are measured, a process collects its heap and V8 throws away compiled code that nobody has
 * used: what comes next is its way back, not what it costs.
 */
const LEAD_IN_MS = 1_500;
const ROUND_MS = 1_200;
const RSS_INTERVAL_MS = 50;

interface Variant {
  readonly name: string;
  readonly file: string;
  /** Called for each process, since each Privet has a store of its own. */
  readonly args: () => Promise<readonly string[]>;
}

/** The processes of each variant. */
type Proxies = ReadonlyMap<string, readonly Worker[]>;

const options = readOptions(process.argv.slice(2));

async function load(client: Worker, proxy: Worker, page: Page, job: Partial<Job>): Promise<Result> {
  const headers = CLIENT_HEADERS;
  const whole = { port: proxy.ready, target: targetOf(page), headers, connections: CONNECTIONS, ...job };
  return (await client.ask(whole)) as Result;
}

async function usageOf(proxy: Worker): Promise<Usage> {
  return (await proxy.ask('usage')) as Usage;
}

async function measure(client: Worker, proxy: Worker, page: Page, roundMs = ROUND_MS): Promise<Sample> {
  const before = await usageOf(proxy);
  const { requests, durationMs } = await load(client, proxy, page, { durationMs: roundMs });
  const after = await usageOf(proxy);
  return {
    perSecond: requests / (durationMs / 1000),
    cpuMs: (after.cpuMs - before.cpuMs) / requests,
  };
}

const RIVALS = [
  ['parsing', 'privet'],
  ['parsing-noscan', 'privet-noscan'],
] as const;

/** @throws Error when two variants of the same policies do not show the same values: their ratio would say nothing */
async function requireSameValues(proxies: Proxies, page: Page): Promise<void> {
  const headers = Object.fromEntries(CLIENT_HEADERS.map((header) => header.split(': ', 2)));
  for (const [one, other] of RIVALS) {
    const rivals = [one, other].map((name) => proxies.get(name)?.[0]).filter((proxy) => proxy !== undefined);
    if (rivals.length < 2) continue;
    const [values, others] = await Promise.all(
      rivals.map(async ({ ready }) => {
        const answer = await fetch(`http://127.0.0.1:${String(ready)}${targetOf(page)}`, { headers });
        return JSON.stringify(await answer.json()).replaceAll(STAMPS, '');
      }),
    );
    if (values !== others) throw new Error(`${one} and ${other} show different values.`);
  }
}

/**
 * Every variant in every round, each round beginning with another one: what disturbs the machine disturbs them all. Rounds go through
 * the processes of a variant in turn.
 */
async function compare(client: Worker, proxies: Proxies, page: Page): Promise<Row[]> {
  const names = [...proxies.keys()];
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  for (const proxy of [...proxies.values()].flat()) {
    await warmUp(async () => (await measure(client, proxy, page, WARM_UP_MS)).cpuMs);
  }
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      const processes = proxies.get(name) ?? [];
      const proxy = processes[round % processes.length];
      if (proxy === undefined) continue;
      await load(client, proxy, page, { durationMs: LEAD_IN_MS });
      samples.get(name)?.push(await measure(client, proxy, page));
    }
  }
  return Array.from(samples, ([name, taken]) => ({
    name,
    perSecond: median(taken.map(({ perSecond }) => perSecond)),
    cpuMs: median(taken.map(({ cpuMs }) => cpuMs)),
  }));
}

/** One answer of 1 GB through a fresh process that has only seen ordinary answers before. */
async function stream(client: Worker, proxy: Worker): Promise<void> {
  for (let round = 0; round < 30; round++) {
    await load(client, proxy, LARGE, { connections: 1, durationMs: 0 });
  }
  const { rssBytes: before } = await usageOf(proxy);
  let peak = before;
  const streaming = new AbortController();
  const watch = async (): Promise<void> => {
    while (!streaming.signal.aborted) {
      peak = Math.max(peak, (await usageOf(proxy)).rssBytes);
      await sleep(RSS_INTERVAL_MS);
    }
  };
  const watched = watch();
  const { bytes, durationMs } = await load(client, proxy, STREAM, { connections: 1, durationMs: 0 });
  streaming.abort();
  await watched;
  const mib = (count: number): string => `${(count / 2 ** 20).toFixed(0)} MiB`;
  console.log(
    `\n${(STREAM_BYTES / 1e9).toFixed(0)} GB streamed: ${(STREAM_BYTES / 1e6 / (durationMs / 1000)).toFixed(0)} MB/s ` +
      `(${(bytes / 1e6).toFixed(0)} MB reached the client), resident memory ${mib(before)} → at most ${mib(peak)}: ` +
      `grows by ${mib(peak - before)} (target: at most 64 MiB)`,
  );
}

async function main(): Promise<void> {
  const running: (() => unknown)[] = [];
  const start = async (file: string, args: readonly string[] = [], profile?: string): Promise<Worker> => {
    const worker = await startWorker({ file, args, profile });
    running.push(worker.stop);
    return worker;
  };
  try {
    const houses = openHouses();
    running.push(houses.remove);
    const upstream = `http://127.0.0.1:${String((await start('upstream.ts')).ready)}`;
    const client = await start('load.ts');
    const house = (options: Omit<HouseOptions, 'upstream'> = {}) => houses.write({ upstream, ...options });
    const redis = async (options?: ThrowawayRedisOptions): Promise<string> => {
      const server = await startRedis(options);
      running.push(server.stop);
      return server.url;
    };
    const variants: Variant[] = [
      { name: 'bare', file: 'bare.ts', args: async () => [upstream] },
      { name: 'parsing', file: 'parsing.ts', args: async () => [upstream, await house()] },
      { name: 'privet', file: 'privet.ts', args: async () => [await house()] },
      { name: 'redis', file: 'privet.ts', args: async () => [await house({ redis: await redis() })] },
      { name: 'budget', file: 'privet.ts', args: async () => [await house({ budget: 'embedded' })] },
      {
        name: 'parsing-noscan',
        file: 'parsing.ts',
        args: async () => [upstream, await house({ scans: false })],
      },
      { name: 'privet-noscan', file: 'privet.ts', args: async () => [await house({ scans: false })] },
      {
        name: 'budget-redis',
        file: 'privet.ts',
        args: async () => [await house({ budget: { redis: await redis({ persistent: true }) } })],
      },
    ];
    const proxies = new Map<string, readonly Worker[]>();
    for (const { name, file, args } of variants) {
      if (!options.only.has(name)) continue;
      const processes: Worker[] = [];
      while (processes.length < options.processes) {
        processes.push(await start(file, await args(), options.profile));
      }
      proxies.set(name, processes);
    }
    console.log(
      `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${CONNECTIONS} connections`,
    );
    for (const page of [SMALL, SMALL_ANEW, PAGE, PAGE_ANEW, LARGE]) {
      if (proxies.size === 0 || !options.sizes.has(page.name)) continue;
      const bytes = writeBody(page).length;
      await requireSameValues(proxies, page);
      const rows = await compare(client, proxies, page);
      console.log(`\n${page.name}: ${page.records} records, ${(bytes / 1000).toFixed(1)} kB`);
      console.log(formatRows(rows));
    }
    if (options.only.has('vault')) await benchVault(options.rounds);
    if (options.only.has('consent')) await benchConsent(options.rounds, options.profile);
    if (options.only.has('stream'))
      await stream(client, await start('privet.ts', [await houses.write({ upstream })]));
  } finally {
    for (const stop of running.reverse()) await stop();
  }
}

await main();
