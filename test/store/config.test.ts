import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openHouse } from '../../src/app/app.ts';
import { planHouse } from '../../src/app/plan.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../src/vault/keys/keyring.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';
import { startRedis } from '../fixtures/redis.ts';

const KEYS = { ring: './ring.json', kek: { env: 'PRIVET_KEK' } };

describe('the section store', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'privet-store-'));
    mkdirSync(join(directory, 'policies'));
    writeFileSync(join(directory, 'policies', 'own.yaml'), 'policy: own\ndeny: No.\n');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(sections: Readonly<Record<string, unknown>>): string {
    const file = join(directory, 'config.yaml');
    const upstreams = [{ name: 'sales', crm: 'salesforce', url: 'https://acme.my.salesforce.com' }];
    const ports = { listen: { port: 0 }, admin: { port: 0 } };
    writeFileSync(
      file,
      stringify({ upstreams, identity: [{ crm: {} }], policies: { reload: false }, ...ports, ...sections }),
    );
    return file;
  }

  it('keeps audit events in ./data whatever else is said, and takes both stores', () => {
    const redis = 'redis://127.0.0.1:6379';
    const data = join(directory, 'data');
    expect(loadConfig(write({}), {}).config?.store).toEqual({ embedded: data });
    expect(loadConfig(write({ store: { redis }, keys: KEYS }), {}).config?.store).toEqual({
      embedded: data,
      redis,
    });
    const both = {
      embedded: './spool',
      redis: { url: 'redis://group', sentinels: ['redis://a', 'redis://b:1'] },
    };
    expect(loadConfig(write({ store: both, keys: KEYS }), {}).config?.store).toEqual({
      embedded: join(directory, 'spool'),
      redis: { ...both.redis, acceptLoss: false },
    });
  });

  it.each<[what: string, redis: unknown, message: RegExp]>([
    ['something else than a URL', 'http://:hush@a', /^found text, expected redis:\/\//],
    ['a database that is no number', 'redis://:hush@a/x', /^found text, expected redis:\/\//],
    ['a port that is none', 'redis://:hush@a:99999', /^found text, expected redis:\/\//],
    ['an escape that is none', 'redis://:hush%zz@a', /^found text, expected redis:\/\//],
    ['no url', { acceptLoss: true }, /^found no "url"/],
    ['an unknown key', { url: 'redis://:hush@a', sentinel: [] }, /did you mean "sentinels"/],
    ['no address', { url: 'redis://:hush@a', cluster: [] }, /^found an empty list/],
    [
      'an address that is none',
      { url: 'redis://:hush@a', cluster: ['a:6379'] },
      /^found text, expected redis:\/\//,
    ],
    [
      'sentinels and a cluster',
      { url: 'redis://:hush@a', sentinels: ['redis://a'], cluster: ['redis://a'] },
      /^found sentinels and a cluster, expected one of them$/,
    ],
  ])('refuses %s, at its place and without a password', (_, redis, message) => {
    const { problems } = loadConfig(write({ store: { redis }, keys: KEYS }), {});
    expect(problems).toMatchObject([{ line: expect.any(Number), message: expect.stringMatching(message) }]);
    expect(JSON.stringify(problems)).not.toContain('hush');
  });

  it('wants keys beside Redis: instances that share a store share its keys', () => {
    const { problems } = loadConfig(write({ store: { redis: 'redis://127.0.0.1' } }), {});
    expect(problems).toMatchObject([
      { message: 'found a Redis store without a section "keys", expected both' },
    ]);
  });

  it('keeps Privet from starting with a Redis that could lose the only copy, and leaves nothing open', async () => {
    const kek = { file: join(directory, 'kek') };
    createKekFile(kek.file);
    await createKeyring({ ring: join(directory, 'ring.json'), wrapper: localKeyWrapper(kek) });
    const redis = await startRedis();
    const keys = { ring: './ring.json', kek: { file: './kek' } };
    const { plan } = await planHouse(write({ store: { redis: redis.url }, keys }), {});
    await expect(openHouse(plan!)).rejects.toThrow(/appendonly is no, expected yes/);
    await openEmbedded(join(directory, 'data'), TEST_LIMITS).close();
    await redis.stop();
  });
});
