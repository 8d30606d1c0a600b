import { createExpiringMap } from '../../cache/expiring-map.ts';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';

/** Counts refused credentials, each in a window of time that begins with the first. Names are keyed hashes. */
export interface Failures {
  /** Counts the same credential again. @returns true when it was refused too often */
  readonly repeated: (credential: string) => boolean;
  /** Counts a credential against its network, once. @returns true when these are too many; they are then forgotten */
  readonly guessed: (credential: string, address: string) => boolean;
  /** Forgets how often the same credential was refused. */
  readonly forgive: (credential: string) => void;
}

export type FailureLimits = Pick<
  Limits,
  'lockoutFailuresMax' | 'lockoutAddressFailuresMax' | 'lockoutWindowMs' | 'lockoutEntriesMax'
>;

export function createFailures(clock: Clock, limits: FailureLimits): Failures {
  const { lockoutEntriesMax, lockoutWindowMs } = limits;
  /** How often the same credential was refused. */
  const repetitions = createExpiringMap<{ times: number }>(clock, lockoutEntriesMax);
  /** Credentials refused to one network. */
  const guesses = createExpiringMap<Set<string>>(clock, lockoutEntriesMax);
  return {
    repeated: (credential) => {
      const before = repetitions.get(credential);
      const now = before ?? { times: 0 };
      now.times++;
      if (before === undefined) repetitions.set(credential, now, clock() + lockoutWindowMs);
      return now.times >= limits.lockoutFailuresMax;
    },
    guessed: (credential, address) => {
      const before = guesses.get(address);
      const now = before ?? new Set();
      if (now.has(credential)) return false;
      now.add(credential);
      if (before === undefined) guesses.set(address, now, clock() + lockoutWindowMs);
      if (now.size < limits.lockoutAddressFailuresMax) return false;
      now.clear();
      return true;
    },
    forgive: (credential) => {
      const refused = repetitions.get(credential);
      if (refused !== undefined) refused.times = 0;
    },
  };
}
