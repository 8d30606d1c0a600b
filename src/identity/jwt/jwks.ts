import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Finds the key that a token names; rejects when there is none. */
export type KeySource = JWTVerifyGetKey;

/** There are no signing keys to verify with. */
export class KeysAway extends Error {
  constructor() {
    super('The signing keys cannot be had.');
    this.name = 'KeysAway';
  }
}

const PUBLIC_KEY_TYPES: readonly unknown[] = ['RSA', 'EC', 'OKP'];

function isJwks(value: unknown): value is JSONWebKeySet {
  return typeof value === 'object' && value !== null && Array.isArray((value as { keys?: unknown }).keys);
}

/**
 * Reads a JWK Set (RFC 7517 §5). Shared secrets in it are left out: whoever can read the set could sign with them.
 * @throws Error when it is not one
 */
export function parseJwks(text: string): KeySource {
  const jwks: unknown = JSON.parse(text);
  if (!isJwks(jwks)) throw new Error('This is not a JWK Set.');
  return createLocalJWKSet({ keys: jwks.keys.filter(({ kty }) => PUBLIC_KEY_TYPES.includes(kty)) });
}
