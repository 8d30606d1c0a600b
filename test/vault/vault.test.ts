import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysUnder, type Store } from '../../src/store/store.ts';
import { provisionalDataSubject } from '../../src/vault/holder/holder.ts';
import { rotateKeyring } from '../../src/vault/keys/keyring.ts';
import { exactNumber, looksLikeToken, tokenLengthMax } from '../../src/vault/token/token.ts';
import type { TokenizeItem } from '../../src/vault/token/token-group.ts';
import { tokenize } from '../../src/vault/token/tokenize.ts';
import { erase } from '../../src/vault/upkeep/erase.ts';
import { rekey } from '../../src/vault/upkeep/rekey.ts';
import { vaultStats } from '../../src/vault/upkeep/stats.ts';
import { sweep } from '../../src/vault/upkeep/sweep.ts';
import { verifyVault } from '../../src/vault/upkeep/verify.ts';
import {
  ANA,
  BEN,
  CODE,
  dump,
  MAIL,
  NIF,
  NOTE,
  PHONE,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from './harness.ts';

let here: VaultUnderTest;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

/** Another character in its place. */
const flipped = (character = '') => String.fromCharCode(character.charCodeAt(0) ^ 1);

const nif = (value: string, dataSubject: TokenizeItem['dataSubject'] = ANA) => ({
  ...NIF,
  value,
  dataSubject,
});

describe('tokens', () => {
  it.each([
    ['deterministic', NIF, '12345678Z'],
    ['random', NOTE, 'ring twice'],
    ['e-mail', MAIL, 'ana@example.com'],
    ['phone', PHONE, '+34 612 345 678'],
    ['digits', CODE, '0012-3456'],
    ['unicode', NIF, 'Zoë 🦊 \u0000 "quoted"'],
  ] as const)('give their value back: %s', async (_, as, value) => {
    const { token } = await tokenOf(here.vault, { ...as, value, dataSubject: ANA });
    expect(token).not.toContain(value);
    expect(await readBack(here.vault, as.domain, token)).toBe(value);
  });

  it('are equal for equal values of a domain, and for nothing else', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    expect((await tokenOf(here.vault, nif('12345678Z', BEN))).token).toBe(token);
    expect((await tokenOf(here.vault, nif('12345678z'))).token).not.toBe(token);
    expect((await tokenOf(here.vault, { ...nif('12345678Z'), domain: 'other' })).token).not.toBe(token);
  });

  it('have nothing in common when they are random, in one batch neither', async () => {
    const item = { ...NOTE, value: 'ring twice', dataSubject: ANA };
    const results = await here.vault.tokenize([item, item, item]);
    expect(new Set(results.map((result) => 'token' in result && result.token)).size).toBe(3);
    expect(await here.vault.lookUp([{ ...NOTE, value: 'ring twice' }])).toEqual([[]]);
  });

  it('are found by value, for a condition on equality', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const phone = await tokenOf(here.vault, { ...PHONE, value: '+34612345678', dataSubject: ANA });
    expect(
      await here.vault.lookUp([
        { ...NIF, value: '12345678Z' },
        { ...NIF, value: 'never seen' },
        { ...PHONE, value: '+34612345678' },
      ]),
    ).toEqual([[token], [], [phone.token]]);
  });

  it.each([
    ['deterministic', NIF],
    ['random', NOTE],
    ['e-mail', MAIL],
  ] as const)('are recognised, fit their stated length and need no escaping: %s', async (_, as) => {
    const { token } = await tokenOf(here.vault, { ...as, value: 'x@example.com', dataSubject: ANA });
    const format = as.as.kind === 'format-preserving' ? as.as.format : 'token';
    expect(looksLikeToken(token)).toBe(true);
    expect(token.length).toBeLessThanOrEqual(tokenLengthMax(format) ?? 0);
    expect(token).toMatch(/^[a-z\d_@.]+$/);
  });

  it.each([
    ['deterministic', NIF, '12345678Z'],
    ['random', NOTE, 'ring twice'],
    ['e-mail', MAIL, 'ana@example.com'],
    ['phone', PHONE, '+34 612 345 678'],
    ['digits', { ...CODE, mayBeToken: true }, '0012-3456'],
  ] as const)('are never tokenized again, whoever sends them: %s', async (_, as, value) => {
    const { token } = await tokenOf(here.vault, { ...as, value, dataSubject: ANA });
    expect((await tokenOf(here.vault, { ...as, value: token, dataSubject: ANA })).token).toBe(token);
    expect((await tokenOf(here.vault, { ...as, value: token, dataSubject: BEN })).token).toBe(token);
    expect(await readBack(here.vault, as.domain, token)).toBe(value);
  });

  it.each([
    ['one that was not issued', NIF, 'pvt1_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['one that was cut short', NIF, 'pvt1_aaaaaaaaaa'],
    ['one with something after it', NIF, 'pvt1_aaaaaaaaaaaaaaaaaaaaaaaaaa and more'],
    ['an e-mail token that was not issued', MAIL, 'pvt1_aaaaaaaaaaaaaaaaaaaaaaaaaa@token.invalid'],
    ['a marked phone that was not issued', PHONE, '+89 123 456 789'],
  ] as const)('are refused in a write when not issued: %s', async (_, as, value) => {
    expect(await here.vault.tokenize([{ ...as, value, dataSubject: ANA }])).toEqual([
      { refused: 'unissued' },
    ]);
    expect((await vaultStats(here.context)).dataKeysByVersion).toEqual({});
  });

  it('are refused in another domain than their own', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const [other] = await here.vault.tokenize([{ ...nif(token), domain: 'other' }]);
    expect(other).toEqual({ refused: 'unissued' });
    expect(await readBack(here.vault, 'other', token)).toBe('(unknown)');
  });

  it('are taken only for who has them already, where the writer would be shown the value', async () => {
    const before = provisionalDataSubject();
    const { token } = await tokenOf(here.vault, nif('12345678Z', before));
    await here.vault.bind(before, ANA);
    const code = await tokenOf(here.vault, { ...CODE, value: '12345678', dataSubject: BEN });
    const write = (as: Pick<TokenizeItem, 'domain' | 'as'>, value: string, dataSubject: { id: string }) => ({
      ...as,
      value,
      dataSubject,
      mayBeToken: true,
      onlyOwnToken: true,
    });
    expect(
      await here.vault.tokenize([
        write(NIF, token, ANA),
        write(CODE, code.token, BEN),
        write(NIF, '12345678Z', BEN),
      ]),
    ).toMatchObject([{ token }, { token: code.token }, { token }]);
    const CLARA = { id: 'Contact:003C' };
    expect(await here.vault.tokenize([write(NIF, token, CLARA), write(CODE, code.token, CLARA)])).toEqual([
      { refused: 'foreign' },
      { refused: 'foreign' },
    ]);
  });

  it('survive what CRMs do to text: another case, other separators', async () => {
    const plain = await tokenOf(here.vault, nif('12345678Z'));
    const phone = await tokenOf(here.vault, { ...PHONE, value: '+34 612 345 678', dataSubject: ANA });
    expect(await readBack(here.vault, NIF.domain, plain.token.toUpperCase())).toBe('12345678Z');
    expect(await readBack(here.vault, PHONE.domain, phone.token.replaceAll(' ', '-'))).toBe(
      '+34 612 345 678',
    );
  });

  it.each([
    ['a fraction of zeros', (token: string) => `${token}.0`],
    ['an exponent', (token: string) => `${token.charAt(0)}.${token.slice(1)}E${token.length - 1}`],
    [
      'a sign of the exponent',
      (token: string) => `${token.charAt(0)}.${token.slice(1)}e+${token.length - 1}`,
    ],
  ])('survive a field that keeps them in floating point: with %s', async (_, spelled) => {
    const { token } = await tokenOf(here.vault, { ...CODE, value: '1234567', dataSubject: ANA });
    expect(await readBack(here.vault, CODE.domain, spelled(token))).toBe('1234567');
  });

  it.each([
    ['1234567', '1234567'],
    ['-1234567', '-1234567'],
    ['1234567.0', '1234567'],
    ['1.234567E6', '1234567'],
    ['123456789012345', '123456789012345'],
    ['1234567890123456', undefined],
    ['1234567.5', undefined],
    ['1e400', undefined],
    ['0123456', undefined],
    ['text', undefined],
  ])('are made of numbers that a double holds: %s as %s', (lexeme, exact) => {
    expect(exactNumber(lexeme)).toBe(exact);
  });

  it.each([
    ['an empty value', NIF, '', 'length'],
    ['too long a value', NIF, 'x'.repeat(40_000), 'length'],
    ['a text that is no phone', PHONE, 'call reception', 'format'],
    ['fewer digits than FF1 may take', CODE, '12345', 'format'],
    ['half a surrogate pair', NIF, 'a\ud800', 'format'],
  ] as const)('are not made of %s', async (_, as, value, refused) => {
    expect(await here.vault.tokenize([{ ...as, value, dataSubject: ANA }])).toEqual([{ refused }]);
  });

  it('take a clear value for what it is where its writer is shown clear values, even if it equals a token', async () => {
    const { token } = await tokenOf(here.vault, { ...CODE, value: '1234567890', dataSubject: ANA });
    const other = await tokenOf(here.vault, { ...CODE, value: token, dataSubject: BEN });
    expect(other.token).not.toBe(token);
    expect(await readBack(here.vault, CODE.domain, other.token)).toBe(token);
  });
});

