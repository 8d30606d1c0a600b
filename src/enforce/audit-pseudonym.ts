import { createPlainKeyedHash } from '../vault/keyed-hash.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keyring.ts';

/**
 * By what name a data subject stands in audit events: a keyed HMAC of the id of their record. Of the first key, because the trail is searched
 * by it and outlives every rotation of the ring.
 */
export function createAuditPseudonym(
  keyring: Pick<Keyring, 'derive'>,
): (object: string, id: string) => string {
  const pseudonym = createPlainKeyedHash(keyring.derive('audit data subject', FIRST_VERSION));
  return (object, id) => pseudonym(`${object}:${id}`);
}
