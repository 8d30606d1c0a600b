/** A page of 2,000 records whose people have to have agreed, against the same page of which nothing has to be known. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { planHouse, ringPlace } from '../../src/app.ts';
import { consentOptions } from '../../src/config/consent.ts';
import { openConsentRegistry } from '../../src/consent/open-registry.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { createKekFile } from '../../src/vault/kek.ts';
import { localKeyWrapper } from '../../src/vault/key-wrapper.ts';
import { createKeyring, openKeyring } from '../../src/vault/keyring.ts';
import { startRedis } from '../fixtures/redis.ts';
import { LARGE, targetOf, writeBody } from './bodies.ts';
import { median } from './report.ts';
import { startWorker, type Usage, type Worker } from './worker.ts';

const KEY = 'bench-consent';
const REQUESTS = 12;
const BATCH = 500;
const MASK = 'policy: masked\nshow: { contact.email: { mask: email } }\n';
const REQUIRE = `${MASK}---\npolicy: agreed\non: { objects: [Contact] }\nrequire: { consent: newsletter, otherwise: omit-record }\n`;

interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Page {
  readonly records: readonly { readonly Id: string; readonly Email: string | null }[];
}

async function serve(body: Buffer, closers: (() => unknown)[]): Promise<string> {
  const headers = { 'content-type': 'application/json;charset=UTF-8', 'content-length': body.length };
  const server = http.createServer((_, response) => response.writeHead(200, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function writeHouse(
  directory: string,
  upstream: string,
  policy: string,
  redis?: string,
): Promise<string> {
  mkdirSync(join(directory, 'policies'), { recursive: true });
  writeFileSync(join(directory, 'policies', 'bench.yaml'), policy);
  createKekFile(join(directory, 'kek'));
  const wrapper = localKeyWrapper({ file: join(directory, 'kek') });
  await createKeyring({ ring: join(directory, 'ring.json'), wrapper });
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  const file = join(directory, 'config.yaml');
  const config = {
    listen: { port: 0 },
    admin: { port: 0 },
    upstreams: [{ name: 'crm', crm: 'salesforce', url: upstream }],
    identity: [
      { apiKey: { keys: [{ id: 'marketing', sha256, roles: ['marketing'], purposes: ['support'] }] } },
    ],
    policies: { path: './policies', include: ['packs/salesforce'], reload: false },
    store: redis === undefined ? { embedded: './data' } : { embedded: './data', redis },
    keys: { ring: './ring.json', kek: { file: './kek' } },
    log: { level: 'error' },
  };
  writeFileSync(file, stringify(config));
  return file;
}

/** Everybody on the page has agreed, so that all of it is shown. */
async function agree(config: string, body: Buffer): Promise<void> {
  const { plan } = await planHouse(config, {});
  if (plan === undefined) throw new Error('The bench’s own configuration is wrong.');
  const { embedded, redis } = plan.config.store;
  const { limits } = plan.config;
  const keyring = await openKeyring(ringPlace(plan.config));
  const store = redis === undefined ? openEmbedded(embedded, limits) : await openRedis(redis, limits);
  const registry = await openConsentRegistry({ ...consentOptions(plan.config, keyring), store });
  const { records } = JSON.parse(body.toString()) as Page;
  for (let from = 0; from < records.length; from += BATCH) {
    await registry.append(
      records.slice(from, from + BATCH).map(({ Id, Email }) => ({
        who: { record: `crm::${Id}`, ...(Email === null ? {} : { email: Email }) },
        purpose: 'newsletter',
        state: 'granted',
        at: Date.now() - 60_000,
        source: 'import',
      })),
    );
  }
  registry.close();
  await store.close();
}

async function costOf(proxy: Worker): Promise<Cost> {
  const cpu = async () => ((await proxy.ask('usage')) as Usage).cpuMs;
  const before = await cpu();
  const startedAt = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const answer = await fetch(`http://127.0.0.1:${String(proxy.ready)}${targetOf(LARGE)}`, {
      headers: { 'x-privet-key': KEY, 'accept-encoding': 'identity' },
    });
    const { records } = (await answer.json()) as Page;
    if (records.length !== LARGE.records) throw new Error(`${records.length} records are shown.`);
  }
  const ms = (performance.now() - startedAt) / REQUESTS;
  return { ms, cpuMs: ((await cpu()) - before) / REQUESTS };
}

export async function benchConsent(rounds: number, profile?: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-consent-'));
  const redis = await startRedis({ persistent: true });
  const closers: (() => unknown)[] = [];
  try {
    const body = writeBody(LARGE);
    const upstream = await serve(body, closers);
    const proxies = new Map<string, Worker>();
    for (const name of ['nothing asked', 'consent asked, embedded', 'consent asked, Redis']) {
      const directory = join(root, name);
      mkdirSync(directory);
      const policy = name === 'nothing asked' ? MASK : REQUIRE;
      const config = await writeHouse(
        directory,
        upstream,
        policy,
        name.endsWith('Redis') ? redis.url : undefined,
      );
      if (policy === REQUIRE) await agree(config, body);
      const proxy = await startWorker({ file: 'privet.ts', args: [config], profile });
      closers.push(proxy.stop);
      proxies.set(name, proxy);
      await costOf(proxy);
    }
    const costs = new Map<string, Cost[]>(Array.from(proxies.keys(), (name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, proxy] of proxies) costs.get(name)?.push(await costOf(proxy));
    }
    report(costs);
  } finally {
    for (const close of closers) await close();
    await redis.stop();
    rmSync(root, { recursive: true });
  }
}

function report(costs: ReadonlyMap<string, readonly Cost[]>): void {
  const medians = Array.from(costs, ([name, all]) => ({
    name,
    ms: median(all.map(({ ms }) => ms)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }));
  const [unasked] = medians;
  console.log(`\n${'a page of 2,000 people'.padEnd(44)}      ms   ratio  CPU ms   ratio`);
  for (const { name, ms, cpuMs } of medians) {
    const ratios = [ms / (unasked?.ms ?? Number.NaN), cpuMs / (unasked?.cpuMs ?? Number.NaN)];
    const cells = [ms.toFixed(1), ratios[0]?.toFixed(2), cpuMs.toFixed(1), ratios[1]?.toFixed(2)];
    console.log(name.padEnd(44) + cells.map((cell) => String(cell).padStart(8)).join(''));
  }
}
