import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { openKeyring } from '../../src/vault/keys/keyring.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';
import { startPrivet } from '../e2e/command.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { ANA, NIF, readBack, tokenOf } from '../vault/harness.ts';

let folder: string;
let config: string;
let written: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'privet-cli-'));
  config = join(folder, 'privet.yaml');
  writeConfig('{ file: ./keys/kek }');
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function writeConfig(kek: string, redis = ''): void {
  writeFileSync(
    config,
    `upstreams: [{ name: sales, crm: salesforce, url: "https://crm.example" }]
identity: [{ apiKey: { header: x-privet-key, keys: [{ id: a, sha256: "${'0'.repeat(64)}", roles: [a], purposes: [b] }] } }]
policies: { path: ./policies }
store: { embedded: ./data${redis === '' ? '' : `, redis: "${redis}"`} }
keys: { ring: ./keys/ring.json, kek: ${kek} }
`,
  );
}

async function run(...argv: string[]): Promise<{ readonly exit: number; readonly out: string }> {
  written.length = 0;
  const exit = await runCli([...argv, '--config', config]);
  return { exit, out: written.join('') };
}

async function withVault<Result>(use: (vault: Vault) => Promise<Result>): Promise<Result> {
  const keyring = await openKeyring({
    ring: join(folder, 'keys', 'ring.json'),
    wrapper: localKeyWrapper({ file: join(folder, 'keys', 'kek') }),
  });
  const store = openEmbedded(join(folder, 'data'), DEFAULT_LIMITS);
  try {
    return await use(await openVault({ store, keyring, clock: Date.now, limits: DEFAULT_LIMITS }));
  } finally {
    await store.close();
  }
}

const fill = () => withVault((vault) => tokenOf(vault, { ...NIF, value: '12345678Z', dataSubject: ANA }));

