import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import type { Store } from '../../store/store.ts';
import { createLockout } from './lockout.ts';
import { createLoginHistory, type LoginEvent } from './login-history.ts';
import { createLoginWatch, type LoginWatch } from './login-watch.ts';

/** The watch over logins at all upstreams. */
export interface Logins extends LoginWatch {
  readonly close: () => Promise<void>;
}

export interface LoginsOptions {
  /** Where locks are kept: instances that share it share them. */
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Its key must stay the same for ever. */
  readonly keyedHash: (text: string) => string;
  /** Called with logins; repetitions are told as one. */
  readonly tell: (event: LoginEvent) => void;
  /** Counts each. */
  readonly meter: (event: LoginEvent) => void;
  /** Called when locks cannot be shared, once until they can again. */
  readonly warn: (cause: unknown) => void;
}

/** Opens the watch with the locks that are in force. */
export async function openLogins(options: LoginsOptions): Promise<Logins> {
  const { store, clock, limits, keyedHash } = options;
  const history = createLoginHistory(limits, options.tell);
  const note = (event: LoginEvent): void => {
    options.meter(event);
    history.note(event);
  };
  const lockout = createLockout({
    store,
    clock,
    limits,
    tell: (change) => note({ login: { ...change, count: 1 } }),
    warn: options.warn,
  });
  await lockout.refresh();
  let refreshing = Promise.resolve();
  const timer = setInterval(() => {
    refreshing = refreshing.then(lockout.refresh);
  }, limits.lockoutRefreshMs);
  return {
    ...createLoginWatch({ lockout, clock, limits, keyedHash, note }),
    close: async () => {
      clearInterval(timer);
      history.close();
      await refreshing;
    },
  };
}
