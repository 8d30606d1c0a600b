import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { LoginWatch } from '../identity/login/login-watch.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import { ApiError } from './api-error.ts';
import type { AdminKey } from './config.ts';

/** Whose a request is. @throws ApiError UNAUTHENTICATED, LOCKED_OUT */
export type Identify = (request: Pick<FastifyRequest, 'headers' | 'socket'>) => AdminKey;

/** Credentials are watched like those of the proxy: guessers are locked out, and the audit trail has the logins. */
export function createIdentify(
  keys: readonly AdminKey[],
  watch: LoginWatch,
  limits: Pick<Limits, 'credentialBytesMax'>,
): Identify {
  const findKey = createFindKey(keys, limits);
  const principals = new Map(
    keys.map((key): [AdminKey, Principal] => [key, { id: key.id, roles: [], purposes: [], via: 'admin' }]),
  );
  return ({ headers: { authorization }, socket: { remoteAddress: address = '' } }) => {
    if (watch.isAddressLocked(address)) throw new ApiError('LOCKED_OUT');
    if (authorization === undefined) throw new ApiError('UNAUTHENTICATED');
    const attempt = { via: 'admin', credential: authorization, address } as const;
    if (watch.isCredentialLocked(attempt)) throw new ApiError('LOCKED_OUT');
    const key = findKey(authorization);
    const principal = key && principals.get(key);
    if (key === undefined || principal === undefined) {
      watch.refused('unknown', attempt);
      throw new ApiError('UNAUTHENTICATED');
    }
    watch.accepted(principal, attempt);
    return key;
  };
}

/** Finds the key of an Authorization header (RFC 6750 section 2.1); undefined where it is nobody's. */
type FindKey = (authorization: string | undefined) => AdminKey | undefined;

/**
 * Every configured hash is compared, each in constant time, so that the time taken says nothing of how near a guess
 * was.
 */
function createFindKey(
  keys: readonly AdminKey[],
  { credentialBytesMax }: Pick<Limits, 'credentialBytesMax'>,
): FindKey {
  const entries = keys.map((key) => ({ key, digest: Buffer.from(key.sha256, 'hex') }));
  return (authorization = '') => {
    const credential = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (credential === undefined || credential.length > credentialBytesMax) return undefined;
    const digest = hash('sha256', credential, 'buffer');
    let holder: AdminKey | undefined;
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) holder = entry.key;
    return holder;
  };
}
