import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { JwtConfig } from '../../src/identity/config.ts';
import { createIdentifier, type IdentifierDeps } from '../../src/identity/identifier.ts';
import type { LookUp } from '../../src/identity/look-up.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createKeyedHash } from '../../src/vault/keys/keyed-hash.ts';

export const ISSUER = 'https://login.acme.example';
export const AUDIENCE = 'privet';
/** Tests stand still here unless they move the clock themselves. */
export const NOW_MS = Date.UTC(2026, 0, 15, 12);

/** One signing key with what its public half looks like in a JWK Set. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** A token like the identity provider's, with the given claims and header over the usual ones. */
export function sign(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const nowS = NOW_MS / 1_000;
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ana', iat: nowS, exp: nowS + 600, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { 'https://acme.example/must': true } });
}

/** A real HTTP server on the loopback that serves a JWK Set. */
export interface JwksServer {
  readonly url: string;
  keys: readonly JWK[];
  /** Status that it answers with. */
  status: number;
  requests: number;
  readonly close: () => Promise<void>;
}

export async function startJwksServer(keys: readonly JWK[]): Promise<JwksServer> {
  const server: Server = createServer((_, response) => {
    state.requests++;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: JwksServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    keys,
    status: 200,
    requests: 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}

export const lookUp: LookUp = async (url, headers, signal) => {
  const response = await fetch(url, { headers, signal, redirect: 'error' });
  return { status: response.status, body: await response.text() };
};

export function dependencies(given: Partial<IdentifierDeps> = {}): IdentifierDeps {
  return {
    clock: () => NOW_MS,
    limits: DEFAULT_LIMITS,
    keyedHash: createKeyedHash(randomBytes(32), { cacheMax: 1_000 }),
    lookUp,
    upstreamName: 'sales',
    warn: () => undefined,
    ...given,
  };
}

/** Claims as `sign` and most tests spell them. */
const CLAIMS = {
  id: 'sub',
  roles: 'groups',
  purposes: 'purposes',
  region: 'region',
  level: 'level',
  crmUserId: 'crm.user',
};

/** An identifier of tokens alone. `jwks` is where their keys are: a URL or a file. */
export function identifierOf(
  jwks: string,
  config: Partial<JwtConfig> = {},
  deps: Partial<IdentifierDeps> = {},
) {
  return createIdentifier(
    [{ jwt: { issuer: ISSUER, audience: AUDIENCE, jwks, claims: CLAIMS, ...config } }],
    dependencies(deps),
  );
}

/** Who a bearer token is for that identifier. @throws Error when it is locked out */
export async function identifyBearer(
  jwks: string,
  token: string,
  config?: Partial<JwtConfig>,
  deps?: Partial<IdentifierDeps>,
) {
  const identified = await identifierOf(jwks, config, deps).identify({ authorization: `Bearer ${token}` });
  if (identified === 'locked') throw new Error('No token here comes often enough to be locked.');
  return identified;
}
