/** A page of 2,000 records with one field of which the CRM keeps tokens, against the same page with that field masked. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../src/clock.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { createKekFile } from '../../src/vault/kek.ts';
import { localKeyWrapper } from '../../src/vault/key-wrapper.ts';
import { createKeyring, openKeyring } from '../../src/vault/keyring.ts';
import { openVault } from '../../src/vault/vault.ts';
import { LARGE, targetOf, writeBody } from './bodies.ts';
import { median } from './report.ts';
import { startWorker, type Usage, type Worker } from './worker.ts';

const KEY = 'bench-vault';
const REQUESTS = 12;
const DATA_MAP = 'dataMap: salesforce\nobjects: { Contact: { fields: { NIF__c: identity.national-id } } }\n';
const MASK = 'policy: masked\nshow: { identity.national-id: { mask: keep-last, keep: 3 } }\n';
const STORE = 'policy: stored\nstore: { identity.national-id: { tokenize: deterministic } }\n';

/** Time and CPU time of one page. */
interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Variant {
  readonly name: string;
  readonly proxy: Worker;
}

interface Page {
  readonly records: { Id: string; NIF__c: string | null }[];
}

async function serve(body: Buffer, closers: (() => unknown)[]): Promise<string> {
  const headers = { 'content-type': 'application/json;charset=UTF-8', 'content-length': body.length };
  const server = http.createServer((_, response) => response.writeHead(200, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The page with a token in place of each national id, all of them in the vault. */
async function tokenized(store: Store, place: Parameters<typeof openKeyring>[0]): Promise<Buffer> {
  const page = JSON.parse(writeBody(LARGE).toString()) as Page;
  const keyring = await openKeyring(place);
  const vault = await openVault({ store, keyring, clock: systemClock, limits: DEFAULT_LIMITS });
  const known = page.records.filter(({ NIF__c }) => NIF__c !== null);
  const made = await vault.tokenize(
    known.map(({ Id, NIF__c }) => ({
      domain: 'identity.national-id',
      value: NIF__c ?? '',
      as: { kind: 'deterministic' },
      dataSubject: { id: `crm:Contact:${Id}` },
    })),
  );
  const tokens = made.map((one) => ('token' in one ? { token: one.token, use: one.use } : undefined));
  await vault.confirm(tokens.flatMap((one) => one?.use ?? []));
  for (const [index, record] of known.entries()) record.NIF__c = tokens[index]?.token ?? '';
  await store.close();
  return Buffer.from(JSON.stringify(page));
}

function writeHouse(directory: string, upstream: string, policy: string, redis?: string): string {
  mkdirSync(join(directory, 'policies'), { recursive: true });
  writeFileSync(join(directory, 'policies', 'bench.yaml'), `${DATA_MAP}---\n${policy}`);
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  const file = join(directory, 'config.yaml');
  const config = {
    listen: { port: 0 },
    admin: { port: 0 },
    upstreams: [{ name: 'crm', crm: 'salesforce', url: upstream }],
    identity: [{ apiKey: { keys: [{ id: 'officer', sha256, roles: ['officer'], purposes: ['support'] }] } }],
    policies: { path: './policies', include: ['packs/salesforce'], reload: false },
    store: redis === undefined ? { embedded: './data' } : { embedded: './data', redis },
    keys: { ring: './ring.json', kek: { file: './kek' } },
    limits: { detokenizedPerMinuteMax: 1_000_000_000 },
    log: { level: 'error' },
  };
  writeFileSync(file, stringify(config));
  return file;
}

async function costOf({ proxy }: Variant): Promise<Cost> {
  const cpu = async () => ((await proxy.ask('usage')) as Usage).cpuMs;
  const before = await cpu();
  const startedAt = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const answer = await fetch(`http://127.0.0.1:${String(proxy.ready)}${targetOf(LARGE)}`, {
      headers: { 'x-privet-key': KEY, 'accept-encoding': 'identity' },
    });
    const text = await answer.text();
    if (answer.status !== 200 || text.includes('pvt1_')) throw new Error(text.slice(0, 200));
  }
  const ms = (performance.now() - startedAt) / REQUESTS;
  return { ms, cpuMs: ((await cpu()) - before) / REQUESTS };
}

/** @param closers are called by whoever called this */
export async function comparePages(
  root: string,
  redisUrl: string,
  rounds: number,
  closers: (() => unknown)[],
): Promise<void> {
  const variants: Variant[] = [];
  for (const name of ['masked', 'tokenized, embedded', 'tokenized, Redis']) {
    const directory = join(root, name);
    mkdirSync(directory);
    createKekFile(join(directory, 'kek'));
    const place = {
      ring: join(directory, 'ring.json'),
      wrapper: localKeyWrapper({ file: join(directory, 'kek') }),
    };
    await createKeyring(place);
    const redis = name.endsWith('Redis') ? redisUrl : undefined;
    const store = async (): Promise<Store> =>
      redis === undefined
        ? openEmbedded(join(directory, 'data'), DEFAULT_LIMITS)
        : openRedis(redis, DEFAULT_LIMITS);
    const body = name === 'masked' ? writeBody(LARGE) : await tokenized(await store(), place);
    const policy = name === 'masked' ? MASK : STORE;
    const config = writeHouse(directory, await serve(body, closers), policy, redis);
    const proxy = await startWorker({ file: 'privet.ts', args: [config] });
    closers.push(proxy.stop);
    variants.push({ name, proxy });
    await costOf({ name, proxy });
  }
  const costs = new Map<string, Cost[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) costs.get(variant.name)?.push(await costOf(variant));
  }
  const medians = Array.from(costs, ([name, all]) => ({
    name,
    ms: median(all.map(({ ms }) => ms)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }));
  const [masked] = medians;
  console.log(`\n${'a page of 2,000 records'.padEnd(44)}      ms   ratio  CPU ms   ratio`);
  for (const { name, ms, cpuMs } of medians) {
    const ratios = [ms / (masked?.ms ?? Number.NaN), cpuMs / (masked?.cpuMs ?? Number.NaN)];
    const cells = [ms.toFixed(1), ratios[0]?.toFixed(2), cpuMs.toFixed(1), ratios[1]?.toFixed(2)];
    console.log(name.padEnd(44) + cells.map((cell) => String(cell).padStart(8)).join(''));
  }
}