describe('a random token', () => {
  const SLOT = 'crm:003A Contact.Note__c';
  const note = (value: string, slot?: string, dataSubject: TokenizeItem['dataSubject'] = ANA) => ({
    ...NOTE,
    value,
    dataSubject,
    ...(slot === undefined ? {} : { slot }),
  });
  async function save(...item: Parameters<typeof note>): Promise<string> {
    const { token, use } = await tokenOf(here.vault, note(...item));
    await here.vault.confirm([use]);
    return token;
  }
  const size = async () => (await dump(here.store)).split('\n').length;
  const faults = async () => {
    const told: string[] = [];
    await verifyVault(here.context, (problem) => told.push(problem));
    return told;
  };

  it('stays where its value is saved again, however often, and takes no more room', async () => {
    const token = await save('ring twice', SLOT);
    const once = await size();
    for (let again = 0; again < 5; again++) expect(await save('ring twice', SLOT)).toBe(token);
    const batch = await here.vault.tokenize([note('ring twice', SLOT), note('ring twice', SLOT)]);
    expect(batch.map((one) => 'token' in one && one.token)).toEqual([token, token]);
    expect([await size(), await faults()]).toEqual([once, []]);
  });

  it('is another for each record and field, each value, and where the record is not known', async () => {
    const tokens = [
      await save('ring twice', SLOT),
      await save('ring once', SLOT),
      await save('ring twice', 'crm:003A Contact.Other__c'),
      await save('ring twice', 'crm:003B Contact.Note__c', BEN),
      await save('ring twice'),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(await here.vault.lookUp([{ ...NOTE, value: 'ring twice' }])).toEqual([[]]);
    const [first, second] = await here.vault.tokenize(
      ['crm:003C Contact.Note__c', 'crm:003D Contact.Note__c'].map((slot) => note('no', slot)),
    );
    expect(first).not.toEqual(second);
  });

  it('of a record that is upserted again takes no more room than once, and is erased with its person', async () => {
    const upsert = async () => {
      const nobody = provisionalDataSubject();
      const { token, use } = await tokenOf(here.vault, note('ring twice', SLOT, nobody));
      await here.vault.confirm([use]);
      await here.vault.bind(nobody, ANA);
      return token;
    };
    const token = await upsert();
    const once = await size();
    expect([await upsert(), await upsert(), await size(), await faults()]).toEqual([token, token, once, []]);
    await here.vault.erase(ANA);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|slot|bond)\//);
    expect(await upsert()).not.toBe(token);
  });

  it('that the CRM refused leaves nothing, and one that it took stays after a rotation', async () => {
    const { use } = await tokenOf(here.vault, note('ring twice', SLOT));
    await here.vault.release([use]);
    nowMs += 7_200_000;
    await sweep(here.context, 3_600_000);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|slot|mark)\//);
    const token = await save('ring twice', SLOT);
    await rotateKeyring(here.place);
    await here.keyring.reload();
    await here.vault.rekey();
    expect([await save('ring twice', SLOT), await faults()]).toEqual([token, []]);
  });
});

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
});

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
    expect(await dump(here.store)).not.toContain('"wrapped":{"version":1');
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
    expect(await dump(here.store)).not.toMatch(/vault\/(index|spelling)\/1\/|"wrapped":\{"version":1/);
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

describe('a use of a token', () => {
  const afterMs = 60_000;
  const records = async () => (await dump(here.store)).match(/vault\/record\//g)?.length ?? 0;

  it('leaves nothing when the CRM refused it', async () => {
    const { use, token } = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.release([use]);
    expect(await sweep(here.context, afterMs)).toMatchObject({ reclaimed: 0 });
    nowMs += afterMs;
    expect(await sweep(here.context, afterMs)).toMatchObject({ reclaimed: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
    expect(await here.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[]]);
    expect(await records()).toBe(0);
    expect(await dump(here.store)).not.toMatch(/vault\/(index|holding|mark|grant)\//);
  });

  it('stays for good when the CRM took it', async () => {
    const { use, token } = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.confirm([use]);
    await here.vault.release([use]);
    nowMs += 10 * afterMs;
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 0, unheard: 0 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
  });

  it('outlives the refusal of another use that was begun earlier', async () => {
    const first = await tokenOf(here.vault, nif('12345678Z'));
    const second = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.confirm([second.use]);
    await here.vault.release([first.use]);
    nowMs += 10 * afterMs;
    expect((await sweep(here.context, afterMs)).reclaimed).toBe(0);
    expect(await readBack(here.vault, NIF.domain, first.token)).toBe('12345678Z');
  });

  it('stays where an earlier one was never heard of, though the CRM refused all that came after it', async () => {
    const unheard = await tokenOf(here.vault, nif('12345678Z'));
    for (let again = 0; again < 50; again++) {
      const { use } = await tokenOf(here.vault, nif('12345678Z'));
      await here.vault.release([use, use]);
    }
    nowMs += 10 * afterMs;
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 0, unheard: 1 });
    expect(await readBack(here.vault, NIF.domain, unheard.token)).toBe('12345678Z');
  });

  it('stays where more than can be told apart were never heard of', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const uses = await Promise.all(
      Array.from({ length: 50 }, async () => (await tokenOf(here.vault, nif('12345678Z'))).use),
    );
    for (const use of uses) await here.vault.release([use]);
    nowMs += 10 * afterMs;
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 0, unheard: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
  });

  it.each([
    ['in their order', [0, 1, 2]],
    ['in another', [2, 0, 1]],
  ])('leaves nothing when the CRM refused all that were under way at once, %s', async (_, order) => {
    const uses = [];
    for (let begun = 0; begun < 3; begun++) uses.push((await tokenOf(here.vault, nif('12345678Z'))).use);
    for (const index of order) await here.vault.release(uses.slice(index, index + 1));
    nowMs += afterMs;
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 1, unheard: 0 });
    expect(await records()).toBe(0);
  });

  it('takes only its own data subject along when it is reclaimed', async () => {
    const ana = await tokenOf(here.vault, nif('12345678Z'));
    const ben = await tokenOf(here.vault, nif('12345678Z', BEN));
    await here.vault.confirm([ben.use]);
    await here.vault.release([ana.use]);
    nowMs += 10 * afterMs;
    expect((await sweep(here.context, afterMs)).reclaimed).toBe(1);
    expect(await readBack(here.vault, NIF.domain, ben.token)).toBe('12345678Z');
  });

  it('is given back when the rest of its batch gets no tokens', async () => {
    let writes = 0;
    const writeIf: Store['writeIf'] = (guarded) => {
      if (++writes === 2) throw new Error('away');
      return here.store.writeIf(guarded);
    };
    const context = {
      ...here.context,
      store: { ...here.store, writeIf },
      limits: { ...here.context.limits, vaultBatchMax: 1 },
    };
    await expect(tokenize(context, [nif('1'), nif('2')])).rejects.toThrow('away');
    expect(await vaultStats(here.context)).toMatchObject({ tokens: 1, usesPending: 0, usesRefused: 1 });
  });

  it('of a write that nobody heard of stays, and is counted', async () => {
    const { token } = await tokenOf(here.vault, nif('1'));
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 0, unheard: 0 });
    nowMs += 10 * afterMs;
    expect(await sweep(here.context, afterMs)).toEqual({ reclaimed: 0, unheard: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('1');
  });
});

