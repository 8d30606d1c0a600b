import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../../src/vault/keys/keyring.ts';
import type { VaultStats } from '../../../src/vault/upkeep/stats.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { privet } from '../command.ts';
import { openPremises, type Premises } from '../house.ts';

export const TOKEN = /^pvt1_[a-z2-7]{26}$/;
export const NIF = CANARIES.nationalId;
export const IBAN = CANARIES.iban;

/** Where a vault may be, and the configuration that puts it there. */
export const STORES = [
  ['the embedded store', 'test/e2e/vault/config.yaml'],
  ['Redis', 'test/e2e/vault/redis.yaml'],
] as const;

export interface VaultPremises {
  readonly premises: Premises;
  readonly redis: ThrowawayRedis;
  readonly stats: () => Promise<VaultStats>;
  /** A contact as Salesforce has it. */
  readonly storedContact: (id: string) => Readonly<Record<string, unknown>> | undefined;
  readonly close: () => Promise<void>;
}

export async function openVaultPremises(config: string): Promise<VaultPremises> {
  const redis = await startRedis({ persistent: true });
  const keys = mkdtempSync(join(tmpdir(), 'privet-keys-'));
  const kek = join(keys, 'kek');
  createKekFile(kek);
  await createKeyring({ ring: join(keys, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
  const environment = { VAULT_REDIS: redis.url, KEYS: keys };
  const premises = await openPremises({ config, sandbox: { people: 20 }, environment });
  return {
    premises,
    redis,
    stats: async () => {
      const command = ['vault', 'stats', '--config', resolve(config)];
      const { exitCode, stdout } = await privet(command, premises.environment);
      expect(exitCode).toBe(0);
      return JSON.parse(stdout) as VaultStats;
    },
    storedContact: (id) => premises.salesforce.data.records('Contact').find((record) => record['Id'] === id),
    close: async () => {
      await premises.close();
      await redis.stop();
      rmSync(keys, { recursive: true });
    },
  };
}

/** Neither CRM has these values or the stored keys of the tests, nor has it been told of them. */
export function expectHidden({ salesforce, hubspot }: Premises, values: readonly string[]): void {
  for (const crm of [salesforce, hubspot]) {
    const told = crm.requests.map(({ url, body }) => `${decodeURIComponent(url)} ${String(body)}`);
    const all = crm.data.text() + told.join();
    for (const value of values) expect(all).not.toContain(value);
    expect(all).not.toMatch(/canary-(key|own|foreign|fresh)/i);
  }
}

/** The audit trail and the log. */
export async function writtenDown(premises: Premises): Promise<string> {
  const events = await premises.redis.client.xrange('privet:audit', '-', '+');
  return JSON.stringify(events) + premises.log();
}
