/** Reads of every shape that both sandboxes answer alike to the same question: for comparing answers byte by byte. */
import { HUBSPOT_FIELDS, SALESFORCE_FIELDS } from './expected.ts';
import type { Surroundings } from './house.ts';

const V = '/services/data/v59.0';
const query = (soql: string, resource = 'query') => `${V}/${resource}?q=${encodeURIComponent(soql)}`;

export function salesforceReads({ salesforce }: Pick<Surroundings, 'salesforce'>): readonly string[] {
  const [contact] = salesforce.data.records('Contact');
  const id = String(contact?.['Id']);
  return [
    query(`SELECT ${SALESFORCE_FIELDS.join(', ')} FROM Contact`),
    query('SELECT FIELDS(ALL) FROM Contact LIMIT 200'),
    query('SELECT Id, (SELECT Email, Phone FROM Contacts) FROM Account'),
    query('SELECT Contact.Email, Owner.Name, Description FROM Case'),
    query('SELECT MIN(Email), MAX(Phone), COUNT(Id) FROM Contact'),
    query("SELECT Id FROM Contact WHERE Email LIKE '%example%' ORDER BY Phone"),
    query('SELECT COUNT() FROM Contact'),
    query('SELECT Email FROM Contact', 'queryAll'),
    query('SELECT Nope__c FROM Contact'),
    `${V}/sobjects/Contact/${id}`,
    `${V}/sobjects/Contact/${id}?fields=Email,MailingAddress`,
    `${V}/sobjects/Contact/ExternalId__c/EXT-000001`,
    `${V}/sobjects/Contact/${'0'.repeat(18)}`,
    `${V}/sobjects/Contact`,
    `${V}/sobjects/Contact/describe`,
    `${V}/sobjects`,
    `${V}/composite/sobjects/Contact?ids=${id}&fields=Email,Phone`,
    `${V}/recent`,
    `${V}/sobjects/Contact/updated?start=2020-01-01T00%3A00%3A00Z&end=2026-10-01T00%3A00%3A00Z`,
    `${V}/sobjects/Contact/deleted?start=2020-01-01T00%3A00%3A00Z&end=2026-10-01T00%3A00%3A00Z`,
    `${V}/limits/recordCount?sObjects=Contact,Account`,
    '/services/data',
  ];
}

export function hubspotReads({ hubspot }: Pick<Surroundings, 'hubspot'>): readonly string[] {
  const id = String(hubspot.data.records('contacts')[0]?.['id']);
  const properties = HUBSPOT_FIELDS.join(',');
  return [
    `/crm/v3/objects/contacts?limit=100&properties=${properties}`,
    `/crm/objects/2026-03/0-1?limit=100&properties=${properties}`,
    `/crm/v3/objects/contacts/${id}?properties=${properties}&propertiesWithHistory=email,phone&associations=tickets`,
    `/crm/v3/objects/contacts/${id}`,
    '/crm/v3/objects/tickets?limit=100&properties=subject,content',
    '/crm/v3/objects/notes?limit=100&properties=hs_note_body',
    `/crm/v4/objects/contacts/${id}/associations/companies`,
    '/crm/v3/properties/contacts',
    '/crm/v3/owners',
  ];
}
