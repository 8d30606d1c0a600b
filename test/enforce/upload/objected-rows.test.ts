import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { uploadOf } from '../../../src/crm/salesforce/ingest.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { keepObjectorsOut } from '../../../src/enforce/upload/objected-rows.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { decide, operation, principal, snapshotOf } from '../../policy/fixture.ts';
import { ID, PEOPLE_MAPS } from '../people.ts';
import { registryOf, type Said } from '../registry.ts';
import { passed, salesforce } from './uploads.ts';

const SAID: readonly Said[] = [
  { who: { email: 'p2@example.com' }, consent: { marketing: 'objected' } },
  { who: { email: 'p3@example.com' }, consent: { marketing: 'withdrawn' } },
];
const LEAD = '00Q000000000001AAA';
const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const MEMBERS = uploadOf({ object: 'CampaignMember', delimiter: ',', sends: true }, 'job');

function upload(
  csv: string,
  answers: (read: CrmRequest) => unknown = salesforce,
  maps = PEOPLE_MAPS,
): Promise<string> {
  const { audience } = MEMBERS;
  if (audience === undefined) throw new Error('a campaign member is somebody');
  const asked = operation('bulk', { body: MEMBERS });
  const tools = {
    adapter,
    operation: { ...asked, request: { ...asked.request, segments: ['services', 'data', 'v59.0'] } },
    view: decide(snapshotOf('', {}, maps), adapter, principal(), asked, { anyRestricted: false }).view,
    naming: createNaming(adapter, 'crm'),
    consent: registryOf(SAID),
    vault: guardVault(undefined),
    limits: DEFAULT_LIMITS,
    read: (read: CrmRequest) => Promise.resolve(answers(read)),
  };
  const walk = { names: new NameTable(100), limits: DEFAULT_LIMITS };
  return passed(keepObjectorsOut(MEMBERS, audience, tools, walk), [csv]);
}

const denial = (count: number) => ({
  denial: {
    policy: 'objection',
    message: `Rows of people who may not be written to for marketing, because they have objected: ${count}.`,
  },
});

describe('an upload of campaign members', () => {
  it.each([
    ['others', `CampaignId,ContactId\r\n7010,${ID(1)}\r\n7010,${ID(3)}\r\n`],
    ['others by a key', 'CampaignId,Contact.ExternalId__c\n7010,k1\n7010,k99\n'],
    ['nobody', 'CampaignId,ContactId,LeadId\n7010,,#N/A\n'],
    ['members that are there already', 'Id,Status\n00v1,Sent\n'],
  ])('goes through as it is where it names %s', async (_, csv) => {
    expect(await upload(csv)).toBe(csv);
  });

  it.each([
    ['id', `CampaignId,ContactId\n7010,${ID(1)}\n7010,${ID(2)}\n`, 1],
    ['id in its short spelling', `contactid\n${ID(2).slice(0, 15)}\n`, 1],
    ['relationship and id', `Contact.Id\n${ID(2)}\n`, 1],
    ['key', 'Contact.ExternalId__c,CampaignId\nK2,7010\nk1,7010\n', 1],
  ])('is refused where a row names an objector by %s', async (_, csv, count) => {
    await expect(upload(csv)).rejects.toMatchObject(denial(count));
  });

  it('is refused where the CRM does not tell who it names', async () => {
    const silent = (): unknown => undefined;
    await expect(upload(`LeadId\n${LEAD}\n`, silent)).rejects.toMatchObject(denial(1));
  });

  it('goes through where no data map says who is behind the records', async () => {
    const csv = `ContactId\n${ID(2)}\n`;
    expect(
      await upload(
        csv,
        salesforce,
        'dataMap: salesforce\nobjects: { Contact: { fields: { Name: none } } }\n',
      ),
    ).toBe(csv);
  });
});
