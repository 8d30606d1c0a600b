import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import { type HousekeepingEvent, keepHouse, tidy } from '../../../src/vault/upkeep/housekeeping.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import {
  ANA,
  BEN,
  dump,
  NIF,
  readBack,
  ringVersionsOf,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

const HOUR_MS = 3_600_000;

let nowMs: number;
let here: VaultUnderTest;
let told: HousekeepingEvent[];
const tell = (event: HousekeepingEvent) => {
  told.push(event);
};
beforeEach(async () => {
  nowMs = Date.parse('2026-11-25T12:00:00Z');
  told = [];
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

const nif = (value: string, dataSubject = ANA) => ({ ...NIF, value, dataSubject });

describe('looking after a vault', () => {
  it('reclaims what the CRM refused an hour ago, counts what nobody heard of, and says so in the stats', async () => {
    const refused = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.release([refused.use]);
    const unheard = await tokenOf(here.vault, nif('87654321X', BEN));
    expect((await vaultStats(here.context)).lastSweep).toBeUndefined();
    await tidy(here.context, { isAlone: true, tell });
    nowMs += HOUR_MS;
    await tidy(here.context, { isAlone: true, tell });
    expect(told).toEqual([{ swept: { reclaimed: 0, unheard: 0 } }, { swept: { reclaimed: 1, unheard: 1 } }]);
    expect(await readBack(here.vault, NIF.domain, refused.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NIF.domain, unheard.token)).toBe('87654321X');
    expect(await vaultStats(here.context)).toMatchObject({
      tokens: 1,
      usesPending: 1,
      usesRefused: 0,
      lastSweep: { at: '2026-11-25T13:00:00.000Z', reclaimed: 1, unheard: 1 },
    });
  });

  it('goes on when the clock was far ahead and is right again', async () => {
    nowMs += 3_650 * 24 * HOUR_MS;
    const { use } = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.release([use]);
    await tidy(here.context, { isAlone: true, tell });
    nowMs = Date.parse('2026-11-25T12:00:00Z');
    await tidy(here.context, { isAlone: true, tell });
    expect(told.at(-1)).toEqual({ swept: { reclaimed: 1, unheard: 0 } });
  });

  it('is left to one of several instances at a time', async () => {
    const round = () => tidy(here.context, { isAlone: false, tell });
    await Promise.all(Array.from({ length: 8 }, round));
    nowMs += 599_999;
    await round();
    expect(told).toHaveLength(1);
    nowMs += 1;
    await Promise.all(Array.from({ length: 8 }, round));
    expect(told).toHaveLength(2);
  });

  it('reads a rotated ring, and brings the vault along where nobody else writes to it', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    await rotateKeyring(here.place);
    await tidy(here.context, { isAlone: false, tell });
    expect(told).toContainEqual({ rotatedTo: 2 });
    expect(await dump(here.store)).toContain('vault/index/1/');
    await tidy(here.context, { isAlone: true, tell });
    const brought = await dump(here.store);
    expect(brought).not.toContain('vault/index/1/');
    expect(await ringVersionsOf(here.store)).toEqual([2]);
    expect((await tokenOf(here.vault, nif('12345678Z'))).token).toBe(token);
    expect(told.filter((event) => 'rotatedTo' in event)).toHaveLength(1);
  });

  it('goes on every while until it is stopped, also after a failure', async () => {
    const failure = new Error('away');
    const get = vi.fn(here.store.get).mockRejectedValueOnce(failure);
    const context = {
      ...here.context,
      store: { ...here.store, get },
      limits: { ...here.context.limits, vaultHousekeepingMs: 5 },
    };
    const house = keepHouse(context, { isAlone: false, tell });
    await expect.poll(() => told.length).toBe(2);
    await house.stop();
    expect(told).toEqual([{ failed: failure }, { swept: { reclaimed: 0, unheard: 0 } }]);
    const calls = get.mock.calls.length;
    await sleep(30);
    expect(get.mock.calls.length).toBe(calls);
  });
});
