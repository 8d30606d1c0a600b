import { createExpiringMap } from '../../cache/expiring-map.ts';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import type { LoginRefusal } from '../../model/audit-event.ts';
import type { IdentifiedVia, Principal } from '../../model/principal.ts';
import { networkOf } from './address.ts';
import type { Lockout } from './lockout.ts';
import type { LoginEvent } from './login-history.ts';

/** A credential as it was presented, and where it came from. */
export interface Attempt {
  readonly via: IdentifiedVia;
  /** Value of its header. */
  readonly credential: string;
  /** As the socket sees it. */
  readonly address: string;
}

/** Watches which credentials are accepted and refused: locks out guessers, and reports logins. */
export interface LoginWatch {
  /** True while no credential from this address is verified. */
  readonly isAddressLocked: (address: string) => boolean;
  /** True while this credential is not verified. */
  readonly isCredentialLocked: (attempt: Attempt) => boolean;
  readonly accepted: (principal: Principal, attempt: Attempt) => void;
  readonly refused: (because: LoginRefusal, attempt: Attempt) => void;
  /**
   * The CRM has refused a secret that was sent to it to log in.
   * @param secret a digest of what was sent
   */
  readonly refusedByCrm: (secret: string, address: string) => void;
}

export interface LoginWatchOptions {
  readonly lockout: Pick<Lockout, 'isLocked' | 'isAnybodyLocked' | 'refused' | 'guessed' | 'accepted'>;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'loginAgainMs' | 'principalCacheMax'>;
  /** The same for ever, so that locks survive a restart and addresses can be looked up in the trail. */
  readonly keyedHash: (text: string) => string;
  readonly note: (event: LoginEvent) => void;
}

export function createLoginWatch(options: LoginWatchOptions): LoginWatch {
  const { lockout, clock, limits, keyedHash, note } = options;
  const credentialName = (credential: string): string => keyedHash(`credential ${credential}`);
  const addressName = (address: string): string => keyedHash(`address ${networkOf(address)}`);
  /** Keyed by object: a remembered credential has one principal object, so nothing has to be hashed for it. */
  const lately = new WeakMap<Principal, { readonly address: string; readonly untilMs: number }>();
  const told = createExpiringMap<true>(clock, limits.principalCacheMax);

  const refuseLocked = (address: string, via?: IdentifiedVia): void => {
    const login = { outcome: 'refused', because: 'locked', address: addressName(address), count: 1 } as const;
    note({ login: via === undefined ? login : { ...login, via } });
  };

  return {
    isAddressLocked: (address) => {
      if (!lockout.isAnybodyLocked() || !lockout.isLocked('address', addressName(address))) return false;
      refuseLocked(address);
      return true;
    },
    isCredentialLocked: ({ credential, address, via }) => {
      if (!lockout.isAnybodyLocked() || !lockout.isLocked('credential', credentialName(credential)))
        return false;
      refuseLocked(address, via);
      return true;
    },
    accepted: (principal, { credential, address, via }) => {
      const before = lately.get(principal);
      if (before !== undefined && before.address === address && before.untilMs > clock()) return;
      const untilMs = clock() + limits.loginAgainMs;
      lately.set(principal, { address, untilMs });
      const name = credentialName(credential);
      lockout.accepted(name);
      const place = addressName(address);
      const key = `${name} ${place}`;
      if (told.get(key) !== undefined) return;
      told.set(key, true, untilMs);
      note({ login: { outcome: 'accepted', via, address: place, count: 1 }, principal });
    },
    refused: (because, { credential, address, via }) => {
      const place = addressName(address);
      note({ login: { outcome: 'refused', because, via, address: place, count: 1 } });
      // An expired token or a CRM that does not answer is no sign of guessing.
      if (because === 'unknown') lockout.refused(credentialName(credential), place);
    },
    refusedByCrm: (secret, address) => {
      const place = addressName(address);
      note({ login: { outcome: 'refused', because: 'unknown', via: 'crm', address: place, count: 1 } });
      lockout.guessed(credentialName(`login ${secret}`), place);
    },
  };
}