describe('privet keys', () => {
  it('makes a ring and its key once, and never over another', async () => {
    expect(await run('keys', 'init')).toMatchObject({ exit: 0 });
    expect(statSync(join(folder, 'keys', 'kek')).mode & 0o777).toBe(0o600);
    const ring = readFileSync(join(folder, 'keys', 'ring.json'));
    expect((await run('keys', 'init')).out).toContain('exists already');
    expect(readFileSync(join(folder, 'keys', 'ring.json'))).toEqual(ring);
  });

  it('has no key of its own: without one nothing is made, and it says so', async () => {
    writeConfig('{ env: PRIVET_TEST_NO_SUCH_KEK }');
    const { exit, out } = await run('keys', 'init');
    expect(exit).toBe(1);
    expect(out).toContain('PRIVET_TEST_NO_SUCH_KEK is not set');
    expect(existsSync(join(folder, 'keys', 'ring.json'))).toBe(false);
  });

  it('rotates, lists, and brings the vault along, with no change to any token', async () => {
    await run('keys', 'init');
    const { token } = await fill();
    expect((await run('keys', 'rotate')).out).toContain('version 2 is active');
    expect((await run('keys', 'list')).out).toMatch(/^1 {2}\S+\n2 {2}\S+ {2}active\n$/);
    expect((await run('keys', 'rewrap')).out).toContain('1 data keys wrapped anew, 1 values indexed anew');
    expect((await run('vault', 'stats')).out).toContain('"dataKeysByVersion": {\n    "2": 1');
    expect((await fill()).token).toBe(token);
  });

  it('gives each of two that rotate at once a version of its own', async () => {
    await run('keys', 'init');
    const rotated = await Promise.all(
      Array.from({ length: 2 }, () => startPrivet(['keys', 'rotate', '--config', config], {}).ended),
    );
    expect(rotated.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(rotated.map(() => [0, '']));
    expect((await run('keys', 'list')).out).toMatch(/^1 .*\n2 .*\n3 .*active\n$/);
  });

  it('wraps the ring by another key-encryption key, after which the old one opens nothing', async () => {
    await run('keys', 'init');
    const file = join(folder, 'new-kek');
    writeFileSync(file, randomBytes(32).toString('base64'));
    await fill();
    await run('vault', 'backup', '--to', join(folder, 'backup'));
    const both = ['--new-kek-file', file, '--new-kek-env', 'PRIVET_TEST_KEK'];
    expect(await run('keys', 'rewrap', ...both)).toMatchObject({ exit: 2 });
    expect(await run('keys', 'rewrap', '--new-kek-file', file)).toMatchObject({ exit: 0 });
    const { exit, out } = await run('keys', 'list');
    expect(exit).toBe(1);
    expect(out).toContain('does not open version 1');
    writeConfig('{ file: ./new-kek }');
    expect(await run('keys', 'list')).toMatchObject({ exit: 0 });
    rmSync(join(folder, 'data'), { recursive: true });
    expect(await run('vault', 'restore', '--from', join(folder, 'backup'))).toMatchObject({ exit: 0 });
  });
});

describe('privet vault', () => {
  it('backs up, restores into an empty directory, and verifies', async () => {
    await run('keys', 'init');
    const { token } = await fill();
    const backup = join(folder, 'backup');
    const made = await run('vault', 'backup', '--to', backup);
    expect(made).toMatchObject({ exit: 0 });
    expect(made.out).not.toContain('12345678Z');
    rmSync(join(folder, 'data'), { recursive: true });
    expect(await run('vault', 'restore', '--from', backup)).toMatchObject({ exit: 0 });
    expect(await run('vault', 'verify')).toMatchObject({ exit: 0 });
    expect(await withVault((vault) => readBack(vault, NIF.domain, token))).toBe('12345678Z');
    expect((await run('vault', 'restore', '--from', backup)).out).toContain('into an empty one');
  });

  it('restores old records with newer keys', async () => {
    await run('keys', 'init');
    const { token } = await fill();
    await run('vault', 'backup', '--to', join(folder, 'old'));
    await withVault((vault) => vault.erase(ANA));
    await run('vault', 'backup', '--to', join(folder, 'new'));
    rmSync(join(folder, 'data'), { recursive: true });
    const { out } = await run(
      'vault',
      'restore',
      '--from',
      join(folder, 'old'),
      '--keys',
      join(folder, 'new', 'keys.jsonl'),
    );
    expect(out).toContain('0 sealed values restored, 1 left out');
    expect(await withVault((vault) => readBack(vault, NIF.domain, token))).toBe('(unknown)');
  });

  it('erases the person of a record, by either spelling of its id, in backups too', async () => {
    await run('keys', 'init');
    const id = { id: 'sales:0035g000000001lAAA' };
    const { token } = await withVault((vault) =>
      tokenOf(vault, { ...NIF, value: '12345678Z', dataSubject: id }),
    );
    await run('vault', 'backup', '--to', join(folder, 'backup'));
    const erase = (upstream: string, object = 'contact') =>
      run('vault', 'erase', '--upstream', upstream, '--object', object, '--id', '0035g000000001l');
    expect(await erase('nowhere')).toMatchObject({ exit: 1 });
    expect(await erase('sales', 'Kon takt')).toMatchObject({ exit: 1 });
    const { out } = await erase('sales');
    expect(out).toContain('1 tokens cannot be read any more, nor in any backup');
    expect(out).toContain('stays in the consent registry, under keyed hashes alone. `privet consent erase`');
    expect(await withVault((vault) => readBack(vault, NIF.domain, token))).toBe('(unknown)');
    rmSync(join(folder, 'data'), { recursive: true });
    const restored = await run('vault', 'restore', '--from', join(folder, 'backup'));
    expect(restored.out).toContain('0 sealed values restored, 1 left out');
    expect(await withVault((vault) => readBack(vault, NIF.domain, token))).toBe('(unknown)');
  });

  it('erases where no backup was made, and says so', async () => {
    await run('keys', 'init');
    const id = { id: 'sales:0035g000000001lAAA' };
    await withVault((vault) => tokenOf(vault, { ...NIF, value: '12345678Z', dataSubject: id }));
    const erase = () =>
      run('vault', 'erase', '--upstream', 'sales', '--object', 'Contact', '--id', '0035g000000001lAAA');
    for (const tokens of [1, 0]) {
      const { exit, out } = await erase();
      expect(exit).toBe(0);
      expect(out).toContain(`${tokens} tokens cannot be read any more.`);
      expect(out).toContain('no backup was made from here');
    }
    expect(existsSync(join(folder, 'keys', 'ring.json.backup-secret'))).toBe(false);
  });

  it('exits with 1 and names what is wrong, never a value', async () => {
    await run('keys', 'init');
    await fill();
    const store = openEmbedded(join(folder, 'data'), DEFAULT_LIMITS);
    await store.write([{ deleteRange: { from: 'vault/index/', to: 'vault/index/~' } }]);
    await store.close();
    const { exit, out } = await run('vault', 'verify');
    expect(exit).toBe(1);
    expect(out).toMatch(/vault\/record\/\S+: is not in the index/);
    expect(out).not.toContain('12345678Z');
  });

  it('says when the keyring is not the one that the vault was filled with', async () => {
    await run('keys', 'init');
    await fill();
    cpSync(join(folder, 'data'), join(folder, 'kept'), { recursive: true });
    rmSync(join(folder, 'keys'), { recursive: true });
    await run('keys', 'init');
    for (const command of ['verify', 'stats', 'backup']) {
      const { exit, out } = await run('vault', command);
      expect(exit).toBe(1);
      expect(out).toContain('filled with another keyring');
    }
  });
});

describe('a vault in Redis', () => {
  const servers: ThrowawayRedis[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function start(): Promise<ThrowawayRedis> {
    const server = await startRedis({ persistent: true });
    servers.push(server);
    return server;
  }

  async function inRedis<Result>(url: string, use: (vault: Vault) => Promise<Result>): Promise<Result> {
    const keyring = await openKeyring({
      ring: join(folder, 'keys', 'ring.json'),
      wrapper: localKeyWrapper({ file: join(folder, 'keys', 'kek') }),
    });
    const store = await openRedis(url, DEFAULT_LIMITS);
    try {
      return await use(await openVault({ store, keyring, clock: Date.now, limits: DEFAULT_LIMITS }));
    } finally {
      await store.close();
    }
  }

  it('is brought along by a rotation, backed up, and restored into an empty server, erased people left out', async () => {
    const [first, empty] = [await start(), await start()];
    writeConfig('{ file: ./keys/kek }', first.url);
    await run('keys', 'init');
    const sales = (id: string) => ({ id: `sales:${id}` });
    const [ana, ben] = await inRedis(first.url, async (vault) => [
      await tokenOf(vault, { ...NIF, value: '12345678Z', dataSubject: sales('003A') }),
      await tokenOf(vault, { ...NIF, value: '87654321X', dataSubject: sales('003B') }),
    ]);
    await run('keys', 'rotate');
    expect((await run('keys', 'rewrap')).out).toContain('2 data keys wrapped anew, 2 values indexed anew');
    const backup = join(folder, 'backup');
    expect(await run('vault', 'backup', '--to', backup)).toMatchObject({ exit: 0 });
    expect(
      await run('vault', 'erase', '--upstream', 'sales', '--object', 'Contact', '--id', '003A'),
    ).toMatchObject({ exit: 0 });
    await first.kill();
    writeConfig('{ file: ./keys/kek }', empty.url);
    expect((await run('vault', 'restore', '--from', backup)).out).toContain(
      '1 sealed values restored, 1 left',
    );
    expect(await run('vault', 'verify')).toMatchObject({ exit: 0 });
    expect((await run('vault', 'restore', '--from', backup)).out).toContain('into an empty one');
    const read = await inRedis(empty.url, async (vault) => [
      await readBack(vault, NIF.domain, ana?.token ?? ''),
      await readBack(vault, NIF.domain, ben?.token ?? ''),
      (await tokenOf(vault, { ...NIF, value: '87654321X', dataSubject: sales('003C') })).token,
    ]);
    expect(read).toEqual(['(unknown)', '87654321X', ben?.token]);
  });
});
