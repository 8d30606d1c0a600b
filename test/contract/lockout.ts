import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLockout, type LockChange, type Lockout } from '../../src/identity/login/lockout.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoresUnderTest } from '../fixtures/every-store.ts';

const MINUTE_MS = 60_000;
const LIMITS = {
  lockoutFailuresMax: 3,
  lockoutAddressFailuresMax: 4,
  lockoutWindowMs: 10 * MINUTE_MS,
  lockoutMs: 15 * MINUTE_MS,
  lockoutEntriesMax: 50,
};

/** What holds of lockout, whatever store the locks are in. */
export function describeLockout(name: string, prepare: () => Promise<StoresUnderTest>): void {
  describe(`lockout in ${name}`, () => {
    let stores: StoresUnderTest;
    let now = 0;
    let changes: LockChange[];
    let lockout: Lockout;

    const instance = async (
      over: { readonly store?: Store; readonly warn?: () => void; readonly limits?: typeof LIMITS } = {},
    ) =>
      createLockout({
        store: over.store ?? (await stores.open()),
        clock: () => now,
        limits: over.limits ?? LIMITS,
        tell: (change) => changes.push(change),
        warn: over.warn ?? ((cause) => expect.unreachable(String(cause))),
      });
    const refuse = (times: number, credential: (index: number) => string, address: string): void => {
      for (let index = 0; index < times; index++) lockout.refused(credential(index), address);
    };

    beforeEach(async () => {
      now = Date.UTC(2026, 10, 25);
      changes = [];
      stores = await prepare();
      lockout = await instance();
    });
    afterEach(() => stores.dispose());

    it('locks a credential that is refused too often, from wherever, and no other', () => {
      for (const address of ['a', 'b']) lockout.refused('wrong', address);
      expect(lockout.isAnybodyLocked()).toBe(false);
      lockout.refused('wrong', 'c');
      expect(lockout.isLocked('credential', 'wrong')).toBe(true);
      expect(lockout.isLocked('credential', 'another')).toBe(false);
      for (const address of ['a', 'b', 'c']) expect(lockout.isLocked('address', address)).toBe(false);
      expect(changes).toEqual([{ outcome: 'locked', what: 'credential', name: 'wrong' }]);
    });

    it('locks an address that guesses, and no other', () => {
      refuse(3, (index) => `guess ${index}`, 'a');
      refuse(3, (index) => `guess ${index}`, 'b');
      expect(lockout.isLocked('address', 'a')).toBe(false);
      refuse(1, () => 'one more', 'a');
      expect(lockout.isLocked('address', 'a')).toBe(true);
      expect(lockout.isLocked('address', 'b')).toBe(false);
    });

    it('takes the same credential again and again for no guess', () => {
      refuse(100, () => 'old', 'a');
      expect(lockout.isLocked('address', 'a')).toBe(false);
    });

    it('forgets failures when their time is over, and those of a credential that was accepted', () => {
      refuse(2, () => 'wrong', 'a');
      now += LIMITS.lockoutWindowMs;
      refuse(2, () => 'wrong', 'a');
      lockout.accepted('wrong');
      refuse(2, () => 'wrong', 'a');
      expect(lockout.isAnybodyLocked()).toBe(false);
    });

    it('ends by itself, and begins anew', async () => {
      refuse(4, (index) => `guess ${index}`, 'a');
      now += LIMITS.lockoutMs - 1;
      expect(lockout.isLocked('address', 'a')).toBe(true);
      now += 1;
      expect(lockout.isLocked('address', 'a')).toBe(false);
      await lockout.refresh();
      expect(lockout.isAnybodyLocked()).toBe(false);
      expect(changes.at(-1)).toEqual({ outcome: 'unlocked', what: 'address', name: 'a' });
      refuse(4, (index) => `guess ${index}`, 'a');
      expect(lockout.isLocked('address', 'a')).toBe(true);
    });

    it('begins anew for a credential too, where failures are remembered for longer than locks hold', async () => {
      lockout = await instance({ limits: { ...LIMITS, lockoutMs: MINUTE_MS } });
      refuse(3, () => 'wrong', 'a');
      now += MINUTE_MS;
      refuse(2, () => 'wrong', 'a');
      expect(lockout.isLocked('credential', 'wrong')).toBe(false);
      refuse(1, () => 'wrong', 'a');
      expect(lockout.isLocked('credential', 'wrong')).toBe(true);
      await lockout.refresh();
    });

    it('holds on every instance and through a restart, and ends once', async () => {
      refuse(4, (index) => `guess ${index}`, 'a');
      const other = await instance();
      await expect
        .poll(async () => {
          await other.refresh();
          return other.isLocked('address', 'a');
        })
        .toBe(true);
      now += LIMITS.lockoutMs;
      await Promise.all([other.refresh(), lockout.refresh()]);
      expect(other.isLocked('address', 'a')).toBe(false);
      expect(changes.map(({ outcome }) => outcome)).toEqual(['locked', 'unlocked']);
    });

    it('remembers no more than it may, and holds locks against a flood of failures', () => {
      refuse(3, () => 'wrong', 'a');
      for (let index = 0; index < 1_000; index++) lockout.refused(`flood ${index}`, `net ${index}`);
      expect(lockout.isLocked('credential', 'wrong')).toBe(true);
    });

    it('holds here while the store is away, and says so once', async () => {
      let warnings = 0;
      const store = await stores.open();
      const away = () => Promise.reject(new Error('away'));
      lockout = await instance({
        store: { ...store, write: away, page: away, writeIf: away },
        warn: () => warnings++,
      });
      refuse(3, () => 'wrong', 'a');
      await lockout.refresh();
      await lockout.refresh();
      expect(lockout.isLocked('credential', 'wrong')).toBe(true);
      expect(warnings).toBe(1);
    });
  });
}
