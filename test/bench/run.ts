/**
 * What Privet costs, as ratios to the bare plugin and to the same plugin with parse, mask and stringify, all in one run. Reports,
 * never asserts: on a slow machine it is slow. `--only bare,privet`, `--sizes small` and `--rounds 5` narrow it, `--profile DIR` writes
 * CPU profiles of the proxies.
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startRedis } from '../fixtures/redis.ts';
import { LARGE, PAGE, type Page, SMALL, STREAM, STREAM_BYTES, targetOf, writeBody } from './bodies.ts';
import { benchConsent } from './consent.ts';
import { CLIENT_HEADERS, openHouses } from './house.ts';
import type { Job, Result } from './load.ts';
import { formatRows, median, type Row, type Sample } from './report.ts';
import { benchVault } from './vault.ts';
import { warmUp } from './warm-up.ts';
import { startWorker, type Usage, type Worker } from './worker.ts';

const CONNECTIONS = 32;
const WARM_UP_MS = 4_000;
const ROUND_MS = 1_200;
const RSS_INTERVAL_MS = 50;

interface Variant {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

const { values: options } = parseArgs({
  options: {
    only: {
      type: 'string',
      default:
        'bare,parsing,privet,redis,budget,budget-redis,parsing-noscan,privet-noscan,stream,vault,consent',
    },
    sizes: { type: 'string', default: 'small,page,large' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});
const chosen = new Set(options.only.split(','));

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
async function requireSameValues(proxies: ReadonlyMap<string, Worker>, page: Page): Promise<void> {
  const headers = Object.fromEntries(CLIENT_HEADERS.map((header) => header.split(': ', 2)));
  for (const [one, other] of RIVALS) {
    const rivals = [one, other].map((name) => proxies.get(name)).filter((proxy) => proxy !== undefined);
    if (rivals.length < 2) continue;
    const [values, others] = await Promise.all(
      rivals.map(async ({ ready }) => {
        const answer = await fetch(`http://127.0.0.1:${String(ready)}${targetOf(page)}`, { headers });
        return JSON.stringify(await answer.json());
      }),
    );
    if (values !== others) throw new Error(`${one} and ${other} show different values.`);
  }
}

/** Every variant in every round, each round beginning with another one: what disturbs the machine disturbs them all. */
async function compare(client: Worker, proxies: ReadonlyMap<string, Worker>, page: Page): Promise<Row[]> {
  const names = [...proxies.keys()];
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  for (const proxy of proxies.values()) {
    await warmUp(async () => (await measure(client, proxy, page, WARM_UP_MS)).cpuMs);
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      const proxy = proxies.get(name);
      if (proxy !== undefined) samples.get(name)?.push(await measure(client, proxy, page));
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
    const config = await houses.write({ upstream });
    const unscanned = await houses.write({ upstream, scans: false });
    const variants: Variant[] = [
      { name: 'bare', file: 'bare.ts', args: [upstream] },
      { name: 'parsing', file: 'parsing.ts', args: [upstream, config] },
      { name: 'privet', file: 'privet.ts', args: [config] },
      { name: 'budget', file: 'privet.ts', args: [await houses.write({ upstream, budget: 'embedded' })] },
      { name: 'parsing-noscan', file: 'parsing.ts', args: [upstream, unscanned] },
      { name: 'privet-noscan', file: 'privet.ts', args: [unscanned] },
    ];
    if (chosen.has('redis')) {
      const redis = await startRedis();
      running.push(redis.stop);
      const shipping = await houses.write({ upstream, redis: redis.url });
      variants.splice(3, 0, { name: 'redis', file: 'privet.ts', args: [shipping] });
    }
    if (chosen.has('budget-redis')) {
      const redis = await startRedis({ persistent: true });
      running.push(redis.stop);
      const counting = await houses.write({ upstream, budget: { redis: redis.url } });
      variants.push({ name: 'budget-redis', file: 'privet.ts', args: [counting] });
    }
    const proxies = new Map<string, Worker>();
    for (const { name, file, args } of variants) {
      if (chosen.has(name)) proxies.set(name, await start(file, args, options.profile));
    }
    console.log(
      `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${CONNECTIONS} connections`,
    );
    for (const page of [SMALL, PAGE, LARGE]) {
      if (proxies.size === 0 || !options.sizes.split(',').includes(page.name)) continue;
      const bytes = writeBody(page).length;
      await requireSameValues(proxies, page);
      const rows = await compare(client, proxies, page);
      console.log(`\n${page.name}: ${page.records} records, ${(bytes / 1000).toFixed(1)} kB`);
      console.log(formatRows(rows));
    }
    if (chosen.has('vault')) await benchVault(Number(options.rounds));
    if (chosen.has('consent')) await benchConsent(Number(options.rounds), options.profile);
    if (chosen.has('stream'))
      await stream(client, await start('privet.ts', [await houses.write({ upstream })]));
  } finally {
    for (const stop of running.reverse()) await stop();
  }
}

await main();
