import type { Limits } from '../limits.ts';
import { createKeyedHash } from '../vault/keyed-hash.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keyring.ts';

/**
 * By what name a data subject stands in audit events: a keyed HMAC of the id of their record. Of the first key, because the trail is searched
 * by it and outlives every rotation of the ring.
 */
export function createAuditPseudonym(
  keyring: Pick<Keyring, 'derive'>,
  { keyedHashCacheMax }: Pick<Limits, 'keyedHashCacheMax'>,
): (object: string, id: string) => string {
  const pseudonym = createKeyedHash(keyring.derive('audit data subject', FIRST_VERSION), {
    cacheMax: keyedHashCacheMax,
  });
  return (object, id) => pseudonym(`${object}:${id}`);
}
