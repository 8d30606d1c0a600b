import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import {
  ANA,
  BEN,
  dump,
  NIF,
  nif,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

let here: VaultUnderTest;
beforeEach(async () => {
  here = await vaultUnderTest();
});
afterEach(() => here.dispose());

describe('a value in several spellings', () => {
  const any = async (value: string) =>
    (await here.vault.lookUp([{ ...NIF, value, anySpelling: true }]))[0]?.toSorted();

  it('has a token for each, found by all where any spelling will do, and by its own where not', async () => {
    const spellings = ['Straße 1', 'STRAßE 1', 'straße 1', ' Straße 1 '];
    const tokens: string[] = [];
    for (const value of spellings) tokens.push((await tokenOf(here.vault, nif(value))).token);
    expect(new Set(tokens).size).toBe(4);
    for (const [index, value] of spellings.entries()) {
      expect(await readBack(here.vault, NIF.domain, tokens[index] ?? '')).toBe(value);
      expect(await here.vault.lookUp([{ ...NIF, value }])).toEqual([[tokens[index]]]);
      expect(await any(value)).toEqual(tokens.toSorted());
      const [[first] = []] = await here.vault.lookUp([{ ...NIF, value, anySpelling: true }]);
      expect(first).toBe(tokens[index]);
    }
    expect(await any('strasse 1')).toEqual([]);
  });

  it('has the token of a spelling that is known, where any will do', async () => {
    const { token } = await tokenOf(here.vault, nif('x1234567l'));
    const asked = { ...nif('X1234567L', BEN), anySpelling: true };
    expect((await tokenOf(here.vault, asked)).token).toBe(token);
    expect((await tokenOf(here.vault, nif('X1234567L'))).token).not.toBe(token);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('x1234567l');
  });

  it('has one token for those that are new in one batch, where any will do', async () => {
    const items = ['Ana-1', 'ANA-1', 'ana-1', 'ana-2'].map((value, index) => ({
      ...nif(value, [ANA, BEN][index % 2]),
      anySpelling: true,
    }));
    const made = await here.vault.tokenize(items);
    const tokens = made.map((one) => 'token' in one && one.token);
    expect(tokens).toEqual([tokens[0], tokens[0], tokens[0], tokens[3]]);
    expect(await readBack(here.vault, NIF.domain, String(tokens[0]))).toBe('Ana-1');
    expect(new Set(tokens).size).toBe(2);
  });

  it('is found in all after a rotation, and forgotten with the last who had it', async () => {
    const { token } = await tokenOf(here.vault, nif('x1234567l'));
    await rotateKeyring(here.place);
    await here.keyring.reload();
    const upper = await tokenOf(here.vault, nif('X1234567L', BEN));
    const both = [token, upper.token].toSorted();
    expect(await any('x1234567L')).toEqual(both);
    await here.vault.rekey();
    expect(await any('x1234567L')).toEqual(both);
    expect(await dump(here.store)).not.toMatch(/vault\/(index|spelling)\/1\//);
    await here.vault.erase(ANA);
    expect(await any('x1234567L')).toEqual([upper.token]);
    await here.vault.erase(BEN);
    expect(await dump(here.store)).not.toMatch(/vault\/(index|spelling)\//);
  });

  it('is refused where there are more than can be asked for', async () => {
    const letters = 'abcdefg';
    const items = Array.from({ length: 102 }, (_, bits) =>
      nif(Array.from(letters, (letter, at) => (bits & (1 << at) ? letter.toUpperCase() : letter)).join('')),
    );
    await here.vault.tokenize(items);
    await expect(any('abcdefg')).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });
});
