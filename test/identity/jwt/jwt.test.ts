import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JwtConfig } from '../../../src/identity/config.ts';
import type { IdentifierDeps } from '../../../src/identity/identifier.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import {
  AUDIENCE,
  ISSUER,
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

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of the issuer', () => {
  it('names the principal with all that is mapped', async () => {
    const token = await sign(key, {
      groups: ['support', 'sales'],
      purposes: 'support',
      region: 'eu',
      level: 'l2',
      crm: { user: '005A' },
    });
    expect(await identify(token)).toEqual({
      id: 'ana',
      roles: ['support', 'sales'],
      purposes: ['support'],
      purpose: 'support',
      region: 'eu',
      level: 'l2',
      crmUserId: '005A',
      amr: [],
      via: 'jwt',
    });
  });

  it.each([
    ['a list of methods', { amr: ['pwd', 'mfa'] }, { amr: ['pwd', 'mfa'] }],
    ['methods in a text', { amr: 'pwd mfa' }, { amr: ['pwd', 'mfa'] }],
    ['an assurance level', { acr: 'urn:acme:loa:2' }, { amr: [], acr: 'urn:acme:loa:2' }],
    ['methods that cannot be read', { amr: { mfa: true } }, { amr: [] }],
    ['a level that cannot be read', { acr: 2 }, { amr: [] }],
  ])('says how its holder has logged in: %s', async (_, claims, expected) => {
    const { amr, acr } = (await identify(await sign(key, claims))) ?? {};
    expect({ amr, ...(acr === undefined ? {} : { acr }) }).toEqual(expected);
  });

  const BY_APP = {
    claims: { purposes: 'purposes', team: 'team' },
    purposes: { mailer: ['marketing.email'], crm: ['support', 'sales'] },
  };
  const held = async (claims: Readonly<Record<string, unknown>>) => identify(await sign(key, claims), BY_APP);

  it.each([
    ['its own and not its app’s', { purposes: 'support', azp: 'mailer' }, 'support'],
    ['its app’s where it has none', { azp: 'mailer' }, 'marketing.email'],
    ['its app’s where it has several', { purposes: 'support sales', azp: 'mailer' }, 'marketing.email'],
    ['its app’s by RFC 9068', { client_id: 'mailer' }, 'marketing.email'],
    ['none where its app has several', { azp: 'crm' }, undefined],
    ['none where its app is unknown', { azp: 'other' }, undefined],
    ['none of a prototype', { azp: 'constructor' }, undefined],
  ])('is for the purpose that is %s', async (_, claims, purpose) => {
    expect((await held(claims))?.purpose).toBe(purpose);
  });

  it.each([
    ['its own', { region: 'EU' }, { region: 'EU' }],
    [
      'its own and its app’s, where that is another',
      { region: 'EU', azp: 'mailer' },
      { region: 'EU', appRegion: 'US' },
    ],
    ['one, where both are the same', { region: 'US', azp: 'mailer' }, { region: 'US' }],
    ['its app’s, where it says none', { azp: 'mailer' }, { region: 'US' }],
    ['its app’s by RFC 9068', { client_id: 'mailer' }, { region: 'US' }],
    ['its own, where its app is unknown', { region: 'EU', azp: 'other' }, { region: 'EU' }],
    ['none of a prototype', { azp: 'constructor' }, {}],
  ])('is for %s: %j', async (_, claims, expected) => {
    const config = { claims: { region: 'region' }, regions: { mailer: 'US' } };
    const { region, appRegion } = (await identify(await sign(key, claims), config)) ?? {};
    expect(JSON.parse(JSON.stringify({ region, appRegion }))).toEqual(expected);
  });

  it('names the team, and is nobody’s when the team cannot be read', async () => {
    expect(await held({ team: ['005A', '005B'] })).toMatchObject({ team: ['005A', '005B'] });
    expect(await held({})).toMatchObject({ team: [] });
    expect(await identify(await sign(key, { team: ['005A'] }))).not.toHaveProperty('team');
    expect(await held({ team: { of: 'ana' } })).toBeUndefined();
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('may be signed with %s', async (alg) => {
    const other = await signingKey('other', alg);
    server.keys = [other.jwk];
    expect(await identify(await sign(other))).toMatchObject({ id: 'ana' });
  });

  it.each([
    ['JWT', true],
    ['at+jwt', true],
    ['application/at+jwt', true],
    ['logout+jwt', false],
    ['dpop+jwt', false],
  ])('of type %s counts: %s', async (typ, counts) => {
    expect((await identify(await sign(key, {}, { typ }))) !== undefined).toBe(counts);
  });

  it.each([
    ['a list', ['a', 'b c'], ['a', 'b c']],
    ['a text', 'a, b  c', ['a', 'b', 'c']],
    ['the same twice', ['a', 'a'], ['a']],
    ['nothing', undefined, []],
    ['an empty text', '', []],
  ])('may hold roles as %s', async (_, groups, roles) => {
    expect(await identify(await sign(key, { groups }))).toMatchObject({ roles });
  });

  it.each([
    ['a number', 7],
    ['an object', { a: 1 }],
    ['a list of other things', ['a', 7]],
    ['an empty role', ['']],
    ['null', null],
    ['more than the limit', Array.from({ length: 1_001 }, (_, index) => `r${index}`)],
  ])("is nobody's when its roles are %s: one of them might hide something", async (_, groups) => {
    expect(await identify(await sign(key, { groups }))).toBeUndefined();
  });

  it("is nobody's when its groups are named but left out (overage)", async () => {
    expect(await identify(await sign(key, { _claim_names: { groups: 'src1' } }))).toBeUndefined();
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['a number', 7],
    ['with a line break', 'ana\nbo'],
  ])("is nobody's when its id is %s", async (_, sub) => {
    expect(await identify(await sign(key, { sub }))).toBeUndefined();
  });

  it('finds a claim by its whole name before a path, and never in a prototype', async () => {
    const token = await sign(key, { 'https://acme.example/roles': ['a'], constructor: undefined });
    expect(await identify(token, { claims: { roles: 'https://acme.example/roles' } })).toMatchObject({
      roles: ['a'],
    });
    expect(await identify(token, { claims: { roles: 'constructor.name' } })).toMatchObject({ roles: [] });
  });

  it.each([
    ['one of several', ['other', AUDIENCE], true],
    ['another', ['other'], false],
  ])('for %s audience counts: %s', async (_, aud, counts) => {
    expect((await identify(await sign(key, { aud }))) !== undefined).toBe(counts);
  });
});

