import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const JOBS = '/services/data/v59.0/jobs/ingest';
/** Of the people by their places. */
const OBJECTED = 4;
const OTHER = 7;

describe.each(['embedded', 'redis'])('somebody who has objected, in a registry that is %s', (where) => {
  const config = `test/e2e/require/${where}.yaml`;
  let around: RegistrySurroundings;
  let house: OpenHouse;

  beforeAll(async () => {
    around = await openRegistrySurroundings({ sandbox: { people: 20, pageSize: 15 } });
    const email = around.salesforce.data.people[OBJECTED]!.email!;
    await append(config, around.environment, [event('objected', { email }, 'marketing')]);
    house = await openHouseWith(config, around.environment);
  });

  afterAll(async () => {
    await house.closeHouse();
    await around.close();
  });

  const records = (object: string) => around.salesforce.data.records(object);
  const rows = (...indexes: readonly number[]) =>
    indexes.map((index) => ({
      CampaignId: String(records('Campaign')[0]!['Id']),
      ContactId: String(records('Contact')[index]!['Id']),
    }));

  describe.each([
    ['somebody from whom numbers are hidden', PRINCIPALS.salesforceRep],
    ['somebody who sees everything in clear', PRINCIPALS.privacyOfficer],
  ])('by %s', (_, token) => {
    const client = () => salesforceClient(house.proxy, token);
    const load = (...indexes: readonly number[]) =>
      client().bulk2.loadAndWaitForResults({
        object: 'CampaignMember',
        operation: 'insert',
        input: rows(...indexes),
        pollInterval: 50,
      });

    it('becomes the member of no campaign, for whatever purpose', async () => {
      const before = records('CampaignMember').length;
      const member = client().sobject('CampaignMember');
      await expect(member.create(rows(OBJECTED)[0]!)).rejects.toThrow('they have objected');
      await expect(member.create(rows(OTHER, OBJECTED))).rejects.toThrow('1 of 2 recipients');
      await expect(load(OTHER, OBJECTED)).rejects.toThrow('because they have objected: 1.');
      expect(records('CampaignMember')).toHaveLength(before);
    });

    it('becomes none by way of a job that Privet did not see created', async () => {
      const before = records('CampaignMember').length;
      const job = await fetch(`${around.salesforce.url}${JOBS}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${around.environment['SALESFORCE_TOKEN']}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ object: 'CampaignMember', operation: 'insert' }),
      });
      const { id } = (await job.json()) as { readonly id: string };
      const csv = `CampaignId,ContactId\n${Object.values(rows(OBJECTED)[0]!).join(',')}\n`;
      const refused = await send(house.proxy, {
        method: 'PUT',
        path: `${JOBS}/${id}/batches`,
        token,
        headers: { 'content-type': 'text/csv' },
        body: csv,
      });
      expect(refused.status).toBe(403);
      expect(records('CampaignMember')).toHaveLength(before);
    });

    it('keeps nobody else out', async () => {
      const before = records('CampaignMember').length;
      expect((await load(OTHER)).successfulResults).toHaveLength(1);
      expect(records('CampaignMember')).toHaveLength(before + 1);
    });
  });
});
