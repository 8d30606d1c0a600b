import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/model/audit-event.ts';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../../src/vault/keys/keyring.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsIn } from '../events.ts';
import { type OpenHouse, openHouseWith, openPremises, type Premises } from '../house.ts';
import { mintToken } from '../principals.ts';
import { send } from '../wire.ts';

const PATH = '/services/data/v59.0/query?q=SELECT+Id+FROM+Contact+LIMIT+1';
const KEY = 'the key of the desk';
const ADMIN_KEY = 'desk-program-key';
const TOKEN = STAFF.find(({ key }) => key === 'olena')!.salesforceToken;
const HOME = '127.0.0.9';

let keys: string;
beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'privet-keys-'));
  const kek = join(keys, 'kek');
  createKekFile(kek);
  await createKeyring({ ring: join(keys, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
});
afterAll(() => rmSync(keys, { recursive: true }));

const byKey = (house: OpenHouse, key: string, from: string) =>
  send(house.proxy, { path: PATH, from, headers: { 'x-privet-key': key }, token: TOKEN });
const guess = async (house: OpenHouse, from: string, times = 8): Promise<void> => {
  for (let index = 0; index < times; index++)
    expect(await byKey(house, `guess ${index}`, from)).toMatchObject({
      status: 403,
      text: expect.stringContaining('posture.unidentified'),
    });
};

describe.each([
  ['the embedded store', 'test/e2e/lockout/config.yaml'],
  ['Redis', 'test/e2e/lockout/redis.yaml'],
])('lockout in %s', (_, config) => {
  let redis: ThrowawayRedis;
  let premises: Premises;

  beforeEach(async () => {
    redis = await startRedis({ persistent: true });
    premises = await openPremises({
      config,
      sandbox: { people: 10 },
      environment: { LOCK_REDIS: redis.url, KEYS: keys },
    });
  });
  afterEach(async () => {
    await premises.close();
    await redis.stop();
  });

  it('of an address that guesses takes no credential from there, right or wrong, and asks nobody', async () => {
    await guess(premises, '127.0.0.2');
    const asked = premises.salesforce.requests.length;
    const right = await byKey(premises, KEY, '127.0.0.2');
    const wrong = await byKey(premises, 'guess 100', '127.0.0.2');
    const unknownToken = await send(premises.proxy, { path: PATH, from: '127.0.0.2', token: 'made up' });
    expect(premises.salesforce.requests.length).toBe(asked);
    expect(right).toMatchObject({ status: 403, text: expect.stringContaining('LOCKED_OUT') });
    const shape = ({ status, headers, text }: typeof right) => [
      status,
      headers['content-type'],
      text.replace(/[0-9a-f-]{36}/, ''),
    ];
    expect(shape(wrong)).toEqual(shape(right));
    expect(shape(unknownToken)).toEqual(shape(right));
    expect((await byKey(premises, KEY, HOME)).status).toBe(200);
  });

  it('of a credential that is refused again and again holds from everywhere, and for nobody else', async () => {
    const token = '00DSandbox!nobody.session';
    for (let times = 0; times < 5; times++) {
      const answer = await send(premises.proxy, { path: PATH, token, from: '127.0.0.3' });
      expect(answer.text).toContain('posture.unidentified');
    }
    const asked = premises.salesforce.requests.length;
    for (const from of ['127.0.0.3', '127.0.0.4'])
      expect((await send(premises.proxy, { path: PATH, token, from })).text).toContain('LOCKED_OUT');
    expect(premises.salesforce.requests.length).toBe(asked);
    expect((await send(premises.proxy, { path: PATH, token: TOKEN, from: '127.0.0.3' })).status).toBe(200);
  });

  it('does not come of old tokens, however many', async () => {
    const expired = await mintToken('ana', { groups: ['support'] }, '-1h');
    const jwt = (token: string) =>
      send(premises.proxy, {
        path: PATH,
        from: '127.0.0.5',
        token: TOKEN,
        headers: { 'x-privet-jwt': token },
      });
    for (let times = 0; times < 12; times++)
      expect((await jwt(expired)).text).toContain('posture.unidentified');
    const valid = await mintToken('ana', { groups: ['support'] });
    expect((await jwt(valid)).status).toBe(200);
  });

  it('does not come of a CRM that does not answer', async () => {
    premises.salesforce.faults.cut = 'mid-body';
    for (let times = 0; times < 12; times++)
      await send(premises.proxy, { path: PATH, token: TOKEN, from: '127.0.0.6' }).catch(() => undefined);
    premises.salesforce.faults.cut = 'none';
    expect((await send(premises.proxy, { path: PATH, token: TOKEN, from: '127.0.0.6' })).status).toBe(200);
  });

  describe('of an address from which passwords and tokens are tried at the CRM', () => {
    const login = (from: string, password: string) =>
      send(premises.proxy, {
        method: 'POST',
        path: '/services/oauth2/token',
        from,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=password&client_id=app&client_secret=x&username=olena%40acme.example&password=${password}`,
      });
    const lookUp = (from: string, token: string) =>
      send(premises.hubspotProxy, { path: `/oauth/v1/access-tokens/${token}`, from });

    it('takes no more of them, and the CRM is not asked', async () => {
      for (let index = 0; index < 4; index++) {
        expect((await login('127.0.0.21', `guess-${index}`)).text).toContain('invalid_grant');
        expect((await lookUp('127.0.0.21', `pat-eu1-guess-${index}`)).status).toBe(404);
      }
      const asked = premises.salesforce.requests.length;
      expect((await login('127.0.0.21', 'guess-8')).text).toContain('LOCKED_OUT');
      expect((await byKey(premises, KEY, '127.0.0.21')).text).toContain('LOCKED_OUT');
      expect(premises.salesforce.requests.length).toBe(asked);
      expect((await login(HOME, 'guess-0')).text).toContain('invalid_grant');
      const told = async () =>
        (await eventsIn(premises.redis.client)).flatMap(({ login: one }) =>
          one === undefined ? [] : [`${one.outcome} ${one.via ?? one.what} ${one.because ?? ''}`],
        );
      await expect
        .poll(told)
        .toEqual(
          expect.arrayContaining(['refused crm unknown', 'locked address ', 'refused undefined locked']),
        );
    });

    it('does not come of one that is tried again and again, nor of logins', async () => {
      for (let times = 0; times < 12; times++)
        expect((await login('127.0.0.22', 'of-last-year')).text).toContain('invalid_grant');
      for (let times = 0; times < 12; times++)
        expect((await lookUp('127.0.0.22', STAFF[0]!.hubspotToken)).status).toBe(200);
      expect((await byKey(premises, KEY, '127.0.0.22')).status).toBe(200);
    });
  });

  it('reaches the vendors’ clients as errors of theirs', async () => {
    for (let index = 0; index < 8; index++) {
      await expect(
        salesforceClient(premises.proxy, `00D!guess${index}`).query('SELECT Id FROM Contact'),
      ).rejects.toMatchObject({ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' });
    }
    await expect(salesforceClient(premises.proxy, TOKEN).query('SELECT Id FROM Contact')).rejects.toThrow(
      /LOCKED_OUT/,
    );
    const { hubspotToken } = STAFF[0]!;
    await expect(
      hubspotClient(premises.hubspotProxy, hubspotToken).crm.contacts.basicApi.getPage(),
    ).rejects.toMatchObject({ code: 403, body: { context: { policy: ['LOCKED_OUT'] } } });
  });

  it('holds for the admin API as well, of keys and of addresses', async () => {
    const call = (key: string | undefined, from: string) =>
      send(premises.admin, { path: '/api/openapi.json', from, ...(key === undefined ? {} : { token: key }) });
    for (let times = 0; times < 5; times++) expect((await call('made up', '127.0.0.11')).status).toBe(401);
    const locked = { status: 403, text: expect.stringContaining('LOCKED_OUT') };
    expect(await call('made up', '127.0.0.12')).toMatchObject(locked);
    expect((await call(ADMIN_KEY, '127.0.0.11')).status).toBe(200);
    for (let index = 0; index < 8; index++)
      expect((await call(`guess ${index}`, '127.0.0.13')).status).toBe(401);
    expect(await call(ADMIN_KEY, '127.0.0.13')).toMatchObject(locked);
    expect(await byKey(premises, KEY, '127.0.0.13')).toMatchObject(locked);
    // Who sends no key has guessed none.
    for (let times = 0; times < 9; times++) expect((await call(undefined, HOME)).status).toBe(401);
    expect((await call(ADMIN_KEY, HOME)).status).toBe(200);
    const told = async () =>
      (await eventsIn(premises.redis.client)).flatMap(({ login, principal }) =>
        login?.via === 'admin' ? [`${login.outcome} ${login.because ?? principal?.id}`] : [],
      );
    await expect.poll(told).toEqual(expect.arrayContaining(['accepted desk-program', 'refused unknown']));
  });

  it('outlives a restart', async () => {
    await guess(premises, '127.0.0.7');
    await premises.closeHouse();
    const again = await openHouseWith(config, premises.environment);
    expect((await byKey(again, KEY, '127.0.0.7')).text).toContain('LOCKED_OUT');
    expect((await byKey(again, KEY, HOME)).status).toBe(200);
    await again.closeHouse();
  });
});

describe('the history of logins', () => {
  let redis: ThrowawayRedis;
  let premises: Premises;

  beforeAll(async () => {
    redis = await startRedis({ persistent: true });
    premises = await openPremises({
      config: 'test/e2e/lockout/redis.yaml',
      sandbox: { people: 10 },
      environment: { LOCK_REDIS: redis.url, KEYS: keys, LOCKOUT_MS: '4000' },
    });
  });
  afterAll(async () => {
    await premises.close();
    await redis.stop();
  });

  const logins = async (): Promise<readonly AuditEvent[]> =>
    (await eventsIn(premises.redis.client)).filter(({ phase }) => phase === 'login');

  it('says who came, who was refused, what was locked and when that ended, and never a credential', async () => {
    for (let times = 0; times < 3; times++) await byKey(premises, KEY, HOME);
    await guess(premises, '127.0.0.8');
    let locked = 0;
    while (locked < 20 && (await byKey(premises, KEY, '127.0.0.8')).text.includes('LOCKED_OUT')) locked++;
    await expect.poll(async () => (await logins()).map(({ login }) => login?.outcome)).toContain('unlocked');
    const events = await logins();
    const [accepted, ...rest] = events;
    expect(accepted).toMatchObject({
      phase: 'login',
      principal: { id: 'support-desk', roles: ['support'], via: 'apiKey' },
      login: { outcome: 'accepted', via: 'apiKey', count: 1 },
      reason: 'a credential was accepted',
    });
    const sum = (because: string) =>
      rest
        .filter(({ login }) => login?.because === because)
        .reduce((all, { login }) => all + login!.count, 0);
    await expect.poll(() => logins().then((all) => all.length)).toBeGreaterThan(4);
    expect(sum('unknown')).toBe(8);
    expect(locked).toBeGreaterThan(0);
    expect(sum('locked')).toBe(locked);
    const addresses = new Set(rest.map(({ login }) => login?.address ?? login?.name));
    expect(addresses.size).toBe(1);
    expect(accepted?.login?.address).not.toBe([...addresses][0]);
    expect(events.find(({ login }) => login?.outcome === 'locked')?.reason).toMatch(/^an address was locked/);
    const text = JSON.stringify(events);
    for (const secret of [KEY, TOKEN, 'guess 1', '127.0.0']) expect(text).not.toContain(secret);
    const { text: metrics } = await send(premises.admin, { path: '/metrics' });
    expect(metrics).toContain('privet_logins_total{outcome="refused",because="unknown"} 8');
    expect(metrics).toContain('privet_logins_total{outcome="locked",because=""} 1');
  });

  it('is one of all Privets that share a store', async () => {
    const other = await openHouseWith('test/e2e/lockout/redis.yaml', {
      ...premises.environment,
      LOCKOUT_MS: '60000',
      INSTANCE: '2',
    });
    await guess(other, '127.0.0.10');
    await expect.poll(async () => (await byKey(premises, KEY, '127.0.0.10')).text).toContain('LOCKED_OUT');
    await other.closeHouse();
  });
});
