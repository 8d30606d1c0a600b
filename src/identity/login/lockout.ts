import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import { type GuardedWrite, keysUnder, type Store } from '../../store/store.ts';
import { createFailures, type FailureLimits } from './failures.ts';

/** What is locked out: one credential from anywhere, or every credential from one network. */
export type LockedWhat = 'credential' | 'address';

export interface LockChange {
  readonly outcome: 'locked' | 'unlocked';
  readonly what: LockedWhat;
  /** Keyed hash. */
  readonly name: string;
}

/**
 * Locks out credentials and networks that were refused too often: for a time nothing of theirs is looked at. Names are
 * keyed hashes.
 */
export interface Lockout {
  readonly isLocked: (what: LockedWhat, name: string) => boolean;
  /** False while there is nobody to look for. */
  readonly isAnybodyLocked: () => boolean;
  /**
   * A credential was refused. The same one again counts against itself alone; different ones from one network are
   * guesses, and count against the network. Nobody can lock out somebody else's valid credential, because it is never
   * refused. Whoever shares a network with a guesser is locked out along with it.
   */
  readonly refused: (credential: string, address: string) => void;
  /** As `refused`, of a credential that is not looked at before it is tried: it counts against the network alone. */
  readonly guessed: (credential: string, address: string) => void;
  readonly accepted: (credential: string) => void;
  /** Takes over the locks of other instances, and ends those that are over. Never rejects. */
  readonly refresh: () => Promise<void>;
}

export interface LockoutOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: FailureLimits & Pick<Limits, 'lockoutMs'>;
  readonly tell: (change: LockChange) => void;
  /** Called when locks can no longer be stored or read; this instance keeps them anyway. */
  readonly warn: (cause: unknown) => void;
}

const PREFIX = 'lockout/';

/**
 * Locks are stored, so that neither a restart nor another instance lets a guesser start again. Failures are counted in
 * memory, so that only a lock costs a write, and not every guess.
 */
export function createLockout({ store, clock, limits, tell, warn }: LockoutOptions): Lockout {
  const { lockoutEntriesMax } = limits;
  const failures = createFailures(clock, limits);
  /** Store key of a lock → when it ends, in milliseconds since the epoch. */
  const locks = new Map<string, number>();
  let isCutOff = false;
  let storing = Promise.resolve();

  function cutOff(cause: unknown): void {
    if (!isCutOff) warn(cause);
    isCutOff = true;
  }

  function isLocked(what: LockedWhat, name: string): boolean {
    return (locks.get(keyOf(what, name)) ?? 0) > clock();
  }

  function hold(key: string, untilMs: number): void {
    locks.delete(key);
    if (locks.size >= lockoutEntriesMax) {
      const oldest = locks.keys().next();
      if (!oldest.done) locks.delete(oldest.value);
    }
    locks.set(key, untilMs);
  }

  function lock(what: LockedWhat, name: string): void {
    const key = keyOf(what, name);
    const untilMs = clock() + limits.lockoutMs;
    hold(key, untilMs);
    tell({ outcome: 'locked', what, name });
    const writes = [{ put: key, value: Buffer.from(String(untilMs)) }];
    storing = storing.then(() => store.write(writes)).catch(cutOff);
  }

  function guessed(credential: string, address: string): void {
    if (failures.guessed(credential, address)) lock('address', address);
  }

  /** Ends locks. Of several instances, only the one that removes a lock tells of it. */
  async function end(over: readonly { readonly key: string; readonly value: Uint8Array }[]): Promise<void> {
    if (over.length === 0) return;
    const guarded = over.map(
      ({ key, value }): GuardedWrite => ({ expect: [{ key, value }], writes: [{ delete: key }] }),
    );
    const conflicts = await store.writeIf(guarded);
    for (const [index, { key }] of over.entries()) {
      if (conflicts[index] === undefined) tell({ outcome: 'unlocked', ...nameOf(key) });
    }
  }

  return {
    isLocked,
    isAnybodyLocked: () => locks.size > 0,
    refused: (credential, address) => {
      // Requests that were on their way when it was locked lock it no second time.
      if (failures.repeated(credential) && !isLocked('credential', credential)) {
        failures.forgive(credential);
        lock('credential', credential);
      }
      guessed(credential, address);
    },
    guessed,
    accepted: failures.forgive,
    refresh: async () => {
      await storing;
      const now = clock();
      for (const [key, untilMs] of locks) if (untilMs <= now) locks.delete(key);
      try {
        const stored = await store.page(keysUnder(PREFIX), lockoutEntriesMax);
        const untilMs = ({ value }: { readonly value: Uint8Array }) => Number(Buffer.from(value).toString());
        for (const one of stored) if (untilMs(one) > now) hold(one.key, untilMs(one));
        await end(stored.filter((one) => !(untilMs(one) > now)));
        isCutOff = false;
      } catch (cause) {
        cutOff(cause);
      }
    },
  };
}

function keyOf(what: LockedWhat, name: string): string {
  return `${PREFIX}${what}.${name}`;
}

function nameOf(key: string): { readonly what: LockedWhat; readonly name: string } {
  const [what, name = ''] = key.slice(PREFIX.length).split('.');
  return { what: what === 'address' ? 'address' : 'credential', name };
}
