import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { backUp, backupFile } from '../../src/vault/backup/backup.ts';
import { destroyErased } from '../../src/vault/backup/backup-keys.ts';
import { ensureBackupSecret, openBackupSecret } from '../../src/vault/backup/backup-secret.ts';
import { restore } from '../../src/vault/backup/restore.ts';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring, openKeyring } from '../../src/vault/keys/keyring.ts';
import { sweep } from '../../src/vault/upkeep/sweep.ts';
import { verifyVault } from '../../src/vault/upkeep/verify.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';
import { startRedis } from '../fixtures/redis.ts';
import { NIF, readBack, tokenOf } from './harness.ts';

const PEOPLE = 24;
const VALUES = 40;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function inDirectory(): Promise<Store> {
  const path = mkdtempSync(join(tmpdir(), 'privet-vault-'));
  const store = openEmbedded(path, DEFAULT_LIMITS);
  closing.push(async () => rmSync(path, { recursive: true }), store.close);
  return store;
}

async function inRedis(): Promise<Store> {
  const server = await startRedis({ persistent: true });
  const store = await openRedis(server.url, DEFAULT_LIMITS);
  closing.push(server.stop, store.close);
  return store;
}

const person = (index: number) => ({ id: `sales:${index}` });
const some = (below: number) => Math.floor(Math.random() * below);

/** People whose values come and go, shared and alone, until it is stopped. */
function live(vault: Vault, reclaim: () => Promise<unknown>) {
  /** Of each person the values that the CRM has, with their tokens. */
  const held = new Map<number, Map<string, string>>();
  const erased = new Set<number>();
  /** About whom something was written while they were being erased. */
  const returned = new Set<number>();
  let isStopped = false;
  async function write(): Promise<void> {
    const who = some(PEOPLE);
    if (erased.has(who)) return;
    const value = String(some(VALUES));
    const { token, use } = await tokenOf(vault, { ...NIF, value, dataSubject: person(who) });
    if (erased.has(who)) returned.add(who);
    if (some(3) === 0) return vault.release([use]);
    await vault.confirm([use]);
    if (!returned.has(who)) held.set(who, (held.get(who) ?? new Map<string, string>()).set(value, token));
  }
  async function erase(): Promise<void> {
    const who = some(PEOPLE);
    if (erased.size >= PEOPLE / 2) return;
    erased.add(who);
    held.delete(who);
    await vault.erase(person(who));
  }
  async function go(step: () => Promise<unknown>, pauseMs: number): Promise<void> {
    while (!isStopped) {
      await step();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  const going = [go(write, 0), go(write, 0), go(write, 0), go(reclaim, 5), go(erase, 60)];
  return {
    erased,
    returned,
    held: () => Array.from(held, ([who, values]) => [who, new Map(values)] as const),
    stop: async () => {
      isStopped = true;
      await Promise.all(going);
    },
  };
}

describe.each([
  ['the embedded store', inDirectory],
  ['Redis', inRedis],
])('a backup of a vault in %s that is written to meanwhile', (_, open) => {
  it('has all that was acknowledged before, nothing of who was erased, and is whole', async () => {
    const keys = mkdtempSync(join(tmpdir(), 'privet-keys-'));
    closing.push(async () => rmSync(keys, { recursive: true }));
    createKekFile(join(keys, 'kek'));
    const place = { ring: join(keys, 'ring.json'), wrapper: localKeyWrapper({ file: join(keys, 'kek') }) };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    const context = { store: await open(), keyring, clock: Date.now, limits: DEFAULT_LIMITS };
    const vault = await openVault(context);
    const secret = await ensureBackupSecret(place);
    const people = live(vault, () => sweep(context, 0));
    closing.push(people.stop);
    await expect.poll(() => people.held().length).toBeGreaterThan(PEOPLE / 4);

    const acknowledged = people.held();
    const limits = { ...DEFAULT_LIMITS, vaultBatchMax: 1 };
    await backUp({ ...context, limits }, secret, join(keys, 'backup'));
    await people.stop();
    await destroyErased(context, secret);

    const restored = { ...context, store: await open(), keyring: await openKeyring(place) };
    const files = {
      records: backupFile(join(keys, 'backup'), 'records'),
      keys: backupFile(join(keys, 'backup'), 'keys'),
    };
    await restore(restored, await openBackupSecret(place), files);
    const there = await openVault(restored);
    const problems: string[] = [];
    await verifyVault(restored, (problem) => problems.push(problem));
    expect(problems).toEqual([]);
    let checked = 0;
    for (const [who, values] of acknowledged) {
      if (people.erased.has(who)) continue;
      for (const [value, token] of values) {
        expect(await readBack(there, NIF.domain, token)).toBe(value);
        expect(await there.lookUp([{ ...NIF, value }])).toEqual([[token]]);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(0);
    for (const who of people.erased)
      if (!people.returned.has(who)) expect(await there.erase(person(who))).toEqual({ tokens: 0 });
  });
});
