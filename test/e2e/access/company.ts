/** A company of 48 people in both CRMs, and what somebody finds and reads of them. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Person } from '../../../src/sandbox/people/people.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SOON_MS = 10 * 86_400_000;

export let premises: Premises;
export let people: readonly Person[];

export async function openCompany(): Promise<void> {
  premises = await openPremises({
    config: 'test/e2e/access/config.yaml',
    sandbox: { people: 48, pageSize: 10 },
    environment: {
      AUDITOR_SHA256: sha256('auditor-key'),
      AUDITOR_UNTIL: new Date(Date.now() + SOON_MS).toISOString(),
      FORMER_SHA256: sha256('former-key'),
    },
  });
  people = premises.salesforce.data.people;
}

export const closeCompany = () => premises.close();

export const indexesOf = (wanted: (person: Person) => boolean): readonly number[] =>
  people.flatMap((person, index) => (wanted(person) ? [index] : []));

export const salesforceId = (index: number) =>
  String(premises.salesforce.data.records('Contact')[index]?.['Id']);

export const hubspotId = (index: number) => String(premises.hubspot.data.records('contacts')[index]?.['id']);

/** What both vendors' clients find, page after page, and how many there are said to be. */
export async function salesforceFinds(token: string) {
  const soql = 'SELECT Id FROM Contact ORDER BY ExternalId__c';
  const found = await salesforceClient(premises.proxy, token)
    .query(soql)
    .execute({ autoFetch: true, maxFetch: 500 });
  return { total: found.totalSize, ids: found.records.map(({ Id }) => String(Id)) };
}

export async function hubspotFinds(token: string) {
  const { total, results } = await hubspotClient(
    premises.hubspotProxy,
    token,
  ).crm.contacts.searchApi.doSearch({
    limit: 100,
    properties: ['lastname'],
  });
  return { total, ids: results.map(({ id }) => id) };
}

export async function expectFinds(token: string, wanted: (person: Person) => boolean): Promise<void> {
  const indexes = indexesOf(wanted);
  const [salesforce, hubspot] = await Promise.all([salesforceFinds(token), hubspotFinds(token)]);
  expect(salesforce).toEqual({ total: indexes.length, ids: indexes.map(salesforceId) });
  expect({ ...hubspot, ids: hubspot.ids.toSorted() }).toEqual({
    total: indexes.length,
    ids: indexes.map(hubspotId).toSorted(),
  });
}

/** A contact as both vendors' clients read it. */
export async function read(
  token: string,
  index: number,
  fields: readonly string[],
  properties: readonly string[],
) {
  const [salesforce, hubspot] = await Promise.all([
    salesforceClient(premises.proxy, token)
      .sobject('Contact')
      .retrieve(salesforceId(index), { fields: [...fields] }),
    hubspotClient(premises.hubspotProxy, token).crm.contacts.basicApi.getById(hubspotId(index), [
      ...properties,
    ]),
  ]);
  return { salesforce, hubspot: hubspot.properties };
}

export const denied = (policy: string) => ({
  salesforce: {
    errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    message: expect.stringContaining(policy),
  },
  hubspot: { code: 403, message: expect.stringContaining(policy) },
});
