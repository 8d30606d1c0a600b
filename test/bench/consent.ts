/** A page of 2,000 records whose people have to have agreed, against the same page of which nothing has to be known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consentOptions } from '../../src/app/consent.ts';
import { ringPlace } from '../../src/app/keyring.ts';
import { planHouse } from '../../src/app/plan.ts';
import { openConsentRegistry } from '../../src/consent/open-registry.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { openKeyring } from '../../src/vault/keys/keyring.ts';
import { startRedis } from '../fixtures/redis.ts';
import { LARGE, writeBody } from './bodies.ts';
import {
  type Closers,
  comparePages,
  makeRing,
  type PageProxy,
  servePage,
  startPageProxy,
  writeHouse,
} from './pages.ts';

const BATCH = 500;
const MASK = 'policy: masked\nshow: { contact.email: { mask: email } }\n';
const REQUIRE = `${MASK}---\npolicy: agreed\non: { objects: [Contact] }\nrequire: { consent: newsletter, otherwise: omit-record }\n`;

interface Page {
  readonly records: readonly { readonly Id: string; readonly Email: string | null }[];
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

function isWhole(page: string): void {
  const { records } = JSON.parse(page) as Page;
  if (records.length !== LARGE.records) throw new Error(`${records.length} records are shown.`);
}

export async function benchConsent(rounds: number, profile?: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-consent-'));
  const redis = await startRedis({ persistent: true });
  const closers: Closers = [];
  try {
    const body = writeBody(LARGE);
    const upstream = await servePage(body, closers);
    const proxies: PageProxy[] = [];
    for (const name of ['nothing asked', 'consent asked, embedded', 'consent asked, Redis']) {
      const directory = join(root, name);
      await makeRing(directory);
      const policies = name === 'nothing asked' ? MASK : REQUIRE;
      const shared = name.endsWith('Redis') ? redis.url : undefined;
      const config = writeHouse({ directory, upstream, policies, role: 'marketing', redis: shared });
      if (policies === REQUIRE) await agree(config, body);
      proxies.push(await startPageProxy({ name, config, check: isWhole }, closers, profile));
    }
    await comparePages('a page of 2,000 people', proxies, rounds);
  } finally {
    for (const close of closers) await close();
    await redis.stop();
    rmSync(root, { recursive: true });
  }
}
