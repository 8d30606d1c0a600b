import { describe, expect, it } from 'vitest';
import { newToken } from '../../src/vault/token/token.ts';
import { NIF, readBack, vaultUnderTest } from './harness.ts';

describe('a million tokens', () => {
  it('are all different, whatever their case', () => {
    const tokens = new Set<string>();
    for (let count = 0; count < 1_000_000; count++) tokens.add(newToken('token', 1));
    expect(tokens.size).toBe(1_000_000);
  });

  it('lead back to their values: a sample of them through the vault', async () => {
    const here = await vaultUnderTest();
    const domain = NIF.domain;
    const values = Array.from({ length: 5_000 }, (_, index) => `value ${index}`);
    const items = values.map((value, index) => ({
      ...NIF,
      value,
      dataSubject: { id: `Contact:${index % 500}` },
    }));
    const tokens = (await here.vault.tokenize(items)).map((one) => ('token' in one ? one.token : ''));
    expect(new Set(tokens).size).toBe(values.length);
    const back = await here.vault.detokenize(tokens.map((token) => ({ domain, token })));
    expect(back.map((one) => 'value' in one && one.value)).toEqual(values);
    expect(await readBack(here.vault, domain, newToken('token', 1))).toBe('(unknown)');
    await here.dispose();
  });
});
