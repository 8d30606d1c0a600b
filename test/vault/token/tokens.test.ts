import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { exactNumber, looksLikeToken, tokenLengthMax } from '../../../src/vault/token/token.ts';
import type { TokenizeItem } from '../../../src/vault/token/token-group.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import {
  ANA,
  BEN,
  CODE,
  MAIL,
  NIF,
  NOTE,
  nif,
  PHONE,
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
