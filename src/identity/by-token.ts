import type { ExpiringMap } from '../cache/expiring-map.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import type { Provider, Verdict } from './provider.ts';

/**
 * The token in a header's value. `absent`: there is none, or it is another provider's credential. `nobody`: it cannot
 * be valid.
 */
export type FoundToken = { readonly token: string } | 'absent' | 'nobody';

export interface ByToken {
  readonly header: string;
  readonly tokenIn: (header: string, value: string) => FoundToken;
  /** Principals recognised before, by the keyed hash of the header's value. */
  readonly known: Pick<ExpiringMap<Principal>, 'get'>;
  readonly keyedHash: (text: string) => string;
  readonly limits: Pick<Limits, 'credentialBytesMax'>;
  /** @param key the keyed hash, to remember the principal under */
  readonly judge: (token: string, key: string) => Verdict | Promise<Verdict>;
}

/** Recognises a caller by a token in a header: at once where it is known, otherwise as `judge` says. */
export function identifyByToken(options: ByToken): Provider['identify'] {
  const { header, tokenIn, known, keyedHash, limits, judge } = options;
  return (headers) => {
    const value = headers[header];
    if (value === undefined) return 'absent';
    if (typeof value !== 'string' || value.length > limits.credentialBytesMax) return 'nobody';
    const key = keyedHash(value);
    const principal = known.get(key);
    if (principal !== undefined) return principal;
    const found = tokenIn(header, value);
    return typeof found === 'string' ? found : judge(found.token, key);
  };
}
