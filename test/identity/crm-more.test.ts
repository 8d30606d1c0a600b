import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../src/crm/hubspot/adapter.ts';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { isRecordId, longId } from '../../src/crm/salesforce/id.ts';
import { createIdentifier } from '../../src/identity/identifier.ts';
import type { LookUp, LookUpAnswer } from '../../src/identity/look-up.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';
import { dependencies, lookUp } from './harness.ts';

const salesforce = createSalesforceAdapter(DEFAULT_LIMITS);
const hubspot = createHubspotAdapter();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SHORT = '0055g00000AbCdE';
const LONG = longId(SHORT);

function identifierFor(crm: 'salesforce' | 'hubspot', ask: LookUp, roles: Record<string, string[]> = {}) {
  const { whoAmI } = crm === 'salesforce' ? salesforce : hubspot;
  if (whoAmI === undefined) throw new Error('no whoAmI');
  return createIdentifier([{ crm: { roles } }], dependencies({ crm: { whoAmI, lookUp: ask } }));
}

describe('ids of Salesforce', () => {
  it.each([
    ['0035g00000AAAAA', '0035g00000AAAAAAA5'],
    ['001D000000IRt53', '001D000000IRt53IAD'],
    ['0035g00000AAAAAAA5', '0035g00000AAAAAAA5'],
    ['ana', 'ana'],
  ])('%s is %s in full', (id, long) => {
    expect(longId(id)).toBe(long);
  });

  it.each([
    ["0055g00000AbCdE' OR Name != '", false],
    ['0055g00000AbCdE', true],
    ['0055g00000AbCdEAA', false],
    ['', false],
  ])('%j is one: %s', (text, expected) => {
    expect(isRecordId(text)).toBe(expected);
  });
});

describe('a Salesforce user', () => {
  const info = { user_id: SHORT, user_type: 'STANDARD', active: true };
  const answers =
    (profile: LookUpAnswer | Error, asked: string[] = []): LookUp =>
    (path) => {
      asked.push(path);
      if (path === '/services/oauth2/userinfo')
        return Promise.resolve({ status: 200, body: JSON.stringify(info) });
      return profile instanceof Error ? Promise.reject(profile) : Promise.resolve(profile);
    };
  const named = (...names: (string | null)[]): LookUpAnswer => ({
    status: 200,
    body: JSON.stringify({ records: names.map((Name) => ({ Profile: Name === null ? null : { Name } })) }),
  });
  const who = (ask: LookUp) =>
    identifierFor('salesforce', ask, { 'Standard User': ['sales'], STANDARD: ['staff'] }).identify({
      authorization: 'Bearer 00D!x',
    });

  it('has the roles of its profile, and its id in full', async () => {
    const asked: string[] = [];
    expect(await who(answers(named('Standard User'), asked))).toMatchObject({
      id: LONG,
      crmUserId: LONG,
      roles: ['staff', 'sales'],
    });
    expect(decodeURIComponent(asked[1] ?? '')).toBe(
      `/services/data/v59.0/query?q=SELECT Profile.Name FROM User WHERE Id = '${LONG}'`,
    );
  });

  it.each([
    ['refused', { status: 403, body: '[]' }],
    ['hidden', named(null)],
    ['missing', named()],
    ['one of two', named('Standard User', 'Other')],
    ['not readable', { status: 200, body: '<html>' }],
    ['not there', { status: 503, body: '' }],
    ['not reachable', new Error('gone')],
  ])('is nobody when the profile is %s', async (_, profile) => {
    expect(await who(answers(profile))).toBeUndefined();
  });

  it.each([{ user_id: "x' OR Id != '" }, { user_id: '' }, { user_id: 5 }, { active: false }, null, []])(
    'is nobody, and no query is made, when user info says %j',
    async (over) => {
      const asked: string[] = [];
      const body = over === null || Array.isArray(over) ? over : { ...info, ...over };
      const ask: LookUp = (path) => {
        asked.push(path);
        return Promise.resolve({ status: 200, body: JSON.stringify(body) });
      };
      expect(await who(ask)).toBeUndefined();
      expect(asked).toHaveLength(1);
    },
  );

  it('has its id in full whoever recognised it', async () => {
    const keys = [{ id: 'ana', sha256: sha256('k'), crmUserId: SHORT }];
    const deps = dependencies(salesforce.userId === undefined ? {} : { crmUserId: salesforce.userId });
    const identifier = createIdentifier([{ apiKey: { keys } }], deps);
    const first = await identifier.identify({ 'x-privet-key': 'k' });
    expect(first).toMatchObject({ id: 'ana', crmUserId: LONG });
    expect(await identifier.identify({ 'x-privet-key': 'k' })).toBe(first);
  });
});

describe('a HubSpot user', () => {
  const answers =
    (owner: LookUpAnswer): LookUp =>
    (path) =>
      Promise.resolve(
        path.startsWith('/oauth/') ? { status: 200, body: '{"user_id":42,"scopes":["crm.export"]}' } : owner,
      );
  const who = (owner: LookUpAnswer) =>
    identifierFor('hubspot', answers(owner), { 'crm.export': ['exports'] }).identify({
      authorization: 'Bearer t',
    });

  it('is the owner that its user id leads to', async () => {
    const owner = { status: 200, body: '{"id":"77","userId":42}' };
    expect(await who(owner)).toMatchObject({ id: '42', crmUserId: '77', roles: ['exports'] });
  });

  it.each([
    ['is no owner', { status: 404, body: '{}' }],
    ['may not read owners', { status: 403, body: '{}' }],
    ['is answered another owner', { status: 200, body: '{"id":"77","userId":43}' }],
  ])('owns nothing when it %s', async (_, owner) => {
    const principal = await who(owner);
    expect(principal).toMatchObject({ id: '42', roles: ['exports'] });
    expect(principal).not.toHaveProperty('crmUserId');
  });

  it('is nobody while the CRM does not answer', async () => {
    expect(await who({ status: 503, body: '' })).toBeUndefined();
  });
});

describe('in the sandbox', () => {
  const sandboxes: Sandbox[] = [];
  beforeAll(async () => {
    for (const crm of ['salesforce', 'hubspot'] as const)
      sandboxes.push(await startSandbox({ crm, people: 10 }));
  });
  afterAll(async () => {
    for (const sandbox of sandboxes) await sandbox.close();
  });

  it.each(STAFF.map((member) => [member.key, member] as const))(
    '%s is who the CRMs say',
    async (_, member) => {
      const at =
        (url: string): LookUp =>
        (path, headers, signal) =>
          lookUp(url + path, headers, signal);
      const roles = { [member.profile]: ['found'] };
      const inSalesforce = await identifierFor('salesforce', at(sandboxes[0]!.url), roles).identify({
        authorization: `Bearer ${member.salesforceToken}`,
      });
      expect(inSalesforce).toMatchObject({
        roles: ['found'],
        crmUserId: expect.stringMatching(/^005\w{15}$/),
      });
      const inHubspot = await identifierFor('hubspot', at(sandboxes[1]!.url)).identify({
        authorization: `Bearer ${member.hubspotToken}`,
      });
      expect(inHubspot).toMatchObject({ crmUserId: expect.stringMatching(/^\d+$/) });
      expect(inHubspot).not.toMatchObject({ id: String((inHubspot as { crmUserId?: string }).crmUserId) });
    },
  );
});
