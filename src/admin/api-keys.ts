import { hash, timingSafeEqual } from 'node:crypto';
import type { Limits } from '../limits.ts';
import type { AdminKey } from './config.ts';

/** Finds the key of an Authorization header (RFC 6750 section 2.1); undefined where it is nobody's. */
export type FindKey = (authorization: string | undefined) => AdminKey | undefined;

/** Every configured hash is compared, each in constant time, so that the time taken says nothing of how near a guess was. */
export function createFindKey(
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
