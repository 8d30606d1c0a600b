import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { keysUnder, type Store } from '../../src/store/store.ts';
import type { VaultContext } from '../../src/vault/context.ts';
import { readStoredKey } from '../../src/vault/holder/stored-key.ts';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import {
  createKeyring,
  type Keyring,
  type KeyringLocation,
  openKeyring,
} from '../../src/vault/keys/keyring.ts';
import type { TokenizeItem } from '../../src/vault/token/token-group.ts';
import type { TokenUse } from '../../src/vault/token/token-use.ts';
import { verifyVault } from '../../src/vault/upkeep/verify.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';

export interface VaultUnderTest {
  readonly path: string;
  readonly place: KeyringLocation;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly context: VaultContext;
  readonly vault: Vault;
  /** Another instance over the same store, with a ring of its own in memory. */
  readonly another: (store?: Store) => Promise<{ readonly vault: Vault; readonly keyring: Keyring }>;
  readonly dispose: () => Promise<void>;
}

/** Makes a directory with a key, a ring and an embedded store, and opens a vault over it. */
export async function vaultUnderTest(now = () => Date.now()): Promise<VaultUnderTest> {
  const path = mkdtempSync(join(tmpdir(), 'privet-vault-'));
  const kek = { file: join(path, 'kek') };
  createKekFile(kek.file);
  const place = { ring: join(path, 'ring.json'), wrapper: localKeyWrapper(kek) };
  await createKeyring(place);
  const store = openEmbedded(join(path, 'data'), DEFAULT_LIMITS);
  const open = async (own: Store = store) => {
    const keyring = await openKeyring(place);
    const context = { store: own, keyring, clock: now, limits: DEFAULT_LIMITS };
    return { context, keyring, vault: await openVault(context) };
  };
  return {
    path,
    place,
    store,
    ...(await open()),
    another: open,
    dispose: async () => {
      await store.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const NIF = { domain: 'salesforce:identity.national-id', as: { kind: 'deterministic' } } as const;
export const NOTE = { domain: 'salesforce:Contact.Note__c', as: { kind: 'random' } } as const;
export const MAIL = {
  domain: 'salesforce:contact.email',
  as: { kind: 'format-preserving', format: 'email' },
} as const;
export const PHONE = {
  domain: 'salesforce:contact.phone',
  as: { kind: 'format-preserving', format: 'phone' },
} as const;
export const CODE = {
  domain: 'salesforce:Contact.Code__c',
  as: { kind: 'format-preserving', format: 'digits' },
} as const;

export const ANA = { id: 'Contact:003A' };
export const BEN = { id: 'Contact:003B' };

export const nif = (value: string, dataSubject: TokenizeItem['dataSubject'] = ANA) => ({
  ...NIF,
  value,
  dataSubject,
});

/** The token of a value that must get one. */
export async function tokenOf(
  vault: Vault,
  item: Parameters<Vault['tokenize']>[0][number],
): Promise<{ token: string; use: TokenUse }> {
  const [result] = await vault.tokenize([item]);
  if (result === undefined || 'refused' in result) throw new Error(`refused: ${result?.refused}`);
  return result;
}

/** Two people with tokens of every kind, one of them shared. */
export async function fill(vault: Vault): Promise<Record<'nif' | 'mail' | 'phone' | 'note' | 'ben', string>> {
  const of = async (as: Parameters<typeof tokenOf>[1]) => {
    const { token, use } = await tokenOf(vault, as);
    await vault.confirm([use]);
    return token;
  };
  const nif = await of({ ...NIF, value: '12345678Z', dataSubject: ANA });
  const mail = await of({ ...MAIL, value: 'ana@example.com', dataSubject: ANA });
  const phone = await of({ ...PHONE, value: '+34 612 345 678', dataSubject: ANA });
  expect(await of({ ...PHONE, value: '+34 612 345 678', dataSubject: BEN })).toBe(phone);
  const note = await of({ ...NOTE, value: 'ring twice', dataSubject: ANA });
  return { nif, mail, phone, note, ben: await of({ ...NIF, value: '87654321X', dataSubject: BEN }) };
}

export async function readBack(vault: Vault, domain: string, token: string): Promise<string> {
  const [result] = await vault.detokenize([{ domain, token }]);
  if (result === undefined) throw new Error('no answer');
  return 'value' in result ? result.value : `(${result.failed})`;
}

/** Every entry of a store as text. */
export async function dump(store: Store): Promise<string> {
  const entries = await store.page(keysUnder('vault/'), 1_000_000);
  return entries.map(({ key, value }) => `${key} ${Buffer.from(value).toString()}`).join('\n');
}

/** Which versions of the ring the data keys are wrapped by. */
export async function ringVersionsOf(store: Store): Promise<(number | undefined)[]> {
  const entries = await store.page(keysUnder('vault/key/'), 1_000_000);
  return entries.map(({ value }) => readStoredKey(value).wrapped?.version);
}

/** How many lines `dump` has: what is kept takes more room exactly where this grows. */
export async function lineCount(store: Store): Promise<number> {
  return (await dump(store)).split('\n').length;
}

/** What is wrong in a vault, in words. */
export async function faultsOf(context: VaultContext): Promise<string[]> {
  const faults: string[] = [];
  await verifyVault(context, (fault) => faults.push(fault));
  return faults;
}
