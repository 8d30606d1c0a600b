import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeyring, openKeyring, rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import { recordId } from '../../../src/vault/places.ts';
import { indexKeyOf } from '../../../src/vault/token/value-index.ts';
import { tidy } from '../../../src/vault/upkeep/housekeeping.ts';
import { compareRing } from '../../../src/vault/upkeep/ring-check.ts';
import { openVault } from '../../../src/vault/vault.ts';
import { ANA, BEN, faultsOf, fill, NIF, tokenOf, type VaultUnderTest, vaultUnderTest } from '../harness.ts';

let here: VaultUnderTest;
let folder: string;
beforeEach(async () => {
  here = await vaultUnderTest();
  folder = mkdtempSync(join(tmpdir(), 'privet-verify-'));
});
afterEach(async () => {
  await here.dispose();
  rmSync(folder, { recursive: true });
});

describe('a vault that is verified', () => {
  it.each([
    [
      'a record that was changed',
      'vault/record/',
      (text: string) => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1),
      'does not open',
    ],
    ['a record that cannot be read', 'vault/record/', () => '{', 'cannot be read'],
    [
      'a record of another token',
      'vault/record/',
      (text: string) => text.replace('pvt1_', 'pvt2_'),
      'is not the record',
    ],
    [
      'a data key that was changed',
      'vault/key/',
      (text: string) => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1),
      'does not open with the keyring',
    ],
    ['a data key that is gone', 'vault/key/', undefined, 'has no data key'],
    ['an index entry that is gone', 'vault/index/', undefined, 'is not in the index'],
    ['an index entry that leads nowhere', 'vault/index/', () => 'nowhere', 'leads to no record'],
    ['a holding that is gone', 'vault/holding/', undefined, 'missing among'],
  ] as const)('shows %s, and names no value', async (_, prefix, change, problem) => {
    await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: ANA });
    expect(await faultsOf(here.context)).toEqual([]);
    const [entry] = await here.store.page({ from: prefix, to: `${prefix}~` }, 1);
    const text = Buffer.from(entry!.value).toString('latin1');
    await here.store.write([
      change === undefined
        ? { delete: entry!.key }
        : { put: entry!.key, value: Buffer.from(change(text), 'latin1') },
    ]);
    const problems = await faultsOf(here.context);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).not.toContain('12345678Z');
  });

  it('shows an entry that leads to the token of another value, and not one to a newer token of the same', async () => {
    const [first, second] = [
      await fill(here.vault),
      await tokenOf(here.vault, { ...NIF, value: 'x', dataSubject: ANA }),
    ];
    const entryOf = (value: string) =>
      indexKeyOf(here.keyring, 1, { domain: NIF.domain, format: 'token', value });
    const idOf = (token: string) => Buffer.from(recordId(NIF.domain, token));
    await here.store.write([{ put: entryOf('12345678Z'), value: idOf(second.token) }]);
    expect(await faultsOf(here.context)).toEqual([expect.stringContaining('is not in the index')]);
    await here.store.write([{ delete: entryOf('12345678Z') }]);
    const { token } = await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: BEN });
    expect(token).not.toBe(first.nif);
    expect(await faultsOf(here.context)).toEqual([]);
  });

  it('does not open with another ring, and says so', async () => {
    await fill(here.vault);
    const place = { ...here.place, ring: join(folder, 'other.json') };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    await expect(openVault({ ...here.context, keyring })).rejects.toThrow('filled with another keyring');
  });

  it('does not open with its ring from before a rotation, once somebody has used the newer key', async () => {
    const ring = readFileSync(here.place.ring, 'utf8');
    await rotateKeyring(here.place);
    await here.another();
    await tidy(here.context, { isAlone: true, tell: () => undefined });
    writeFileSync(here.place.ring, ring);
    const half = await openKeyring(here.place);
    const refused = 'filled with version 2 of its keyring, which this one does not have';
    await expect(openVault({ ...here.context, keyring: half })).rejects.toThrow(refused);
    await expect(compareRing({ store: here.store, keyring: half })).rejects.toThrow(refused);
  });

  it('does not open with its ring from before a rotation that was taken up while it was in use', async () => {
    const ring = readFileSync(here.place.ring, 'utf8');
    await rotateKeyring(here.place);
    await tidy(here.context, { isAlone: false, tell: () => undefined });
    writeFileSync(here.place.ring, ring);
    await expect(here.another()).rejects.toThrow('filled with version 2');
  });
});