describe('an erasure', () => {
  it('makes every token of that person unreadable and forgets the values, and nobody else’s', async () => {
    const ana = await tokenOf(here.vault, nif('12345678Z'));
    const note = await tokenOf(here.vault, { ...NOTE, value: 'ring twice', dataSubject: ANA });
    const ben = await tokenOf(here.vault, nif('87654321X', BEN));
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 2 });
    expect(await readBack(here.vault, NIF.domain, ana.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NOTE.domain, note.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NIF.domain, ben.token)).toBe('87654321X');
    expect(await here.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[]]);
    expect(await here.vault.tokenize([nif(ana.token)])).toEqual([{ refused: 'unissued' }]);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 0 });
  });

  it('holds against whoever kept the records from before', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const old = await here.store.page({ from: 'vault/record/', to: 'vault/record/~' }, 10);
    await here.vault.erase(ANA);
    await here.store.write(old.map(({ key, value }) => ({ put: key, value })));
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(erased)');
    await tokenOf(here.vault, nif('a new life'));
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(erased)');
  });

  it.each([
    ['first', [ANA, BEN]],
    ['second', [BEN, ANA]],
  ] as const)('leaves a shared token to the others, when the %s to have it is erased', async (_, order) => {
    const [gone, stays] = order;
    const { token } = await tokenOf(here.vault, nif('family phone', ANA));
    await tokenOf(here.vault, nif('family phone', BEN));
    await here.vault.erase(gone);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('family phone');
    expect((await tokenOf(here.vault, nif('family phone', stays))).token).toBe(token);
    await here.vault.erase(stays);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('cut short leaves a token that was shared at the last moment to the others, and to whoever writes it then', async () => {
    const shared: string[] = [];
    const token = async (as: typeof ANA) => (await tokenOf(here.vault, nif('12345678Z', as))).token;
    await tokenOf(here.vault, nif('1'));
    const write: Store['write'] = async (writes) => {
      if (!writes.some((one) => 'put' in one && one.put.startsWith('vault/key/')))
        return here.store.write(writes);
      shared.push(await token(ANA), await token(BEN));
      await here.store.write(writes);
      throw new Error('killed');
    };
    await expect(erase({ ...here.context, store: { ...here.store, write } }, ANA)).rejects.toThrow('killed');
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    expect(await token({ id: 'Contact:003C' })).toBe(shared[1]);
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    await here.vault.erase(ANA);
    await here.vault.erase({ id: 'Contact:003C' });
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    await here.vault.erase(BEN);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|index)\//);
  });

  it('cut short leaves nothing once it is done again', async () => {
    await tokenOf(here.vault, nif('1'));
    const write: Store['write'] = async (writes) => {
      if (!writes.some((one) => 'put' in one && one.put.startsWith('vault/key/')))
        return here.store.write(writes);
      await tokenOf(here.vault, nif('x1234567l'));
      await here.store.write(writes);
      throw new Error('killed');
    };
    await expect(erase({ ...here.context, store: { ...here.store, write } }, ANA)).rejects.toThrow('killed');
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|index|spelling)\//);
  });

  it('reaches what was tokenized before the CRM gave the person an id', async () => {
    const subject = provisionalDataSubject();
    const { token } = await tokenOf(here.vault, nif('12345678Z', subject));
    expect(await here.vault.detokenize([{ domain: NIF.domain, token }])).toEqual([
      { value: '12345678Z', provisional: subject.provisional },
    ]);
    await here.vault.bind(subject, ANA);
    await here.vault.bind(subject, ANA);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('takes no token from a person who comes back while others write the same value', async () => {
    await tokenOf(here.vault, nif('12345678Z'));
    let back: string | undefined;
    const getMany: Store['getMany'] = async (keys) => {
      const values = await here.store.getMany(keys);
      if (back === undefined && keys.some((key) => key.startsWith('vault/key/'))) {
        back = '';
        await here.vault.erase(ANA);
        back = (await tokenOf(here.vault, nif('12345678Z'))).token;
      }
      return values;
    };
    const { vault } = await here.another({ ...here.store, getMany });
    const [shared] = await vault.tokenize([nif('12345678Z', BEN), nif('87654321X')]);
    expect(shared).toMatchObject({ token: back });
    expect(await readBack(here.vault, NIF.domain, back ?? '')).toBe('12345678Z');
  });

  it('reaches a value that the CRM refused before it took it', async () => {
    const [first, again] = [provisionalDataSubject(), provisionalDataSubject()];
    const { token, use } = await tokenOf(here.vault, nif('12345678Z', first));
    await here.vault.release([use]);
    await here.vault.confirm([(await tokenOf(here.vault, nif('12345678Z', again))).use]);
    await here.vault.bind(again, ANA);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('leaves the person free to come back, with new tokens', async () => {
    const before = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.erase(ANA);
    const after = await tokenOf(here.vault, nif('12345678Z'));
    expect(after.token).not.toBe(before.token);
    expect(await readBack(here.vault, NIF.domain, after.token)).toBe('12345678Z');
  });

  it('wins over writes that are under way', async () => {
    const other = (await here.another()).vault;
    const items = Array.from({ length: 50 }, (_, index) => nif(`value ${index}`));
    await here.vault.tokenize(items);
    const [, results] = await Promise.all([here.vault.erase(ANA), other.tokenize(items)]);
    await here.vault.erase(ANA);
    const tokens = results.map((one) => ({ domain: NIF.domain, token: 'token' in one ? one.token : '' }));
    const values = await here.vault.detokenize(tokens);
    expect(values.filter((one) => 'value' in one)).toEqual([]);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|index|holding|grant|mark)\//);
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

describe('a record that is upserted again and again by a stored key', () => {
  /** What one upsert leaves when the CRM has said whose the record is. */
  async function upsert(values: readonly string[], dataSubject = ANA): Promise<void> {
    const nobody = provisionalDataSubject();
    const made = await here.vault.tokenize(values.map((value) => nif(value, nobody)));
    await here.vault.confirm(made.flatMap((one) => ('use' in one ? [one.use] : [])));
    await here.vault.bind(nobody, dataSubject);
  }
  const size = async () => (await dump(here.store)).split('\n').length;
  const faults = async () => {
    const told: string[] = [];
    await verifyVault(here.context, (problem) => told.push(problem));
    return told;
  };

  it('takes no more room than once, and is erased with its person', async () => {
    await upsert(['12345678Z', '87654321X']);
    const once = await size();
    for (let night = 0; night < 5; night++) await upsert(['12345678Z', '87654321X']);
    expect([await size(), await faults()]).toEqual([once, []]);
    await upsert(['12345678Z', '11111111H']);
    const [token] = (await here.vault.lookUp([{ ...NIF, value: '11111111H' }]))[0]!;
    expect([await readBack(here.vault, NIF.domain, token!), await faults()]).toEqual(['11111111H', []]);
    await here.vault.erase(ANA);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|index|bond)\//);
  });

  it('keeps what stands with nobody else of that person for good', async () => {
    const { token, use } = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.release([use]);
    await upsert(['12345678Z']);
    await upsert(['12345678Z'], BEN);
    nowMs += 7_200_000;
    await sweep(here.context, 3_600_000);
    await here.vault.erase(BEN);
    expect([await readBack(here.vault, NIF.domain, token), await faults()]).toEqual(['12345678Z', []]);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('keeps it when many do so at once', async () => {
    const nobodies = Array.from({ length: 8 }, provisionalDataSubject);
    const made = await here.vault.tokenize(nobodies.map((nobody) => nif('12345678Z', nobody)));
    await here.vault.confirm(made.flatMap((one) => ('use' in one ? [one.use] : [])));
    for (let round = 0; round < 3; round++)
      await Promise.all(nobodies.map((nobody) => here.vault.bind(nobody, ANA)));
    const [token] = (await here.vault.lookUp([{ ...NIF, value: '12345678Z' }]))[0]!;
    expect([await readBack(here.vault, NIF.domain, token!), await faults()]).toEqual(['12345678Z', []]);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token!)).toBe('(unknown)');
  });
});
