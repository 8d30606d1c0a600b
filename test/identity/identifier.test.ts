import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDENTITY_SCHEMA, type IdentityConfig } from '../../src/identity/config.ts';
import { createIdentifier, type IdentifierDeps } from '../../src/identity/identifier.ts';
import type { LookUpAnswer } from '../../src/identity/look-up.ts';
import type { WhoAmI } from '../../src/model/who-am-i.ts';
import { AUDIENCE, dependencies, ISSUER, NOW_MS, type SigningKey, sign, signingKey } from './harness.ts';

const SUPPORT_KEY = randomBytes(32).toString('base64url');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'privet-identity-'));
const jwks = join(folder, 'jwks.json');
let key: SigningKey;
beforeAll(async () => {
  key = await signingKey('k1');
  writeFileSync(jwks, JSON.stringify({ keys: [key.jwk] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const jwt = { jwt: { issuer: ISSUER, audience: AUDIENCE, jwks } };
const apiKey = {
  apiKey: {
    keys: [
      { id: 'other', sha256: sha256('other') },
      {
        id: 'support-desk',
        sha256: sha256(SUPPORT_KEY),
        roles: ['support'],
        purposes: ['support'],
        region: 'eu',
        level: 'l1',
        crmUserId: '7',
      },
    ],
  },
};
const crm = { crm: { cacheMs: 60_000, roles: { 'Standard User': ['sales'], Admin: ['admin', 'sales'] } } };

const whoAmI: WhoAmI = {
  header: 'Authorization',
  request: (token) => ({
    path: `/who/${encodeURIComponent(token)}`,
    headers: { authorization: `Bearer ${token}` },
  }),
  parse: (body) => {
    const { id, groups } = body as { id?: string; groups?: string[] };
    return id === undefined ? undefined : { id, crmUserId: `005${id}`, groups: groups ?? [] };
  },
};

/** A CRM that knows the tokens `ana` and `bo`. */
function crmDeps(answer?: (url: string) => Promise<LookUpAnswer>, given: Partial<IdentifierDeps> = {}) {
  const asked: string[] = [];
  const deps = dependencies({
    ...given,
    crm: {
      whoAmI,
      lookUp: (url) => {
        asked.push(url);
        if (answer !== undefined) return answer(url);
        const name = url.slice('/who/'.length);
        const isKnown = ['ana', 'bo'].includes(name);
        return Promise.resolve(
          isKnown
            ? {
                status: 200,
                body: JSON.stringify({ id: name, groups: ['Standard User', 'Unheard of', 'Admin'] }),
              }
            : { status: 401, body: '[]' },
        );
      },
    },
  });
  return { deps, asked };
}

describe('an API key', () => {
  const identifier = createIdentifier([apiKey], dependencies());

  it('names its principal, at once', () => {
    expect(identifier.identify({ 'x-privet-key': SUPPORT_KEY })).toEqual({
      id: 'support-desk',
      roles: ['support'],
      purposes: ['support'],
      purpose: 'support',
      region: 'eu',
      level: 'l1',
      crmUserId: '7',
      via: 'apiKey',
    });
  });

  it.each([
    ['wrong', 'guess'],
    ['empty', ''],
    ['its own hash', sha256(SUPPORT_KEY)],
    ['sent twice', `${SUPPORT_KEY}, ${SUPPORT_KEY}`],
    ['sent twice, as a list', [SUPPORT_KEY, SUPPORT_KEY]],
    ['too long', 'a'.repeat(20_000)],
  ])('is nobody when it is %s', (_, value) => {
    expect(identifier.identify({ 'x-privet-key': value })).toBeUndefined();
  });

  it.each([
    ['a date: the whole day', '2026-01-15', '2026-01-15T23:59:59.999Z', true],
    ['a date: over in UTC, wherever one is', '2026-01-15', '2026-01-16T00:00:00Z', false],
    ['a moment', '2026-01-15T12:00:00+02:00', '2026-01-15T09:59:59Z', true],
    ['a moment that has come', '2026-01-15T12:00:00+02:00', '2026-01-15T10:00:00Z', false],
  ])('ends by itself at %s', (_, until, now, isKnown) => {
    const entry = { id: 'a', sha256: sha256('a'), until, team: ['1'] };
    const clock = () => Date.parse(now);
    const own = createIdentifier([{ apiKey: { keys: [entry] } }], dependencies({ clock }));
    const known = { id: 'a', roles: [], purposes: [], team: ['1'], via: 'apiKey' };
    expect(own.identify({ 'x-privet-key': 'a' })).toEqual(isKnown ? known : undefined);
  });

  it('is refused as an old one, not as a guess, when its time is over', () => {
    const refused: string[] = [];
    const watch = {
      isAddressLocked: () => false,
      isCredentialLocked: () => false,
      accepted: () => undefined,
      refused: (because: string) => void refused.push(because),
      refusedByCrm: () => undefined,
    };
    const entry = { id: 'a', sha256: sha256('a'), until: '2026-01-15' };
    const clock = () => Date.parse('2026-01-16T00:00:00Z');
    const own = createIdentifier([{ apiKey: { keys: [entry] } }], dependencies({ clock, watch }));
    const verdicts = ['a', 'b'].map((key) => own.identify({ 'x-privet-key': key }));
    expect(verdicts).toEqual([undefined, undefined]);
    expect(refused).toEqual(['expired', 'unknown']);
  });

  it('must not be configured twice', () => {
    const entry = { id: 'a', sha256: sha256('a') };
    const config = [{ apiKey: { keys: [entry, { id: 'b', sha256: entry.sha256.toUpperCase() }] } }];
    expect(() => createIdentifier(config, dependencies())).toThrow('same sha256');
  });
});

describe("the CRM's own token", () => {
  it('names who the CRM says, with roles by its groups', async () => {
    const { deps } = crmDeps();
    expect(await createIdentifier([crm], deps).identify({ authorization: 'Bearer ana' })).toEqual({
      id: 'ana',
      roles: ['sales', 'admin'],
      purposes: [],
      crmUserId: '005ana',
      via: 'crm',
    });
  });

  it('is asked about once while it is remembered, and once for all who ask at one time', async () => {
    let nowMs = NOW_MS;
    const { deps, asked } = crmDeps(undefined, { clock: () => nowMs });
    const identifier = createIdentifier([crm], deps);
    const headers = { authorization: 'Bearer ana' };
    const [first] = await Promise.all([identifier.identify(headers), identifier.identify(headers)]);
    expect(identifier.identify(headers)).toBe(first);
    expect(asked).toHaveLength(1);
    nowMs += 60_000;
    await identifier.identify(headers);
    expect(asked).toHaveLength(2);
  });

  it('that the CRM refuses is not asked about again for a short while', async () => {
    let nowMs = NOW_MS;
    const { deps, asked } = crmDeps(undefined, { clock: () => nowMs });
    const identifier = createIdentifier([crm], deps);
    expect(await identifier.identify({ authorization: 'Bearer guess' })).toBeUndefined();
    expect(identifier.identify({ authorization: 'Bearer guess' })).toBeUndefined();
    expect(asked).toHaveLength(1);
    nowMs += deps.limits.lookupRefusedMs;
    await identifier.identify({ authorization: 'Bearer guess' });
    expect(asked).toHaveLength(2);
  });

  it.each<readonly [string, () => Promise<LookUpAnswer>]>([
    ['fails', () => Promise.resolve({ status: 503, body: '{"id":"ana"}' })],
    ['is full', () => Promise.resolve({ status: 429, body: '{"id":"ana"}' })],
    ['answers no JSON', () => Promise.resolve({ status: 200, body: '<html>' })],
    ['answers null', () => Promise.resolve({ status: 200, body: 'null' })],
    [
      'answers too much',
      () => Promise.resolve({ status: 200, body: `{"id":"ana","pad":"${'a'.repeat(2_000_000)}"}` }),
    ],
    ['cannot be reached', () => Promise.reject(new Error('connect ECONNREFUSED'))],
    ['hangs', () => new Promise(() => undefined)],
  ])('is nobody when the CRM %s, and is asked about again', async (_, answer) => {
    const { deps, asked } = crmDeps(answer);
    const identifier = createIdentifier([crm], { ...deps, limits: { ...deps.limits, lookupTimeoutMs: 20 } });
    expect(await identifier.identify({ authorization: 'Bearer ana' })).toBeUndefined();
    expect(await identifier.identify({ authorization: 'Bearer ana' })).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('that the CRM knows nobody for is nobody', async () => {
    const { deps } = crmDeps(() => Promise.resolve({ status: 200, body: '{}' }));
    expect(await createIdentifier([crm], deps).identify({ authorization: 'Bearer ana' })).toBeUndefined();
  });

  it.each(['Bearer ana, Bearer bo', 'Bearer a b', 'Bearer', 'Basic YTpi', 'Bearer é'])(
    'is not asked about when it is %j',
    async (authorization) => {
      const { deps, asked } = crmDeps();
      expect(await createIdentifier([crm], deps).identify({ authorization })).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );

  it('cannot be used where the CRM has no way to say', () => {
    expect(() => createIdentifier([crm], dependencies())).toThrow('upstream sales cannot say');
  });
});

describe('several providers', () => {
  const all: IdentityConfig = [jwt, apiKey, crm];

  it('are tried in order, and the first that finds a credential decides', async () => {
    const identifier = createIdentifier(all, crmDeps().deps);
    const bearer = `Bearer ${await sign(key)}`;
    expect(await identifier.identify({ authorization: bearer, 'x-privet-key': SUPPORT_KEY })).toMatchObject({
      via: 'jwt',
    });
    expect(
      await identifier.identify({ authorization: 'Bearer ana', 'x-privet-key': SUPPORT_KEY }),
    ).toMatchObject({ via: 'apiKey' });
    expect(await identifier.identify({ authorization: 'Bearer ana' })).toMatchObject({ via: 'crm' });
    expect(await identifier.identify({})).toBeUndefined();
  });

  it('do not fall through when a credential is there and no good', async () => {
    const identifier = createIdentifier(all, crmDeps().deps);
    const forged = `Bearer ${await sign(await signingKey('k1'))}`;
    expect(await identifier.identify({ authorization: forged, 'x-privet-key': SUPPORT_KEY })).toBeUndefined();
    expect(
      await identifier.identify({ authorization: 'Bearer ana', 'x-privet-key': 'guess' }),
    ).toBeUndefined();
  });

  it.each(['Bearer 00Dx!AQ.b', 'OAuth ana', 'Basic YTpi', 'Bearer a.b', 'Bearer a.b.c.d'])(
    'look past %j, which is no JWT',
    async (authorization) => {
      const identifier = createIdentifier([jwt, apiKey], dependencies());
      expect(await identifier.identify({ authorization, 'x-privet-key': SUPPORT_KEY })).toMatchObject({
        via: 'apiKey',
      });
    },
  );

  it('keep what is meant for Privet from travelling upstream, and nothing else', async () => {
    const identifier = createIdentifier(all, crmDeps().deps);
    expect([...identifier.credentialHeaders].sort()).toEqual(['x-privet-key', 'x-privet-purpose']);
    expect(identifier.isMeantForPrivet('authorization', `Bearer ${await sign(key)}`)).toBe(true);
    expect(identifier.isMeantForPrivet('authorization', 'Bearer ana')).toBe(false);
    expect(identifier.isMeantForPrivet('x-privet-key', 'guess')).toBe(true);
    expect(identifier.isMeantForPrivet('accept', '*/*')).toBe(false);
    const alone = createIdentifier([jwt], dependencies());
    expect(alone.credentialHeaders.has('authorization')).toBe(true);
    const apart = createIdentifier([{ jwt: { ...jwt.jwt, header: 'x-token' } }, crm], crmDeps().deps);
    expect([...apart.credentialHeaders].sort()).toEqual(['x-privet-purpose', 'x-token']);
    expect(apart.isMeantForPrivet('authorization', `Bearer ${await sign(key)}`)).toBe(false);
  });
});

describe('the purpose of a request', () => {
  const keys = [
    { id: 'none', sha256: sha256('none') },
    { id: 'one', sha256: sha256('one'), purposes: ['support'] },
    { id: 'two', sha256: sha256('two'), purposes: ['support', 'marketing'] },
  ];
  const identifier = createIdentifier([{ apiKey: { keys } }], dependencies());

  it.each([
    ['none', undefined, undefined],
    ['none', 'support', undefined],
    ['one', undefined, 'support'],
    ['one', 'support', 'support'],
    ['one', 'marketing', undefined], // asked for and not held: not the usual one instead
    ['one', '', undefined],
    ['two', undefined, undefined],
    ['two', 'marketing', 'marketing'],
    ['two', 'support, marketing', undefined],
    ['two', 'toString', undefined],
  ])('of a key that holds %s and asks for %s is %s', (holder, asked, purpose) => {
    const headers = { 'x-privet-key': holder, ...(asked === undefined ? {} : { 'x-privet-purpose': asked }) };
    expect(identifier.identify(headers)).toEqual(expect.objectContaining({ id: holder }));
    expect((identifier.identify(headers) as { purpose?: string }).purpose).toBe(purpose);
  });

  it('makes one object per caller and purpose', () => {
    const headers = { 'x-privet-key': 'two', 'x-privet-purpose': 'support' };
    expect(identifier.identify(headers)).toBe(identifier.identify(headers));
  });
});

const withJwks = (value: string) => [{ jwt: { issuer: 'i', audience: 'a', jwks: value } }];

describe('the identity section', () => {
  const validate = new Ajv2020({ allErrors: true }).compile(IDENTITY_SCHEMA);

  it('may look as documented', () => {
    const documented = [
      {
        jwt: {
          header: 'authorization',
          issuer: ISSUER,
          audience: 'privet',
          jwks: 'https://login.acme.example/jwks.json',
          claims: { id: 'sub', roles: 'groups', purposes: 'purposes', region: 'region' },
        },
      },
      {
        apiKey: {
          header: 'x-privet-key',
          keys: [{ id: 'support-desk', sha256: sha256('a'), roles: ['support'], purposes: ['support'] }],
        },
      },
      { crm: { cacheMs: 300_000, roles: { 'Standard User': ['sales'] } } },
    ];
    expect(validate(documented)).toBe(true);
  });

  it.each([
    ['https://login.acme.example/jwks.json', true],
    ['http://127.0.0.1:8000/jwks.json', true],
    ['./jwks.json', true],
    ['/etc/privet/jwks.json', true],
    ['http://login.acme.example/jwks.json', false],
    ['http://127.0.0.1.evil.example/jwks.json', false],
    ['file:///etc/jwks.json', false],
  ])('may take signing keys from %s: %s', (value, may) => {
    expect(validate(withJwks(value))).toBe(may);
  });

  it.each([
    [
      'a shared-secret algorithm',
      [{ jwt: { issuer: 'i', audience: 'a', jwks: 'j', algorithms: ['HS256'] } }],
    ],
    ['no algorithm', [{ jwt: { issuer: 'i', audience: 'a', jwks: 'j', algorithms: ['none'] } }]],
    ['an unknown key', [{ crm: { cacheMS: 1 } }]],
    ['two providers in one', [{ crm: {}, apiKey: { keys: [{ id: 'a', sha256: sha256('a') }] } }]],
    ['a key in the clear', [{ apiKey: { keys: [{ id: 'a', sha256: 'secret' }] } }]],
    ['an unknown provider', [{ basic: {} }]],
  ])('may not have %s', (_, section) => {
    expect(validate(section)).toBe(false);
  });
});
