import { errors, type JWTVerifyResult, jwtVerify } from 'jose';
import { createExpiringMap } from '../../cache/expiring-map.ts';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import type { Principal } from '../../model/principal.ts';
import { type FoundToken, identifyByToken } from '../by-token.ts';
import { IDENTITY_DEFAULTS, type JwtConfig } from '../config.ts';
import type { Provider, Verdict } from '../provider.ts';
import { createSingleFlight } from '../single-flight.ts';
import { principalOf } from './claims.ts';
import { type KeySource, KeysAway } from './jwks.ts';

export interface JwtDeps {
  readonly clock: Clock;
  readonly keys: KeySource;
  /** Tokens are remembered under their keyed hash, never as they are. */
  readonly keyedHash: (text: string) => string;
  readonly limits: Pick<
    Limits,
    'clockToleranceMs' | 'credentialBytesMax' | 'jwksCacheMs' | 'principalCacheMax' | 'principalClaimsMax'
  >;
}

/** RFC 6750, and what Salesforce calls the same. */
const BEARER = /^(?:bearer|oauth) +(.+)$/i;
/** RFC 7515 §3.1: three parts of base64url; an unsigned token (RFC 7519 §6.1) looks the same with an empty third. */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/**
 * RFC 8725 §3.11: other types (logout+jwt, dpop+jwt, secevent+jwt) are signed by the same keys for other purposes. RFC
 * 9068 gives access tokens `at+jwt`; many issuers write `JWT` or nothing.
 */
const TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/** `absent` for a value that is no JWT where the header may hold other credentials as well. */
function tokenIn(header: string, value: string): FoundToken {
  const isShared = header === IDENTITY_DEFAULTS.jwtHeader;
  const bearer = BEARER.exec(value)?.[1];
  const token = bearer ?? value;
  if (isShared && bearer === undefined) return 'absent';
  // Two headers of one name arrive joined by a comma, and nothing says which of them counts.
  if (token.includes(',')) return 'nobody';
  if (COMPACT_JWS.test(token)) return { token };
  return isShared ? 'absent' : 'nobody';
}

/**
 * Why a token is refused. No more than this is told, so that no part of it reaches a log. The signature is verified
 * before the times.
 */
function verdictOn(error: unknown): Verdict {
  if (error instanceof KeysAway) return 'unanswered';
  const isOfAnotherTime =
    error instanceof errors.JWTExpired ||
    (error instanceof errors.JWTClaimValidationFailed &&
      error.claim === 'nbf' &&
      error.reason === 'check_failed');
  return isOfAnotherTime ? 'expired' : 'nobody';
}

function expiryOf({ payload }: JWTVerifyResult): number {
  return (payload.exp ?? 0) * 1_000;
}

/**
 * Recognises callers by a signed token. It must be signed by a key of the issuer's with an allowed algorithm, be meant
 * for this audience, and expire; keys that the token itself brings or points to (jwk, jku, x5u) are not looked at. A
 * verified token is remembered until it expires, but no longer than signing keys are, so that withdrawing a key takes
 * effect.
 */
export function createJwtProvider(config: JwtConfig, deps: JwtDeps): Provider {
  const { clock, keys, keyedHash, limits } = deps;
  const header = config.header ?? IDENTITY_DEFAULTS.jwtHeader;
  const known = createExpiringMap<Principal>(clock, limits.principalCacheMax);
  const once = createSingleFlight<Verdict>();

  async function verify(token: string, key: string): Promise<Verdict> {
    try {
      const verified = await jwtVerify(token, keys, {
        issuer: config.issuer,
        audience: typeof config.audience === 'string' ? config.audience : [...config.audience],
        algorithms: [...(config.algorithms ?? IDENTITY_DEFAULTS.jwtAlgorithms)],
        clockTolerance: limits.clockToleranceMs / 1_000,
        currentDate: new Date(clock()),
        requiredClaims: ['exp'],
      });
      if (!TYPES.includes(verified.protectedHeader.typ?.toLowerCase())) return 'nobody';
      const principal = principalOf(verified.payload, config, limits);
      if (principal === undefined) return 'nobody';
      known.set(key, principal, Math.min(expiryOf(verified), clock() + limits.jwksCacheMs));
      return principal;
    } catch (error) {
      return verdictOn(error);
    }
  }

  return {
    via: 'jwt',
    header,
    identify: identifyByToken({
      header,
      tokenIn,
      known,
      keyedHash,
      limits,
      judge: (token, key) => once(key, () => verify(token, key)),
    }),
    owns: (name, value) => {
      if (name !== header) return false;
      return (
        header !== IDENTITY_DEFAULTS.jwtHeader ||
        typeof value !== 'string' ||
        tokenIn(header, value) !== 'absent'
      );
    },
  };
}
