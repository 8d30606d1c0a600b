/** One page of 2,000 records through several Privets in turn, each with a policy of its own: what a page costs each of them. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../src/vault/keys/keyring.ts';
import { LARGE, targetOf } from './bodies.ts';
import { median } from './report.ts';
import { warmUp } from './warm-up.ts';
import { startWorker, type Usage, type Worker } from './worker.ts';

const KEY = 'bench-page';
const REQUESTS = 12;

/** Called when the bench is over. */
export type Closers = (() => unknown)[];

/** A Privet, and what must hold of every page that it shows. */
export interface PageProxy {
  readonly name: string;
  readonly proxy: Worker;
  /** @throws Error when the page is not the one that is measured */
  readonly check: (page: string) => void;
}

/** Time and CPU time of one page. */
interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

/** A CRM that answers everything with one page. @returns its origin */
export async function servePage(body: Buffer, closers: Closers): Promise<string> {
  const headers = { 'content-type': 'application/json;charset=UTF-8', 'content-length': body.length };
  const server = http.createServer((_, response) => response.writeHead(200, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where a Privet of the bench has its keys. */
export async function makeRing(directory: string): Promise<void> {
  mkdirSync(directory);
  createKekFile(join(directory, 'kek'));
  await createKeyring(ringIn(directory));
}

export function ringIn(directory: string) {
  return {
    ring: join(directory, 'ring.json'),
    wrapper: localKeyWrapper({ file: join(directory, 'kek') }),
  };
}

export interface PageHouse {
  /** Has a ring already. */
  readonly directory: string;
  readonly upstream: string;
  /** YAML of all policies, and of what data maps the packs need beside theirs. */
  readonly policies: string;
  readonly role: string;
  /** In place of the embedded store. */
  readonly redis?: string | undefined;
  readonly limits?: Readonly<Record<string, number>>;
}

/** @returns the path of the configuration */
export function writeHouse({ directory, upstream, policies, role, redis, limits = {} }: PageHouse): string {
  mkdirSync(join(directory, 'policies'), { recursive: true });
  writeFileSync(join(directory, 'policies', 'bench.yaml'), policies);
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  const file = join(directory, 'config.yaml');
  const config = {
    listen: { port: 0 },
    admin: { port: 0 },
    upstreams: [{ name: 'crm', crm: 'salesforce', url: upstream }],
    identity: [{ apiKey: { keys: [{ id: 'bench', sha256, roles: [role], purposes: ['support'] }] } }],
    policies: { path: './policies', include: ['packs/salesforce'], reload: false },
    store: redis === undefined ? { embedded: './data' } : { embedded: './data', redis },
    keys: { ring: './ring.json', kek: { file: './kek' } },
    limits,
    log: { level: 'error' },
  };
  writeFileSync(file, stringify(config));
  return file;
}

/** Starts a Privet, and lets it show pages until it is warm. */
export async function startPageProxy(
  { name, config, check }: { name: string; config: string; check: PageProxy['check'] },
  closers: Closers,
  profile?: string,
): Promise<PageProxy> {
  const proxy = await startWorker({ file: 'privet.ts', args: [config], profile });
  closers.push(proxy.stop);
  const started = { name, proxy, check };
  await warmUp(async () => (await costOf(started)).cpuMs);
  return started;
}

async function costOf({ proxy, check }: PageProxy): Promise<Cost> {
  const cpu = async () => ((await proxy.ask('usage')) as Usage).cpuMs;
  const before = await cpu();
  const startedAt = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const answer = await fetch(`http://127.0.0.1:${String(proxy.ready)}${targetOf(LARGE)}`, {
      headers: { 'x-privet-key': KEY, 'accept-encoding': 'identity' },
    });
    const page = await answer.text();
    if (answer.status !== 200) throw new Error(page.slice(0, 200));
    check(page);
  }
  const ms = (performance.now() - startedAt) / REQUESTS;
  return { ms, cpuMs: ((await cpu()) - before) / REQUESTS };
}

/** Asks them in turn and prints a table; ratios are to the first one. */
export async function comparePages(
  title: string,
  proxies: readonly PageProxy[],
  rounds: number,
): Promise<void> {
  const costs = new Map<string, Cost[]>(proxies.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const proxy of proxies) costs.get(proxy.name)?.push(await costOf(proxy));
  }
  const medians = Array.from(costs, ([name, all]) => ({
    name,
    ms: median(all.map(({ ms }) => ms)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }));
  const [first] = medians;
  console.log(`\n${title.padEnd(44)}      ms   ratio  CPU ms   ratio`);
  for (const { name, ms, cpuMs } of medians) {
    const ratios = [ms / (first?.ms ?? Number.NaN), cpuMs / (first?.cpuMs ?? Number.NaN)];
    const cells = [ms.toFixed(1), ratios[0]?.toFixed(2), cpuMs.toFixed(1), ratios[1]?.toFixed(2)];
    console.log(name.padEnd(44) + cells.map((cell) => String(cell).padStart(8)).join(''));
  }
}
