import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import {
  ANA,
  BEN,
  dump,
  faultsOf,
  lineCount,
  NIF,
  nif,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

let here: VaultUnderTest;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

describe('a record that is upserted again and again by a stored key', () => {
  /** What one upsert leaves when the CRM has said whose the record is. */
  async function upsert(values: readonly string[], dataSubject = ANA): Promise<void> {
    const nobody = provisionalDataSubject();
    const made = await here.vault.tokenize(values.map((value) => nif(value, nobody)));
    await here.vault.confirm(made.flatMap((one) => ('use' in one ? [one.use] : [])));
    await here.vault.bind(nobody, dataSubject);
  }

  it('takes no more room than once, and is erased with its person', async () => {
    await upsert(['12345678Z', '87654321X']);
    const once = await lineCount(here.store);
    for (let night = 0; night < 5; night++) await upsert(['12345678Z', '87654321X']);
    expect([await lineCount(here.store), await faultsOf(here.context)]).toEqual([once, []]);
    await upsert(['12345678Z', '11111111H']);
    const [token] = (await here.vault.lookUp([{ ...NIF, value: '11111111H' }]))[0]!;
    expect([await readBack(here.vault, NIF.domain, token!), await faultsOf(here.context)]).toEqual([
      '11111111H',
      [],
    ]);
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
    expect([await readBack(here.vault, NIF.domain, token), await faultsOf(here.context)]).toEqual([
      '12345678Z',
      [],
    ]);
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
    expect([await readBack(here.vault, NIF.domain, token!), await faultsOf(here.context)]).toEqual([
      '12345678Z',
      [],
    ]);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token!)).toBe('(unknown)');
  });
});
