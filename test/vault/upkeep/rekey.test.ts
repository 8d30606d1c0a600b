import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import type { TokenUse } from '../../../src/vault/token/token-use.ts';
import { rekey } from '../../../src/vault/upkeep/rekey.ts';
import { verifyVault } from '../../../src/vault/upkeep/verify.ts';
import type { Vault } from '../../../src/vault/vault.ts';
import {
  ANA,
  BEN,
  dump,
  NIF,
  nif,
  readBack,
  ringVersionsOf,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

let here: VaultUnderTest;
beforeEach(async () => {
  here = await vaultUnderTest();
});
afterEach(() => here.dispose());

describe('a vault that is brought to a new key before an instance has read the ring', () => {
  it('finds what it has, and makes no second token, in that instance too', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const spelling = await tokenOf(here.vault, nif('ana-1', BEN));
    await rotateKeyring(here.place);
    await (await here.another()).vault.rekey();
    expect(here.keyring.versions).toHaveLength(1);
    expect(await here.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[token]]);
    await rotateKeyring(here.place);
    await (await here.another()).vault.rekey();
    expect((await tokenOf(here.vault, nif('12345678Z', BEN))).token).toBe(token);
    await rotateKeyring(here.place);
    await (await here.another()).vault.rekey();
    expect((await tokenOf(here.vault, { ...nif('ANA-1'), anySpelling: true })).token).toBe(spelling.token);
    await rotateKeyring(here.place);
    await (await here.another()).vault.rekey();
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
  });

  it.each<[string, (vault: Vault, use: TokenUse) => Promise<unknown>]>([
    ['gives back what the CRM refused', (vault, use) => vault.release([use])],
    ['binds', (vault) => vault.bind(provisionalDataSubject(), BEN)],
    [
      'settles rows',
      (vault) => vault.settleRows([{ row: { job: 'job', tokens: [] }, line: '1', dataSubject: ANA }]),
    ],
    ['refuses rows', (vault) => vault.refuseRows('upload')],
    ['erases', (vault) => vault.erase(ANA)],
  ])('%s in that instance too', async (_, does) => {
    const { use } = await tokenOf(here.vault, nif('12345678Z'));
    await rotateKeyring(here.place);
    await (await here.another()).vault.rekey();
    await expect(does(here.vault, use)).resolves.not.toThrow();
    expect(here.keyring.versions).toHaveLength(2);
  });
});

describe('a rotation', () => {
  it('leaves tokens as they are, readable and found by value, before and after the vault is brought to the new key', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    await rotateKeyring(here.place);
    await here.keyring.reload();
    const young = await tokenOf(here.vault, nif('87654321X', BEN));
    expect(young.token).toMatch(/^pvt2_/);
    const holds = async () => {
      expect((await tokenOf(here.vault, nif('12345678Z'))).token).toBe(token);
      expect(await here.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[token]]);
      expect(await here.vault.lookUp([{ ...NIF, value: '87654321X' }])).toEqual([[young.token]]);
      expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
    };
    await holds();
    expect((await here.vault.rekey()).dataKeys).toBe(1);
    expect(await dump(here.store)).not.toContain('vault/index/1/');
    expect(await ringVersionsOf(here.store)).toEqual([2, 2]);
    await holds();
    expect(await here.vault.rekey()).toEqual({ dataKeys: 0, indexed: 0 });
  });
});

describe('a vault that is being brought to a new key', () => {
  it('reads, finds and verifies wherever that is cut short, and is brought there by the next run', async () => {
    const values = ['12345678Z', 'x1234567l', 'X1234567L', '87654321X'];
    const issued = new Map<string, string>();
    for (const value of values)
      issued.set(value, (await tokenOf(here.vault, nif(value, { id: value }))).token);
    await rotateKeyring(here.place);
    const { keyring } = await here.another();
    const context = { ...here.context, keyring, limits: { ...here.context.limits, vaultBatchMax: 1 } };
    const holds = async () => {
      const problems: string[] = [];
      await verifyVault(context, (problem) => problems.push(problem));
      expect(problems).toEqual([]);
      const { vault } = await here.another();
      for (const [value, token] of issued) {
        expect(await readBack(vault, NIF.domain, token)).toBe(value);
        expect(await vault.lookUp([{ ...NIF, value }])).toEqual([[token]]);
        expect((await tokenOf(vault, nif(value, { id: value }))).token).toBe(token);
      }
    };
    const killedAfter = async (done: number) => {
      let left = done;
      const writeIf: Store['writeIf'] = async (guarded) => {
        if (left-- === 0) throw new Error('killed');
        return here.store.writeIf(guarded);
      };
      const store = { ...here.store, writeIf };
      return rekey({ ...context, store }).then(
        () => false,
        () => true,
      );
    };
    let runs = 0;
    while (await killedAfter(1)) {
      runs++;
      await holds();
    }
    await holds();
    expect(runs).toBeGreaterThan(values.length);
    expect(await dump(here.store)).not.toMatch(/vault\/(index|spelling)\/1\//);
    expect(new Set(await ringVersionsOf(here.store))).toEqual(new Set([2]));
  });
});

describe('two rotations, both of which another instance has missed', () => {
  it('leave no value without an entry, though it has two tokens then', async () => {
    const late = await here.another();
    await rotateKeyring(here.place);
    await rotateKeyring(here.place);
    await here.keyring.reload();
    const tokens = [
      (await tokenOf(here.vault, nif('12345678Z'))).token,
      (await tokenOf(late.vault, nif('12345678Z', BEN))).token,
    ];
    const found = async () => (await here.vault.lookUp([{ ...NIF, value: '12345678Z' }]))[0]?.toSorted();
    expect(await found()).toEqual(tokens.toSorted());
    await here.vault.rekey();
    await here.vault.rekey();
    expect(await found()).toEqual(tokens.toSorted());
    await here.vault.erase(BEN);
    expect(await found()).toEqual(tokens.slice(0, 1));
    await here.vault.erase(ANA);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|index)\//);
  });
});
