import { Connection, OAuth2 } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { STAFF_PASSWORD } from '../../../src/sandbox/staff.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsOf } from '../events.ts';
import { openPremises, type Premises } from '../house.ts';
import { REP, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';

const staff = (key: string) => STAFF.find((member) => member.key === key)!;
const CLIENT = { clientId: 'e2e', clientSecret: 'e2e-secret' };
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/login/config.yaml',
    sandbox: { people: 40, pageSize: 7, canary: 3 },
  });
});

afterAll(() => premises.close());

const oauth2 = () => ({ ...CLIENT, loginUrl: premises.proxy });

describe('jsforce logs in through the proxy', () => {
  it('by password, stays on it, and is who the CRM says', async () => {
    const connection = new Connection({ oauth2: oauth2(), version: '59.0' });
    const { id } = await connection.authorize({
      grant_type: 'password',
      username: staff('olena').email,
      password: STAFF_PASSWORD,
    });
    expect(connection.instanceUrl).toBe(premises.proxy);
    expect(id).toBe(REP_SALESFORCE_ID);
    const own = premises.salesforce.data.people.filter(({ owner }) => owner === REP);
    const { records, totalSize } = await connection
      .query('SELECT LastName, Email, NIF__c FROM Contact ORDER BY ExternalId__c')
      .execute({ autoFetch: true });
    expect(totalSize).toBe(own.length);
    expect(records.map((record) => record['Email'])).toEqual(own.map(({ email }) => email));
    expect(records.every((record) => !('NIF__c' in record))).toBe(true);
  });

  it('by client credentials', async () => {
    const connection = new Connection({ oauth2: oauth2(), version: '59.0' });
    await connection.authorize({ grant_type: 'client_credentials' });
    expect(connection.instanceUrl).toBe(premises.proxy);
  });

  it('refreshes a session that the CRM has ended, once', async () => {
    const { salesforceToken, salesforceRefreshToken } = staff('jan');
    const connection = new Connection({
      oauth2: new OAuth2(oauth2()),
      instanceUrl: premises.proxy,
      accessToken: salesforceToken,
      refreshToken: salesforceRefreshToken,
      version: '59.0',
    });
    expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBeGreaterThan(0);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const revoke = { method: 'POST', path: '/services/oauth2/revoke', headers: form };
    await send(premises.salesforce.url, { ...revoke, body: `token=${encodeURIComponent(salesforceToken)}` });
    const asked = premises.salesforce.requests.length;
    expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBeGreaterThan(0);
    const paths = premises.salesforce.requests.slice(asked).map(({ url }) => url.replace(/\?.*/, ''));
    expect(paths).toEqual([
      '/services/data/v59.0/query',
      '/services/oauth2/token',
      '/services/data/v59.0/query',
    ]);
    expect(connection.instanceUrl).toBe(premises.proxy);
  });

  it('and every URL it is told leads back through the proxy', async () => {
    const token = staff('ana').salesforceToken;
    const connection = salesforceClient(premises.proxy, token);
    const identity = await connection.identity();
    const root = await send(premises.proxy, { path: '/services/data/v59.0', token });
    const userinfo = await send(premises.proxy, { path: '/services/oauth2/userinfo', token });
    for (const text of [JSON.stringify(identity), root.text, userinfo.text]) {
      expect(text).toContain(premises.proxy);
      expect(text).not.toContain(premises.salesforce.url);
    }
  });

  it('is refused by the CRM’s own answer when the password is wrong', async () => {
    const connection = new Connection({ oauth2: oauth2(), version: '59.0' });
    const login = connection.authorize({ grant_type: 'password', username: 'x', password: 'wrong' });
    await expect(login).rejects.toMatchObject({ name: 'invalid_grant' });
  });
});

describe('the CRM says who calls', () => {
  it.each([
    ['ana', { identity: { roles: [] } }],
    ['jan', { identity: { roles: ['marketing'] } }],
    ['emma', { identity: { roles: ['privacy-officer', 'data-export-officer'] } }],
  ])('%s, by the scopes of the token', async (key, { identity }) => {
    const { headers } = await send(premises.hubspotProxy, {
      path: '/crm/v3/objects/contacts?limit=1',
      token: staff(key).hubspotToken,
    });
    const [decision] = await eventsOf(premises.redis.client, headers['x-privet-request-id']);
    expect(decision.principal).toMatchObject({ ...identity, via: 'crm' });
    expect(JSON.stringify(decision)).not.toContain(staff(key).hubspotToken);
  });

  it('once for many requests', async () => {
    const contacts = hubspotClient(premises.hubspotProxy, staff('emma').hubspotToken).crm.contacts.basicApi;
    await contacts.getPage(1);
    const asked = premises.hubspot.requests.length;
    for (let count = 0; count < 5; count++) await contacts.getPage(1);
    expect(premises.hubspot.requests.length - asked).toBe(5);
  });

  it('of nobody when the token is made up: denied, and the CRM hears of it once', async () => {
    const request = { path: '/services/data/v59.0/query?q=SELECT+Id+FROM+Contact', token: '00Dmade!up' };
    const asked = premises.salesforce.requests.length;
    for (let count = 0; count < 3; count++) {
      expect(await send(premises.proxy, request)).toMatchObject({
        status: 403,
        text: expect.stringContaining('posture.unidentified'),
      });
    }
    expect(premises.salesforce.requests.slice(asked).map(({ url }) => url)).toEqual([
      '/services/oauth2/userinfo',
    ]);
  });
});
