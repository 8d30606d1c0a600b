import { createPlainKeyedHash } from '../vault/keys/keyed-hash.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keys/keyring.ts';

/**
 * The name of a data subject in audit events: a keyed HMAC of their record's id. Its key is derived from the first
 * version of the ring, because the trail is searched by it and outlives every rotation.
 */
export function createAuditPseudonym(
  keyring: Pick<Keyring, 'derive'>,
): (object: string, id: string) => string {
  const pseudonym = createPlainKeyedHash(keyring.derive('audit data subject', FIRST_VERSION));
  return (object, id) => pseudonym(`${object}:${id}`);
}
