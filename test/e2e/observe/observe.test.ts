import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { eventsOf } from '../events.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { hubspotReads, salesforceReads } from '../reads.ts';
import { send } from '../wire.ts';

const EMMA = STAFF.find(({ key }) => key === 'emma')!;
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 40, pageSize: 2_000, canary: 5 },
    environment: { PRIVET_MODE: 'observe' },
  });
});

afterAll(() => premises.close());

const completionOf = async (requestId: unknown) => (await eventsOf(premises.redis.client, requestId))[1];

describe('observe mode', () => {
  it('leaves every byte as it is, whoever asks', async () => {
    for (const path of salesforceReads(premises)) {
      const direct = await send(premises.salesforce.url, { path, token: EMMA.salesforceToken });
      const through = await send(premises.proxy, { path, token: PRINCIPALS.support });
      expect([path, through.status, through.text]).toEqual([path, direct.status, direct.text]);
    }
    for (const path of hubspotReads(premises)) {
      const direct = await send(premises.hubspot.url, { path, token: EMMA.hubspotToken });
      const through = await send(premises.hubspotProxy, { path, token: PRINCIPALS.marketing });
      expect([path, through.status, through.text]).toEqual([path, direct.status, direct.text]);
    }
  });

  it('says in the audit what would have been denied', async () => {
    const path = `/services/data/v59.0/query?q=${encodeURIComponent('SELECT MIN(Email) FROM Contact')}`;
    const { status, headers } = await send(premises.proxy, { path, token: PRINCIPALS.support });
    expect(status).toBe(200);
    expect(await completionOf(headers['x-privet-request-id'])).toMatchObject({
      mode: 'observe',
      decision: 'deny',
      policies: expect.arrayContaining(['support-sees-no-contact-details']),
      reason: expect.stringContaining('Email'),
      response: { status: 200 },
    });
  });

  it('says in the audit how fields would have been treated', async () => {
    const path = `/services/data/v59.0/query?q=${encodeURIComponent('SELECT Id, Phone FROM Contact')}`;
    const { headers } = await send(premises.proxy, { path, token: PRINCIPALS.support });
    const phones = premises.salesforce.data.people.filter(({ phone }) => phone !== null).length;
    expect(await completionOf(headers['x-privet-request-id'])).toMatchObject({
      mode: 'observe',
      decision: 'allow',
      records: { seen: 40, omitted: 0 },
      fields: [{ object: 'Contact', field: 'Phone', treatment: 'mask', count: phones }],
    });
  });

  it('lets unknown operations pass, and says so', async () => {
    const id = String(premises.salesforce.data.records('Contact')[0]!['Id']);
    const path = `/services/data/v59.0/ui-api/records/${id}?fields=Contact.Email`;
    const { status, headers } = await send(premises.proxy, { path, token: PRINCIPALS.support });
    expect(status).toBe(200);
    expect(await completionOf(headers['x-privet-request-id'])).toMatchObject({
      decision: 'deny',
      policies: ['posture.unknownOperation'],
    });
  });
});
