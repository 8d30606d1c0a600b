import type { SimplePublicObjectWithAssociations } from '@hubspot/api-client/lib/codegen/crm/contacts/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import {
  HUBSPOT_FIELDS,
  hubspotContact,
  SALESFORCE_FIELDS,
  salesforceContact,
  type Viewer,
  withOneLabel,
} from '../expected.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';

const PEOPLE = 230;
const PAGE_SIZE = 40;
const VIEWERS: readonly Viewer[] = ['support', 'marketing', 'privacyOfficer'];

let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: PEOPLE, pageSize: PAGE_SIZE, canary: 17 },
  });
});

afterAll(() => premises.close());

describe.each(VIEWERS)('as %s', (viewer) => {
  it('jsforce reads every contact page by page, and each field is what the policies say', async () => {
    const { salesforce } = premises;
    const asked = salesforce.requests.length;
    const { records, totalSize } = await salesforceClient(premises.proxy, PRINCIPALS[viewer])
      .query(`SELECT Id, OwnerId, ${SALESFORCE_FIELDS.join(', ')} FROM Contact ORDER BY ExternalId__c`)
      .execute({ autoFetch: true, maxFetch: 10_000 });

    expect(totalSize).toBe(PEOPLE);
    expect(salesforce.requests.length - asked).toBe(Math.ceil(PEOPLE / PAGE_SIZE));
    const stored = salesforce.data.records('Contact');
    expect(records.map(withOneLabel)).toEqual(
      salesforce.data.people.map((person, index) => ({
        attributes: {
          type: 'Contact',
          url: `/services/data/v59.0/sobjects/Contact/${String(stored[index]!['Id'])}`,
        },
        Id: stored[index]!['Id'],
        OwnerId: stored[index]!['OwnerId'],
        ...salesforceContact(person, viewer),
      })),
    );
  });

  it('jsforce reads through an alias behind AS from an OFFSET on, and each field is what the policies say', async () => {
    const { salesforce } = premises;
    const fields = SALESFORCE_FIELDS.map((field) => `c.${field}`).join(', ');
    const skipped = PEOPLE - 2 * PAGE_SIZE;
    const { records, totalSize } = await salesforceClient(premises.proxy, PRINCIPALS[viewer])
      .query(
        `SELECT ${fields} FROM Contact AS c WHERE c.CreatedDate != null ORDER BY c.ExternalId__c OFFSET ${skipped}`,
      )
      .execute({ autoFetch: true, maxFetch: 10_000 });

    expect(totalSize).toBe(2 * PAGE_SIZE);
    expect(records.map(({ attributes: _, ...record }) => withOneLabel(record))).toEqual(
      salesforce.data.people.slice(skipped).map((person) => salesforceContact(person, viewer)),
    );
  });

  it.each(['c.Phone = null', "(NOT c.Phone LIKE '6%')"])(
    'jsforce may filter by %s behind AS only if it sees the field, with an OFFSET right behind',
    async (condition) => {
      const found = salesforceClient(premises.proxy, PRINCIPALS[viewer]).query(
        `SELECT c.Id FROM Contact AS c WHERE ${condition} OFFSET 2`,
      );
      if (viewer === 'privacyOfficer') expect((await found).records.length).toBeGreaterThan(0);
      else await expect(found).rejects.toMatchObject({ message: expect.stringContaining('Phone') });
    },
  );

  it('the HubSpot client reads every contact page by page, and each property is what the policies say', async () => {
    const { hubspot } = premises;
    const asked = hubspot.requests.length;
    const { basicApi } = hubspotClient(premises.hubspotProxy, PRINCIPALS[viewer]).crm.contacts;
    const all: SimplePublicObjectWithAssociations[] = [];
    let after: string | undefined;
    do {
      const page = await basicApi.getPage(PAGE_SIZE, after, [...HUBSPOT_FIELDS]);
      all.push(...page.results);
      after = page.paging?.next?.after;
    } while (after !== undefined);

    expect(hubspot.requests.length - asked).toBe(Math.ceil(PEOPLE / PAGE_SIZE));
    const system = ['createdate', 'hs_object_id', 'lastmodifieddate'];
    const shown = all.map(({ properties }) =>
      withOneLabel(Object.fromEntries(Object.entries(properties).filter(([name]) => !system.includes(name)))),
    );
    expect(shown).toEqual(hubspot.data.people.map((person) => hubspotContact(person, viewer)));
    expect(all.map(({ id }) => id)).toEqual(hubspot.data.records('contacts').map((record) => record['id']));
  });
});
