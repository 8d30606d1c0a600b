/** Ways round a masker of HubSpot's CRM API that the sandbox answers to those who may. */
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { HUBSPOT_FIELDS } from '../expected.ts';
import { type Attack, denied, refused, treated } from './attack.ts';

const OBJECTS = '/crm/v3/objects';
const CONTACTS = `${OBJECTS}/contacts`;
const ALL = HUBSPOT_FIELDS.join(',');
const EMAIL = encodeURIComponent(CANARIES.email);
const post = (path: string, body: unknown, method = 'POST') => ({
  method,
  path,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const search = (body: object, path = `${CONTACTS}/search`) => post(path, body);
const filter = (propertyName: string, operator: string, value: string) => ({
  filterGroups: [{ filters: [{ propertyName, operator, value }] }],
  properties: ['firstname'],
});

/** The same list by every name and version that the API has for it. */
const SPELLINGS: readonly Attack[] = [
  CONTACTS,
  `${OBJECTS}/contact`,
  `${OBJECTS}/0-1`,
  `${OBJECTS}/CONTACTS`,
  '/crm/v4/objects/contacts',
  '/crm/objects/2026-03/contacts',
  '/crm/objects/2026-09-beta/0-1',
  '/crm/v3/objects/%63ontacts',
].flatMap((path) => [
  treated(`a list at ${path}`, { path: `${path}?limit=100&properties=${ALL}` }),
  treated(`a search at ${path}`, search({ limit: 200, properties: HUBSPOT_FIELDS }, `${path}/search`)),
]);

const ORACLES: readonly Attack[] = [
  denied('equality', search(filter('phone', 'EQ', CANARIES.phone))),
  denied('a word of the value', search(filter('mobilephone', 'CONTAINS_TOKEN', '698*'))),
  denied('an interval', search(filter('date_of_birth', 'LT', '1932-01-01'))),
  denied('a property in other letters', search(filter('Phone', 'EQ', CANARIES.phone))),
  denied('whether there is a value', search(filter('diagnosis', 'HAS_PROPERTY', ''))),
  denied('an order', search({ sorts: ['phone'], properties: ['firstname'] })),
  denied('a falling order', search({ sorts: ['-phone'] })),
  denied('a filter by a name in quotes', search(filter('"phone"', 'EQ', CANARIES.phone))),
  denied('a filter by a name with a blank', search(filter('phone ', 'EQ', CANARIES.phone))),
  denied('a filter by the person associated', {
    ...search(filter('associations.contact.phone', 'EQ', CANARIES.phone), `${OBJECTS}/companies/search`),
  }),
  denied('an order with its direction', search({ sorts: ['phone DESC'] })),
  denied('an order by another member', search({ sorts: [{ propertyName: 'firstname', property: 'phone' }] })),
  denied('an order as an object', search({ sorts: [{ propertyName: 'phone', direction: 'ASCENDING' }] })),
  denied('words in any property', search({ query: CANARIES.phone })),
  denied(
    'a filter by a dated search',
    search(filter('phone', 'EQ', CANARIES.phone), '/crm/objects/2026-03/0-1/search'),
  ),
  denied('a look-up by phone', {
    path: `${CONTACTS}/${encodeURIComponent(CANARIES.phone)}?idProperty=phone`,
  }),
  denied(
    'a look-up of many by phone',
    post(`${CONTACTS}/batch/read`, {
      idProperty: 'phone',
      inputs: [{ id: CANARIES.phone }],
      properties: ['firstname'],
    }),
  ),
  denied(
    'an upsert by phone',
    post(`${CONTACTS}/batch/upsert`, {
      inputs: [{ id: CANARIES.phone, idProperty: 'phone', properties: { firstname: 'X' } }],
    }),
  ),
  denied(
    'an update by phone',
    post(
      `${CONTACTS}/${encodeURIComponent(CANARIES.phone)}?idProperty=phone`,
      { properties: { firstname: 'X' } },
      'PATCH',
    ),
  ),
  denied(
    'an erasure by phone',
    post(`${CONTACTS}/gdpr-delete`, { objectId: CANARIES.phone, idProperty: 'phone' }),
  ),
  denied(
    'an archiving by phone',
    post(`${CONTACTS}/batch/archive`, { inputs: [{ id: CANARIES.phone, idProperty: 'phone' }] }),
  ),
];

/** Oracles about the e-mail address, which support does not see but marketing does. */
export const EMAIL_ORACLES: readonly Attack[] = [
  denied('a look-up by e-mail', { path: `${CONTACTS}/${EMAIL}?idProperty=email` }),
  denied('a look-up by e-mail in a dated version', {
    path: `/crm/objects/2026-03/0-1/${EMAIL}?idProperty=email`,
  }),
  denied(
    'a look-up of many by e-mail',
    post(`${CONTACTS}/batch/read`, { idProperty: 'email', inputs: [{ id: CANARIES.email }], properties: [] }),
  ),
  denied(
    'an upsert by e-mail',
    post(`${CONTACTS}/batch/upsert`, {
      inputs: [{ id: CANARIES.email, idProperty: 'email', properties: { lifecyclestage: 'customer' } }],
    }),
  ),
  denied(
    'an erasure by e-mail',
    post(`${CONTACTS}/gdpr-delete`, { objectId: CANARIES.email, idProperty: 'email' }),
  ),
  denied('words in any property', search({ query: 'zqcanary.email' })),
  denied('a part of the address', search(filter('hs_email_domain', 'EQ', 'canary.example'))),
  denied('an address in place of an id', { path: `${CONTACTS}/${EMAIL}` }),
  denied('an address in place of an id, and no property', { path: `${CONTACTS}/${EMAIL}?idProperty=` }),
  denied('a look-up by e-mail in quotes', { path: `${CONTACTS}/${EMAIL}?idProperty=%22email%22` }),
  denied(
    'an address among the ids of many',
    post(`${CONTACTS}/batch/read`, { inputs: [{ id: CANARIES.email }] }),
  ),
  denied(
    'a look-up of each by e-mail',
    post(`${CONTACTS}/batch/read`, { inputs: [{ id: CANARIES.email, idProperty: 'email' }] }),
  ),
  denied(
    'an erasure by a property in other letters',
    post(`${CONTACTS}/gdpr-delete`, { objectId: CANARIES.email, IdProperty: 'email' }),
  ),
  denied('the subscriptions of an address', {
    path: `/communication-preferences/v3/status/email/${EMAIL}`,
  }),
  denied('its statuses', { path: `/communication-preferences/v4/statuses/${EMAIL}?channel=EMAIL` }),
  denied('its statuses at a dated version', {
    path: `/communication-preferences/2026-03/statuses/${EMAIL}/unsubscribe-all`,
  }),
  denied(
    'the statuses of many',
    post('/communication-preferences/v4/statuses/batch/read', { inputs: [CANARIES.email] }),
  ),
];

const records = (id: string): readonly Attack[] => [
  treated('the record', { path: `${CONTACTS}/${id}?properties=${ALL}` }),
  treated('the properties it has by default', { path: `${CONTACTS}/${id}` }),
  treated('older values', { path: `${CONTACTS}/${id}?propertiesWithHistory=${ALL}` }),
  treated('properties in other letters', { path: `${CONTACTS}/${id}?properties=${ALL.toUpperCase()}` }),
  treated('properties one by one', {
    path: `${CONTACTS}/${id}?${HUBSPOT_FIELDS.map((name) => `properties=${name}`).join('&')}`,
  }),
  treated(
    'many records',
    post(`${CONTACTS}/batch/read`, {
      inputs: [{ id }],
      properties: HUBSPOT_FIELDS,
      propertiesWithHistory: HUBSPOT_FIELDS,
    }),
  ),
  treated('archived records', { path: `${CONTACTS}?archived=true&properties=${ALL}` }),
  treated('associated records', {
    path: `${CONTACTS}/${id}?associations=tickets,notes,companies&properties=${ALL}`,
  }),
  treated('ids of associated records', { path: `/crm/v4/objects/contacts/${id}/associations/tickets` }),
  treated('its ticket', { path: `${OBJECTS}/tickets?limit=100&properties=subject,content` }),
  treated('its note', { path: `${OBJECTS}/0-46?limit=100&properties=hs_note_body` }),
  treated('what properties there are', { path: '/crm/v3/properties/contacts' }),
  treated('an update', post(`${CONTACTS}/${id}`, { properties: { lifecyclestage: 'lead' } }, 'PATCH')),
  treated('a merge', post(`${CONTACTS}/merge`, { primaryObjectId: id, objectIdToMerge: '1' })),
  denied(
    'an export',
    post('/crm/v3/exports/export/async', {
      exportType: 'VIEW',
      format: 'CSV',
      objectType: 'CONTACT',
      objectProperties: HUBSPOT_FIELDS,
    }),
  ),
  denied(
    'an export in a dated version',
    post('/crm/exports/2026-03/export/async', {
      exportType: 'VIEW',
      format: 'CSV',
      objectType: '0-1',
      objectProperties: ['phone'],
    }),
  ),
  denied('the state of an export', { path: '/crm/v3/exports/export/async/tasks/4001/status' }),
  denied('the file of an export', { path: '/export-files/4001/contacts.csv?signature=c2FuZGJveA' }),
  denied('GraphQL', post('/collector/graphql', { query: '{CRM{contact_collection{items{email}}}}' })),
  denied('the first API', { path: '/contacts/v1/lists/all/contacts/all' }),
  denied('a profile of the first API', { path: `/contacts/v1/contact/vid/${id}/profile` }),
  denied('a profile by e-mail', { path: `/contacts/v1/contact/email/${EMAIL}/profile` }),
  denied('engagements of the first API', { path: '/engagements/v1/engagements/paged' }),
  denied('lists', post('/crm/v3/lists', { name: 'x', objectTypeId: '0-1', filterBranch: {} })),
  denied('imports', { path: '/crm/v3/imports' }),
  denied('conversations', { path: '/conversations/v3/conversations/threads' }),
  denied('events', { path: `/events/v3/events?objectType=contact&objectProperty.email=${EMAIL}` }),
  denied('subscriptions', { path: `/communication-preferences/v3/status/email/${EMAIL}` }),
  denied('webhooks', post('/webhooks/v3/1/subscriptions', { eventType: 'contact.creation' })),
];

const disguises = (id: string): readonly Attack[] => [
  refused('a double slash', { path: `/crm//v3/objects/contacts/${id}?properties=${ALL}` }),
  refused('matrix parameters', { path: `/crm/v3;x/objects/contacts/${id}?properties=${ALL}` }),
  refused('an encoded slash', { path: `/crm%2Fv3/objects/contacts/${id}?properties=${ALL}` }),
  refused('a dot segment', { path: `${OBJECTS}/companies/../contacts/${id}` }),
  refused('an id of two parts', { path: `${CONTACTS}/${id}%2f..%2f${id}` }),
  refused('two ways to look up', { path: `${CONTACTS}/${id}?idProperty=hs_object_id&idProperty=email` }),
  refused('an unknown parameter', { path: `${CONTACTS}/${id}?formatterName=x&properties=${ALL}` }),
  refused('a key of old', { path: `${CONTACTS}/${id}?hapikey=x&properties=${ALL}` }),
  refused('a repeated key in the body', post(`${CONTACTS}/search`, '{"sorts":[],"sorts":["phone"]}')),
  refused('an escaped key', post(`${CONTACTS}/search`, '{"sorts":[],"\\u0073orts":["phone"]}')),
  denied('an escaped name', post(`${CONTACTS}/search`, '{"sorts":["\\u0070hone"]}')),
  refused('a method in a header', {
    path: `${CONTACTS}/${id}`,
    headers: { 'x-http-method-override': 'PUT' },
  }),
  ...['gzip', 'br', 'deflate', 'zstd', 'x-unknown', '*'].map((coding) =>
    treated(`coding "${coding}"`, {
      path: `${CONTACTS}/${id}?properties=${ALL}`,
      headers: { 'accept-encoding': coding },
    }),
  ),
  treated('XML', { path: `${CONTACTS}/${id}?properties=${ALL}`, headers: { accept: 'application/xml' } }),
  treated('HEAD', { method: 'HEAD', path: `${CONTACTS}/${id}?properties=${ALL}` }),
  treated('a range', { path: `${CONTACTS}/${id}?properties=${ALL}`, headers: { range: 'bytes=0-99999' } }),
];

const echoes = (id: string): readonly Attack[] => [
  treated(
    'a message about an address in use',
    post(CONTACTS, { properties: { email: CANARIES.email, firstname: 'X' } }),
  ),
  treated(
    'a message about a wrong value',
    post(`${CONTACTS}/${id}`, { properties: { date_of_birth: 'never', nope: 'x' } }, 'PATCH'),
  ),
  treated(
    'a batch in which some fail',
    post(`${CONTACTS}/batch/update`, {
      inputs: [
        { id, properties: { nope: 'x' } },
        { id: '1', properties: {} },
      ],
    }),
  ),
  treated('a record that is not there', { path: `${CONTACTS}/1?properties=${ALL}` }),
];

/** @param contactId id of the canary's contact */
export function hubspotAttacks(contactId: string): readonly Attack[] {
  return [...SPELLINGS, ...ORACLES, ...records(contactId), ...disguises(contactId), ...echoes(contactId)];
}
