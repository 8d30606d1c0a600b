import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { forgetRows, type RowName } from '../../../src/vault/token/claims.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { ANA, BEN, dump, NIF, readBack, tokenOf, type VaultUnderTest, vaultUnderTest } from '../harness.ts';

const DAY_MS = 86_400_000;

let nowMs: number;
let here: VaultUnderTest;
beforeEach(async () => {
  nowMs = Date.parse('2026-11-25T12:00:00Z');
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

/** Uploads a row with one value, as a record that has no id yet. */
async function upload(
  value: string,
  name = 'first',
): Promise<{ readonly row: RowName; readonly token: string }> {
  const { provisional } = provisionalDataSubject();
  const { token, use } = await tokenOf(here.vault, { ...NIF, value, dataSubject: { provisional } });
  const row = { job: '750A', tokens: [['nif__c', token]] as const };
  await here.vault.rememberRows([{ row, provisional, upload: name }]);
  await here.vault.confirm([use]);
  return { row, token };
}

const left = async () => (await vaultStats(here.context)).rowsUnclaimed;

describe('rows that were uploaded', () => {
  it('are erased with the person they have become, rows with the same values one by one', async () => {
    const [first] = [await upload('12345678Z'), await upload('12345678Z')];
    await here.vault.settleRows([
      { row: first.row, line: 'ana', dataSubject: ANA },
      { row: first.row, line: 'ben', dataSubject: BEN },
    ]);
    expect(await left()).toBe(0);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, first.token)).toBe('12345678Z');
    expect(await here.vault.erase(BEN)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, first.token)).toBe('(unknown)');
  });

  it('give their tokens back when the CRM refused them', async () => {
    const { row, token } = await upload('12345678Z');
    await here.vault.settleRows([{ row, line: 'refused', dataSubject: undefined }]);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
    nowMs += DAY_MS;
    expect(await sweep(here.context, DAY_MS)).toEqual({ reclaimed: 1, unheard: 0 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
    expect(await vaultStats(here.context)).toMatchObject({ tokens: 0, dataKeysByVersion: {} });
  });

  it('give their tokens back when the upload was refused, and those of no other upload', async () => {
    const refused = await upload('12345678Z');
    const taken = await upload('87654321X', 'second');
    await here.vault.refuseRows('first');
    expect(await left()).toBe(1);
    nowMs += DAY_MS;
    expect(await sweep(here.context, DAY_MS)).toEqual({ reclaimed: 1, unheard: 0 });
    expect(await readBack(here.vault, NIF.domain, refused.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NIF.domain, taken.token)).toBe('87654321X');
  });

  it('are not changed by results that are read again, or of another job', async () => {
    const { row } = await upload('12345678Z');
    await here.vault.settleRows([{ row: { ...row, job: '750B' }, line: 'ben', dataSubject: BEN }]);
    expect(await left()).toBe(1);
    await here.vault.settleRows([{ row, line: 'ana', dataSubject: ANA }]);
    await here.vault.settleRows([{ row, line: 'ben', dataSubject: BEN }]);
    expect(await here.vault.erase(BEN)).toEqual({ tokens: 0 });
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
  });

  it('keep the token of a row that was taken, however often the refusal of one with the same values is read', async () => {
    const [{ row, token }] = [await upload('12345678Z'), await upload('12345678Z')];
    const refusal = { row, line: 'refused', dataSubject: undefined };
    for (let reading = 0; reading < 3; reading++) await here.vault.settleRows([refusal]);
    expect(await left()).toBe(1);
    await here.vault.settleRows([{ row, line: 'ana', dataSubject: ANA }]);
    expect(await left()).toBe(0);
    nowMs += DAY_MS;
    expect(await sweep(here.context, DAY_MS)).toEqual({ reclaimed: 1, unheard: 0 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('are all heard of when those that were taken and those that were refused are read at once', async () => {
    const rows = [];
    for (let count = 0; count < 6; count++) rows.push(await upload('12345678Z'));
    const row = rows[0]!.row;
    const people = ['003C', '003D', '003E'].map((id) => ({ id }));
    await Promise.all(
      people.flatMap((dataSubject, index) => [
        here.vault.settleRows([{ row, line: `taken ${index}`, dataSubject }]),
        here.vault.settleRows([{ row, line: `refused ${index}`, dataSubject: undefined }]),
      ]),
    );
    expect(await left()).toBe(0);
    nowMs += DAY_MS;
    expect(await sweep(here.context, DAY_MS)).toEqual({ reclaimed: 3, unheard: 0 });
    for (const dataSubject of people) expect(await here.vault.erase(dataSubject)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, rows[0]!.token)).toBe('(unknown)');
  });

  it('are each of another person, however often half of the results is read, and by several at once', async () => {
    const [{ row, token }] = [await upload('12345678Z'), await upload('12345678Z')];
    const ana = { row, line: 'ana', dataSubject: ANA };
    await Promise.all([here.vault.settleRows([ana]), here.vault.settleRows([ana, ana])]);
    await here.vault.settleRows([ana, { row, line: 'ben', dataSubject: BEN }]);
    expect(await left()).toBe(0);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
    expect(await here.vault.erase(BEN)).toEqual({ tokens: 1 });
  });

  it('are forgotten, tokens excepted, once the CRM has no results any more', async () => {
    const { token, row } = await upload('12345678Z');
    await upload('12345678Z');
    await upload('12345678Z');
    await here.vault.settleRows([{ row, line: 'ana', dataSubject: ANA }]);
    expect(await dump(here.store)).toContain('vault/result/');
    nowMs += 7 * DAY_MS - 1;
    await forgetRows(here.context);
    expect(await left()).toBe(2);
    nowMs += 1;
    await forgetRows(here.context);
    expect(await left()).toBe(0);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('12345678Z');
    expect(await dump(here.store)).not.toContain('vault/result/');
  });
});
