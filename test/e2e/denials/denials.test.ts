import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

const EXPORTS_DENIED = 'Bulk exports need the data-export-officer role. Ask privacy@example.com.';
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 12, canary: 3 },
  });
});

afterAll(() => premises.close());

/** What happens, and how many requests the CRM and the proxy hear of meanwhile. */
async function watch(crm: 'salesforce' | 'hubspot', action: () => Promise<unknown>) {
  const before = premises[crm].requests.length;
  const refusals = (): number => premises.log().split('"msg":"refused"').length;
  const refused = refusals();
  const error: unknown = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, heard: premises[crm].requests.length - before, refused: refusals() - refused };
}

describe('a denial reaches jsforce as an error of Salesforce', () => {
  const client = (refreshFn?: () => void) => {
    const connection = salesforceClient(premises.proxy, PRINCIPALS.support);
    connection.on('refresh', () => refreshFn?.());
    return connection;
  };

  it.each([
    ['a filter by a masked field', "SELECT Id FROM Contact WHERE Email = 'a@example.com'", 'Email'],
    ['an aggregate of one', 'SELECT MAX(Phone) FROM Contact', 'Phone'],
    ['an order by one', 'SELECT Id FROM Contact ORDER BY MailingCity', 'MailingCity'],
    ['a query that cannot be read', 'SELECT Id FROM Contact c, c.Account a', ''],
  ])('once: %s', async (_, soql, field) => {
    const { error, heard, refused } = await watch('salesforce', async () => client().query(soql).run());
    expect(error).toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining(field),
    });
    expect({ heard, refused }).toEqual({ heard: 0, refused: 1 });
  });

  it('with the policy’s own message: a bulk query', async () => {
    const { error, heard, refused } = await watch('salesforce', () =>
      client().bulk2.query('SELECT Id, Email FROM Contact'),
    );
    expect(error).toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining(EXPORTS_DENIED),
    });
    expect({ heard, refused }).toEqual({ heard: 0, refused: 1 });
  });

  it('with the policy’s own message: a report', async () => {
    const { error, heard } = await watch('salesforce', () => client().analytics.reports());
    expect(error).toMatchObject({ message: expect.stringContaining('no-bulk-export') });
    expect(heard).toBe(0);
  });

  it('without a refresh of the session', async () => {
    let refreshed = 0;
    const connection = client(() => refreshed++);
    await expect(connection.query('SELECT MAX(Phone) FROM Contact')).rejects.toThrow();
    await expect(
      salesforceClient(premises.proxy, 'nobody').query('SELECT Id FROM Contact'),
    ).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    });
    expect(refreshed).toBe(0);
  });

  it('in XML where that is asked for', async () => {
    const { status, headers, text } = await send(premises.proxy, {
      path: `/services/data/v59.0/query?q=${encodeURIComponent('SELECT MAX(Phone) FROM Contact')}`,
      token: PRINCIPALS.support,
      headers: { accept: 'application/xml' },
    });
    expect([status, headers['content-type']]).toEqual([403, 'application/xml']);
    expect(text).toMatch(/<Errors><Error><errorCode>INSUFFICIENT_ACCESS_OR_READONLY<\/errorCode><message>/);
  });

  it('and a bulk query of who may make one comes with its columns treated', async () => {
    const stream = await salesforceClient(premises.proxy, PRINCIPALS.exportOfficer).bulk2.query(
      'SELECT Id, Email, IBAN__c, Diagnosis__c, Account.Name FROM Contact',
    );
    const records = await stream.toArray();
    expect(records.map((record) => record['Email'] || null)).toEqual(
      premises.salesforce.data.people.map(({ email }) => email),
    );
    expect(new Set(records.map((record) => record['IBAN__c']))).toEqual(new Set(['[redacted]']));
    expect(records.every((record) => !record['Diagnosis__c'])).toBe(true);
  });
});

describe('a denial reaches the HubSpot client as an error of HubSpot', () => {
  const contacts = () => hubspotClient(premises.hubspotProxy, PRINCIPALS.support).crm.contacts;

  it.each([
    [
      'a search by a masked property',
      () => contacts().searchApi.doSearch({ query: 'ana@example.com' }),
      'email',
    ],
    ['an order by one', () => contacts().searchApi.doSearch({ sorts: ['phone'] }), 'phone'],
    [
      'a look-up by one',
      () => contacts().basicApi.getById('ana@example.com', undefined, undefined, undefined, false, 'email'),
      'email',
    ],
  ] as const)('once: %s', async (_, action, property) => {
    const { error, heard, refused } = await watch('hubspot', action);
    expect(error).toMatchObject({
      code: 403,
      body: {
        status: 'error',
        category: 'MISSING_SCOPES',
        message: expect.stringContaining(property),
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    expect({ heard, refused }).toEqual({ heard: 0, refused: 1 });
  });

  it('with the policy’s own message: an export', async () => {
    const path = '/crm/v3/exports/export/async';
    const answer = await hubspotClient(premises.hubspotProxy, PRINCIPALS.support).apiRequest({
      method: 'POST',
      path,
      body: { exportType: 'VIEW', format: 'CSV', objectType: 'CONTACT', objectProperties: ['email'] },
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      message: EXPORTS_DENIED,
      context: { policy: ['no-bulk-export'] },
    });
  });

  it('and an export of who may see everything leads through the proxy', async () => {
    const client = hubspotClient(premises.hubspotProxy, PRINCIPALS.privacyOfficer);
    const body = { exportType: 'VIEW', format: 'CSV', objectType: 'CONTACT', objectProperties: ['email'] };
    const answer = await client.apiRequest({ method: 'POST', path: '/crm/v3/exports/export/async', body });
    const { id, links } = (await answer.json()) as { id: string; links: { status: string } };
    expect(links.status).toMatch(new RegExp(`^${premises.hubspotProxy}/`));
    const status = await client.apiRequest({ path: `/crm/v3/exports/export/async/tasks/${id}/status` });
    expect(await status.json()).toMatchObject({ result: expect.stringContaining(premises.hubspotProxy) });
  });
});
