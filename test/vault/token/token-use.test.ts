import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { tokenize } from '../../../src/vault/token/tokenize.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { BEN, dump, NIF, nif, readBack, tokenOf, type VaultUnderTest, vaultUnderTest } from '../harness.ts';

let here: VaultUnderTest;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

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
