/** A page of 2,000 records with one field of which the CRM keeps tokens, against the same page with that field masked. */
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { openKeyring } from '../../src/vault/keys/keyring.ts';
import { openVault } from '../../src/vault/vault.ts';
import { LARGE, writeBody } from './bodies.ts';
import {
  type Closers,
  comparePages,
  makeRing,
  type PageProxy,
  ringIn,
  servePage,
  startPageProxy,
  writeHouse,
} from './pages.ts';

const DATA_MAP = 'dataMap: salesforce\nobjects: { Contact: { fields: { NIF__c: identity.national-id } } }\n';
const MASK = 'policy: masked\nshow: { identity.national-id: { mask: keep-last, keep: 3 } }\n';
const STORE = 'policy: stored\nstore: { identity.national-id: { tokenize: deterministic } }\n';
/** As many values as are shown. */
const LIMITS = { detokenizedPerMinuteMax: 1_000_000_000 };

interface Page {
  readonly records: { Id: string; NIF__c: string | null }[];
}

/** The page with a token in place of each national id, all of them in the vault. */
async function tokenized(store: Store, directory: string): Promise<Buffer> {
  const page = JSON.parse(writeBody(LARGE).toString()) as Page;
  const keyring = await openKeyring(ringIn(directory));
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

function hasNoToken(page: string): void {
  if (page.includes('pvt1_')) throw new Error('A token is shown in place of its value.');
}

/** @param closers are called by whoever called this */
export async function compareVaultPages(
  root: string,
  redisUrl: string,
  rounds: number,
  closers: Closers,
): Promise<void> {
  const proxies: PageProxy[] = [];
  for (const name of ['masked', 'tokenized, embedded', 'tokenized, Redis']) {
    const directory = join(root, name);
    await makeRing(directory);
    const redis = name.endsWith('Redis') ? redisUrl : undefined;
    const store = async (): Promise<Store> =>
      redis === undefined
        ? openEmbedded(join(directory, 'data'), DEFAULT_LIMITS)
        : openRedis(redis, DEFAULT_LIMITS);
    const body = name === 'masked' ? writeBody(LARGE) : await tokenized(await store(), directory);
    const config = writeHouse({
      directory,
      upstream: await servePage(body, closers),
      policies: `${DATA_MAP}---\n${name === 'masked' ? MASK : STORE}`,
      role: 'officer',
      redis,
      limits: LIMITS,
    });
    proxies.push(await startPageProxy({ name, config, check: hasNoToken }, closers));
  }
  await comparePages('a page of 2,000 records', proxies, rounds);
}