const forge = (header: object, payload: object, signature = '') =>
  `${base64url(header)}.${base64url(payload)}.${signature}`;

async function publicPem() {
  return exportSPKI(
    (await importJWK({ ...rsa.jwk }, 'RS256', { extractable: true })) as Parameters<typeof exportSPKI>[0],
  );
}

describe('the scheme that a token comes with', () => {
  // Salesforce takes OAuth for Bearer; Restforce, its client for Ruby, sends that.
  it.each(['Bearer', 'bearer', 'OAuth', 'OAUTH'])(
    '%s names the principal, and stays here',
    async (scheme) => {
      const identifier = identifierOf(server.url);
      const authorization = `${scheme} ${await sign(key)}`;
      expect(await identifier.identify({ authorization })).toMatchObject({ id: 'ana' });
      expect(identifier.isMeantForPrivet('authorization', authorization)).toBe(true);
    },
  );

  it('Basic names nobody', async () => {
    expect(
      await identifierOf(server.url).identify({ authorization: `Basic ${await sign(key)}` }),
    ).toBeUndefined();
  });
});

describe('an attack by token', () => {
  const payload = { iss: ISSUER, aud: AUDIENCE, sub: 'ana', exp: NOW_MS / 1_000 + 600 };
  async function hs256(header: object, secret: string) {
    const signed = `${base64url(header)}.${base64url(payload)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  }

  const attacks: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['without a signature (alg none)', () => forge({ alg: 'none' }, payload)],
    ['with alg none and a key id', () => forge({ alg: 'none', kid: 'k1' }, payload)],
    ['with alg nOnE', () => forge({ alg: 'nOnE', kid: 'k1' }, payload)],
    [
      'signed with HS256 by the public key as PEM',
      async () => hs256({ alg: 'HS256', kid: 'k2' }, await publicPem()),
    ],
    [
      'signed with HS256 by the public key as JWK',
      () => hs256({ alg: 'HS256', kid: 'k2' }, JSON.stringify(rsa.jwk)),
    ],
    ['signed by a stranger under a known key id', () => sign(stranger)],
    ['that brings its own key (jwk)', () => sign(stranger, {}, { jwk: stranger.jwk })],
    ['that points to its own keys (jku)', () => sign(stranger, {}, { jku: 'http://127.0.0.1:9/jwks.json' })],
    [
      'that points to its own certificate (x5u)',
      () => sign(stranger, {}, { x5u: 'http://127.0.0.1:9/cert.pem' }),
    ],
    ['of another issuer', () => sign(key, { iss: 'https://login.evil.example' })],
    ['without an issuer', () => sign(key, { iss: undefined })],
    ['for another audience', () => sign(key, { aud: 'other' })],
    ['without an audience', () => sign(key, { aud: undefined })],
    ['that has expired', () => sign(key, { exp: NOW_MS / 1_000 - 31 })],
    ['that never expires', () => sign(key, { exp: undefined })],
    [
      'whose expiry is a text',
      () => forge({ alg: 'ES256', kid: 'k1' }, { ...payload, exp: '9999999999' }, 'AA'),
    ],
    ['that is not yet valid', () => sign(key, { nbf: NOW_MS / 1_000 + 31 })],
    ['with an unknown key id', () => sign({ ...key, kid: 'k9' })],
    [
      'with an extension that must be understood (crit)',
      () => sign(key, {}, { crit: ['https://acme.example/must'], 'https://acme.example/must': 1 }),
    ],
    [
      'with a changed payload',
      async () => {
        const [head, , signature] = (await sign(key)).split('.');
        return `${head}.${base64url({ ...payload, sub: 'bo' })}.${signature}`;
      },
    ],
    ['with its signature cut off', async () => (await sign(key)).replace(/[^.]+$/, '')],
    ['over the size limit', () => sign(key, { pad: 'a'.repeat(20_000) })],
    ['that is no JSON', () => 'a.b.c'],
  ];

  it.each(attacks)('%s is nobody', async (_, token) => {
    expect(await identify(await token())).toBeUndefined();
  });

  it('of an algorithm that is not configured is nobody', async () => {
    expect(await identify(await sign(rsa), { algorithms: ['ES256'] })).toBeUndefined();
  });

  it('by a shared secret in the key set is nobody', async () => {
    const secret = 'a-shared-secret-of-32-bytes-or-so';
    server.keys = [{ kty: 'oct', kid: 'k1', alg: 'HS256', k: Buffer.from(secret).toString('base64url') }];
    expect(await identify(await hs256({ alg: 'HS256', kid: 'k1' }, secret))).toBeUndefined();
  });

  it('by a second credential beside a good one is nobody', async () => {
    const token = await sign(key);
    const identifier = identifierOf(server.url, { header: 'x-token' });
    expect(await identifier.identify({ 'x-token': token })).toMatchObject({ id: 'ana' });
    expect(await identifier.identify({ 'x-token': `${token}, ${token}` })).toBeUndefined();
    expect(await identifier.identify({ 'x-token': [token, token] })).toBeUndefined();
    expect(
      await identifierOf(server.url).identify({ authorization: `Bearer ${token}, Bearer ${token}` }),
    ).toBeUndefined();
  });
});

describe('a verified token', () => {
  it('is remembered, and answered at once, until it expires', async () => {
    let nowMs = NOW_MS;
    const identifier = identifierOf(
      server.url,
      {},
      { clock: () => nowMs, limits: { ...DEFAULT_LIMITS, clockToleranceMs: 0 } },
    );
    const headers = { authorization: `Bearer ${await sign(key, { exp: NOW_MS / 1_000 + 60 })}` };
    const first = await identifier.identify(headers);
    expect(identifier.identify(headers)).toBe(first);
    nowMs += 59_999;
    expect(identifier.identify(headers)).toBe(first);
    nowMs += 1;
    expect(await identifier.identify(headers)).toBeUndefined();
  });

  it('is verified once for all who ask at one time', async () => {
    const identifier = identifierOf(server.url);
    const headers = { authorization: `Bearer ${await sign(key)}` };
    const principals = await Promise.all([identifier.identify(headers), identifier.identify(headers)]);
    expect(principals[0]).toBe(principals[1]);
    expect(server.requests).toBe(1);
  });

  it('is held to the clock tolerance on both ends', async () => {
    expect(await identify(await sign(key, { exp: NOW_MS / 1_000 - 29 }))).toBeDefined();
    expect(await identify(await sign(key, { nbf: NOW_MS / 1_000 + 29 }))).toBeDefined();
  });
});
