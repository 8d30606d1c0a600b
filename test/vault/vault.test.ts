import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysUnder, type Store } from '../../src/store/store.ts';
import { rotateKeyring } from '../../src/vault/keys/keyring.ts';
import {
  ANA,
  BEN,
  dump,
  MAIL,
  NIF,
  NOTE,
  nif,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from './harness.ts';

let here: VaultUnderTest;
beforeEach(async () => {
  here = await vaultUnderTest();
});
afterEach(() => here.dispose());

/** Another character in its place. */
const flipped = (character = '') => String.fromCharCode(character.charCodeAt(0) ^ 1);

describe('the store of a vault', () => {
  it('holds no value, no data subject and no key in the clear', async () => {
    await here.vault.tokenize([
      nif('12345678Z'),
      { ...MAIL, value: 'ana@example.com', dataSubject: ANA },
      { ...NOTE, value: 'ring twice', dataSubject: ANA },
    ]);
    const text = await dump(here.store);
    for (const secret of ['12345678Z', 'ana@example.com', 'ring twice', '003A']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1));
    }
  });

  it('is asked a constant number of times for a batch of any size', async () => {
    const counted = async (size: number) => {
      let calls = 0;
      const counting = new Proxy(here.store, {
        get: (store, name: keyof Store) => {
          calls++;
          return store[name];
        },
      });
      const { vault } = await here.another(counting);
      calls = 0;
      const items = Array.from({ length: size }, (_, index) =>
        nif(`value ${size} ${index}`, { id: `Contact:${size} ${index % 7}` }),
      );
      const tokens = await vault.tokenize(items);
      const writing = calls;
      calls = 0;
      await vault.detokenize(
        tokens.map((one) => ({ domain: NIF.domain, token: 'token' in one ? one.token : '' })),
      );
      return [writing, calls];
    };
    const small = await counted(2);
    expect(await counted(500)).toEqual(small);
    // Of what is written all is one wait for the disk, the data keys of new people too.
    expect(small).toEqual([3, 2]);
  });

  it.each([
    ['a value', (text: string) => text.slice(0, -1) + flipped(text.at(-1)), '(unreadable)'],
    ['the version', (text: string) => text.replace('\0\0\0\x01\0\x17', '\0\0\0\x02\0\x17'), '(unreadable)'],
    ['the token', (text: string) => text.replace('pvt1_', 'pvt2_'), '(unreadable)'],
    ['the domain', (text: string) => text.replace('salesforce', 'Salesforce'), '(unknown)'],
  ] as const)('shows when someone changed %s', async (_, change, expected) => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const [entry] = await here.store.page({ from: 'vault/record/', to: 'vault/record/~' }, 1);
    const before = Buffer.from(entry!.value).toString('latin1');
    const after = change(before);
    expect(after).not.toBe(before);
    await here.store.write([{ put: entry!.key, value: Buffer.from(after, 'latin1') }]);
    expect(await readBack(here.vault, NIF.domain, token)).toBe(expected);
  });

  it('does not let a sealed value pass as another data subject’s', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    await tokenOf(here.vault, nif('87654321X', BEN));
    const entries = await here.store.page({ from: 'vault/key/', to: 'vault/key/~' }, 2);
    const [a, b] = entries;
    await here.store.write([
      { put: a!.key, value: b!.value },
      { put: b!.key, value: a!.value },
    ]);
    await expect(here.vault.detokenize([{ domain: NIF.domain, token }])).rejects.toThrow('does not open');
  });
});

describe('two instances over one store', () => {
  it('agree on the data key of somebody new, of whom both write several values, some of them the same', async () => {
    const other = (await here.another()).vault;
    const items = (from: number) => Array.from({ length: 30 }, (_, index) => nif(`value ${from + index}`));
    const [mine, theirs] = await Promise.all([here.vault.tokenize(items(0)), other.tokenize(items(20))]);
    expect((await here.store.page(keysUnder('vault/key/'), 10)).length).toBe(1);
    const read = async (results: readonly object[]) =>
      Promise.all(results.map((one) => readBack(other, NIF.domain, 'token' in one ? String(one.token) : '')));
    expect(await read(mine)).toEqual(items(0).map(({ value }) => value));
    expect(await read(theirs)).toEqual(items(20).map(({ value }) => value));
  });

  it('agree on the token of a value that both tokenize at once', async () => {
    const other = (await here.another()).vault;
    const items = Array.from({ length: 200 }, (_, index) =>
      nif(`value ${index}`, { id: `Contact:${index}` }),
    );
    const reversed = items.toReversed().map((item) => ({ ...item, dataSubject: BEN }));
    const [mine, theirs] = await Promise.all([here.vault.tokenize(items), other.tokenize(reversed)]);
    const texts = (results: readonly object[]) => results.map((one) => ('token' in one ? one.token : one));
    expect(texts(theirs).toReversed()).toEqual(texts(mine));
    expect(await readBack(other, NIF.domain, String(texts(mine)[7]))).toBe('value 7');
  });

  it('agree when fifty ask at once for a value that all have, each for somebody else', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        tokenOf(here.vault, nif('12345678Z', { id: `Contact:${index}` })),
      ),
    );
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
  });

  it('agree while only one of them has read the rotated ring', async () => {
    const other = await here.another();
    await rotateKeyring(here.place);
    await here.keyring.reload();
    expect([here.keyring.activeVersion, other.keyring.activeVersion]).toEqual([2, 1]);
    const items = Array.from({ length: 50 }, (_, index) => nif(`value ${index}`, { id: `Contact:${index}` }));
    const [mine, theirs] = await Promise.all([here.vault.tokenize(items), other.vault.tokenize(items)]);
    const texts = (results: readonly object[]) => results.map((one) => ('token' in one ? one.token : one));
    expect(texts(theirs)).toEqual(texts(mine));
    expect(await readBack(other.vault, NIF.domain, String(texts(mine)[0]))).toBe('value 0');
  });
});

describe('a store that is emptied while it is in use', () => {
  const refused = 'emptied, or filled from elsewhere';

  it('gets no second tokens, and is not taken for the vault again by who had it open', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    await here.store.write([{ deleteRange: keysUnder('vault/') }]);
    const told: unknown[] = [];
    const house = here.vault.keepHouse({ isAlone: true, tell: (event) => told.push(event) });
    await house.stop();
    const fresh = await here.another();
    for (const ask of [
      () => here.vault.tokenize([nif('12345678Z')]),
      () => here.vault.detokenize([{ domain: NIF.domain, token }]),
      () => here.vault.lookUp([{ ...NIF, value: '12345678Z', anySpelling: true }]),
    ])
      await expect(ask()).rejects.toThrow(refused);
    expect(await fresh.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[]]);
  });
});
