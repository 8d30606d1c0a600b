import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JwtConfig } from '../../../src/identity/config.ts';
import type { IdentifierDeps } from '../../../src/identity/identifier.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import {
  identifierOf,
  identifyBearer,
  type JwksServer,
  NOW_MS,
  type SigningKey,
  sign,
  signingKey,
  startJwksServer,
} from '../harness.ts';

let key: SigningKey;
let rsa: SigningKey;
let stranger: SigningKey;
let server: JwksServer;
beforeAll(async () => {
  [key, rsa, stranger] = await Promise.all([signingKey('k1'), signingKey('k2', 'RS256'), signingKey('k1')]);
});
beforeEach(async () => {
  server = await startJwksServer([key.jwk, rsa.jwk]);
});
afterEach(() => server.close());

const identify = (token: string, config?: Partial<JwtConfig>, deps?: Partial<IdentifierDeps>) =>
  identifyBearer(server.url, token, config, deps);

describe('signing keys from a URL', () => {
  const jwks = DEFAULT_LIMITS;

  it('are fetched again for a key id that is not among them, and the new key works', async () => {
    let nowMs = NOW_MS;
    const identifier = identifierOf(server.url, {}, { clock: () => nowMs });
    expect(await identifier.identify({ authorization: `Bearer ${await sign(key)}` })).toBeDefined();
    const rotated = await signingKey('k3');
    server.keys = [rotated.jwk];
    nowMs += jwks.jwksRetryMs;
    expect(await identifier.identify({ authorization: `Bearer ${await sign(rotated)}` })).toBeDefined();
    expect(server.requests).toBe(2);
  });

  it('are not fetched again and again for made-up key ids', async () => {
    const identifier = identifierOf(server.url);
    for (let index = 0; index < 20; index++) {
      const token = await sign({ ...stranger, kid: `made-up-${index}` });
      expect(await identifier.identify({ authorization: `Bearer ${token}` })).toBeUndefined();
    }
    expect(server.requests).toBe(1);
  });

  it('stop being trusted once they are withdrawn, for tokens seen before as well', async () => {
    let nowMs = NOW_MS;
    const identifier = identifierOf(server.url, {}, { clock: () => nowMs });
    const headers = { authorization: `Bearer ${await sign(key, { exp: NOW_MS / 1_000 + 86_400 })}` };
    expect(await identifier.identify(headers)).toBeDefined();
    server.keys = [rsa.jwk];
    nowMs += jwks.jwksCacheMs;
    expect(await identifier.identify(headers)).toBeUndefined();
  });

  it('stay in force for a while when their host is away, and no longer', async () => {
    let nowMs = NOW_MS;
    const problems: string[] = [];
    const identifier = identifierOf(
      server.url,
      {},
      { clock: () => nowMs, warn: (problem) => problems.push(problem) },
    );
    const headers = async () => ({
      authorization: `Bearer ${await sign(key, { exp: NOW_MS / 1_000 + 86_400, jti: `${nowMs}` })}`,
    });
    expect(await identifier.identify(await headers())).toBeDefined();
    server.status = 503;
    nowMs += jwks.jwksCacheMs + jwks.jwksStaleMs - 1;
    expect(await identifier.identify(await headers())).toBeDefined();
    nowMs += 1;
    expect(await identifier.identify(await headers())).toBeUndefined();
    server.status = 200;
    nowMs += jwks.jwksRetryMs;
    expect(await identifier.identify(await headers())).toBeDefined();
    expect(problems).toEqual([`The signing keys ${new URL(server.url).host} cannot be fetched.`]);
  });

  it('that were never had are tried again soon', async () => {
    let nowMs = NOW_MS;
    const identifier = identifierOf(server.url, {}, { clock: () => nowMs });
    const headers = { authorization: `Bearer ${await sign(key)}` };
    server.status = 500;
    expect(await identifier.identify(headers)).toBeUndefined();
    server.status = 200;
    nowMs += 1_000;
    expect(await identifier.identify(headers)).toBeDefined();
  });

  it('are given up after the time limit', async () => {
    const identifier = identifierOf(
      server.url,
      {},
      {
        limits: { ...DEFAULT_LIMITS, lookupTimeoutMs: 20 },
        lookUp: () => new Promise(() => undefined),
      },
    );
    expect(await identifier.identify({ authorization: `Bearer ${await sign(key)}` })).toBeUndefined();
  });

  it.each([
    ['too large', `{"keys":[],"pad":"${'a'.repeat(2_000_000)}"}`],
    ['not JSON', 'keys'],
    ['not a key set', '{"keys":7}'],
  ])('are not trusted when they are %s', async (_, body) => {
    expect(
      await identify(await sign(key), {}, { lookUp: async () => ({ status: 200, body }) }),
    ).toBeUndefined();
  });
});
