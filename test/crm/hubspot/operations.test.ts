import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createHubspotAdapter();

describe('HubSpot operations', () => {
  it.each([
    '/crm/v3/objects/contacts',
    '/crm/objects/2026-03/contacts',
    '/crm/objects/2027-03-beta/0-1',
    '/CRM/V3/Objects/Contact',
  ])('reads contacts by every spelling of the path: %s', (path) => {
    const operation = recognised(
      adapter,
      `GET ${path}?properties=email,phone&properties=firstname&limit=5&after=3`,
    );
    expect(operation).toMatchObject({ route: 'list', kind: 'read', objects: ['contacts'] });
    expect(usesOf(operation)).toEqual([
      'contacts.email select',
      'contacts.phone select',
      'contacts.firstname select',
    ]);
  });

  const batch = { inputs: [{ id: 'ana@example.com', idProperty: 'email', properties: { phone: '1' } }] };

  it.each([
    ['GET /crm/v3/objects/cars', undefined, 'list', 'read', ['cars.* select']],
    [
      'GET /crm/v3/objects/contacts/1?propertiesWithHistory=email&properties=phone',
      undefined,
      'read',
      'read',
      ['contacts.email select', 'contacts.phone select'],
    ],
    [
      'GET /crm/v3/objects/contacts/a%40b.example?idProperty=email&properties=phone',
      undefined,
      'read',
      'read',
      ['contacts.email lookup', 'contacts.phone select'],
    ],
    [
      'POST /crm/v3/objects/contacts',
      { properties: { email: 'a' }, associations: [] },
      'create',
      'create',
      ['contacts.email write'],
    ],
    [
      'PATCH /crm/v3/objects/contacts/1',
      { properties: { email: 'a' } },
      'update',
      'update',
      ['contacts.email write'],
    ],
    [
      'PATCH /crm/v3/objects/contacts/a?idProperty=email',
      { properties: { phone: '1' } },
      'update',
      'update',
      ['contacts.email lookup', 'contacts.phone write'],
    ],
    ['DELETE /crm/v3/objects/contacts/1', undefined, 'delete', 'delete', []],
    [
      'POST /crm/v3/objects/contacts/merge',
      { primaryObjectId: '1', objectIdToMerge: '2' },
      'merge',
      'merge',
      ['contacts.* select'],
    ],
    [
      'POST /crm/v3/objects/contacts/gdpr-delete',
      { objectId: 'a', idProperty: 'email' },
      'gdpr-delete',
      'delete',
      ['contacts.email lookup'],
    ],
    [
      'POST /crm/v3/objects/contacts/batch/read',
      { inputs: [{ id: 'a' }], idProperty: 'email', properties: ['phone'], propertiesWithHistory: ['city'] },
      'batch-read',
      'read',
      ['contacts.phone select', 'contacts.city select', 'contacts.email lookup'],
    ],
    [
      'POST /crm/v3/objects/contacts/batch/create',
      { inputs: [{ properties: { email: 'a' } }] },
      'batch-create',
      'create',
      ['contacts.email write'],
    ],
    [
      'POST /crm/v3/objects/contacts/batch/update',
      batch,
      'batch-update',
      'update',
      ['contacts.email lookup', 'contacts.phone write'],
    ],
    [
      'POST /crm/objects/2026-03/0-1/batch/upsert',
      batch,
      'batch-upsert',
      'update',
      ['contacts.email lookup', 'contacts.phone write'],
    ],
    ['POST /crm/v3/objects/contacts/batch/archive', { inputs: [{ id: '1' }] }, 'batch-archive', 'delete', []],
    ['GET /crm/v4/objects/contacts/1/associations/deals', undefined, 'associations', 'read', []],
    [
      'GET /crm/v3/owners?email=a%40b.example',
      undefined,
      'owners',
      'read',
      ['owners.* select', 'owners.email lookup'],
    ],
    [
      'GET /crm/owners/2026-03/1?idProperty=userId',
      undefined,
      'owner',
      'read',
      ['owners.* select', 'owners.userId lookup'],
    ],
    ['GET /crm/v3/properties/contacts', undefined, 'properties', 'metadata', []],
    ['GET /crm/properties/2026-03/contacts/email', undefined, 'property', 'metadata', []],
    ['GET /crm/v3/pipelines/deals/1/stages', undefined, 'pipeline-stages', 'metadata', []],
    ['GET /account-info/v3/details', undefined, 'account-details', 'metadata', []],
    ['GET /integrations/v1/me', undefined, 'account-details', 'metadata', []],
    ['GET /account-info/v3/api-usage/daily/private-apps', undefined, 'account-usage', 'metadata', []],
    ['GET /properties/v2/contacts/properties', undefined, 'properties', 'metadata', []],
    ['GET /crm-object-schemas/v3/schemas', undefined, 'schemas', 'metadata', []],
    ['POST /oauth/v1/token', undefined, 'oauth-token', 'auth', []],
    ['POST /oauth/2026-03/token', undefined, 'oauth-token', 'auth', []],
    ['POST /oauth/v3/token/introspect', undefined, 'oauth-introspect', 'auth', []],
    ['GET /oauth/v1/access-tokens/secret', undefined, 'oauth-access-token', 'auth', []],
  ])('knows %s', (line, body, route, kind, uses) => {
    const operation = recognised(adapter, line, body);
    expect({ route: operation.route, kind: operation.kind, uses: usesOf(operation) }).toEqual({
      route,
      kind,
      uses,
    });
  });

  it('reads every property a search names, and those it searches without naming them', () => {
    const operation = recognised(adapter, 'POST /crm/objects/2026-03/companies/search', {
      filterGroups: [
        { filters: [{ propertyName: 'domain', operator: 'EQ', value: 'a' }] },
        { filters: [{ propertyName: 'associations.contact', operator: 'EQ', value: '1' }] },
      ],
      sorts: ['-name', { propertyName: 'createdate', direction: 'DESCENDING' }],
      query: 'ana',
      properties: ['phone'],
    });
    expect(operation).toMatchObject({ kind: 'search', objects: ['companies', 'contacts'] });
    expect(usesOf(operation)).toEqual([
      'companies.phone select',
      'companies.domain filter',
      'contacts.hs_object_id filter',
      'companies.name sort',
      'companies.createdate sort',
      ...['website', 'phone', 'name', 'domain', 'hs_additional_domains', 'hs_object_id'].map(
        (name) => `companies.${name} search`,
      ),
    ]);
  });

  it('takes free text on other objects as a search in every property', () => {
    expect(
      usesOf(recognised(adapter, 'POST /crm/v3/objects/cars/search', { query: 'x', properties: [] })),
    ).toEqual(['cars.* search']);
  });

  it.each([
    ['CONTACT', ['companies', 'contacts']],
    ['0-1', ['companies', 'contacts']],
    [
      ['CONTACT', 'DEAL'],
      ['companies', 'contacts', 'deals'],
    ],
    ['COMPANY', ['companies']],
    [null, ['companies']],
  ])('takes an export for one of the records too that it says belong to its own: %j', (type, objects) => {
    const body = { exportType: 'VIEW', objectType: 'COMPANY', associatedObjectType: type };
    expect(recognised(adapter, 'POST /crm/v3/exports/export/async', body).objects).toEqual(objects);
  });

  it('reads no export of records that belong to what is no object', () => {
    const body = { exportType: 'VIEW', objectType: 'COMPANY', associatedObjectType: 7 };
    expect(() => recognised(adapter, 'POST /crm/v3/exports/export/async', body)).toThrow(
      'associatedObjectType',
    );
  });

  it('lets only a clear view make exports, whose files come from another host', () => {
    const operation = recognised(adapter, 'POST /crm/v3/exports/export/async', {
      exportType: 'VIEW',
      objectType: '0-1',
      objectProperties: ['email'],
      publicCrmSearchRequest: {
        filters: [{ propertyName: 'phone', operator: 'EQ', value: '1' }],
        sorts: [],
        query: '',
      },
    });
    expect(operation).toMatchObject({ kind: 'export', objects: ['contacts'], needsClearView: true });
    expect(usesOf(operation)).toEqual(['contacts.email select', 'contacts.phone filter']);
    expect(recognised(adapter, 'GET /crm/exports/2026-03/export/async/tasks/1/status').needsClearView).toBe(
      true,
    );
  });

  it('knows a record id only where the path holds one', () => {
    expect(recognised(adapter, 'GET /crm/v3/objects/contacts/1').recordId).toBe('1');
    expect(recognised(adapter, 'GET /crm/v3/objects/contacts/a?idProperty=email').recordId).toBeUndefined();
  });

  it('says that an upsert may create', () => {
    expect(recognised(adapter, 'POST /crm/v3/objects/contacts/batch/upsert', batch).otherKinds).toEqual([
      'create',
    ]);
  });

  it('refuses a look-up by what is no property name', () => {
    expect(() =>
      adapter.recognise(crmRequest('GET /crm/v3/objects/contacts/a?idProperty="email"'), nothingSealed),
    ).toThrow(expect.objectContaining({ code: 'BODY_UNREADABLE' }));
  });

  it.each([
    'GET /crm/objects/contacts',
    'GET /crm/vX/objects/contacts',
    'GET /crm/v3/objects/contacts?unknown=1',
    'GET /crm/v3/objects/contacts?hapikey=x',
    'GET /crm/v3/objects/contacts/1?idProperty=email&idProperty=phone',
    'POST /crm/v3/imports',
    'GET /contacts/v1/contact/email/a@b.example/profile',
    'GET /contacts/v1/search/query?q=a',
    'GET /engagements/v1/engagements/1',
    'POST /collector/graphql',
    'GET /events/v3/events?objectType=contact',
    'GET /conversations/v3/conversations/threads/1/messages',
    'POST /webhooks/v3/1/subscriptions',
    'POST /automation/v4/flows',
    'GET /crm/v3/timeline/events/1',
    'GET /account-info/v3/activity/audit-logs',
  ])('does not know %s', (line) => {
    expect(adapter.recognise(crmRequest(line), nothingSealed)).toBeUndefined();
  });

  it.each([
    ['a search with a member that is not known', '/search', { where: {} }],
    [
      'a filter with a member that is not known',
      '/search',
      { filterGroups: [{ filters: [{ propertyName: 'a', other: 'email' }] }] },
    ],
    [
      'a filter group with a member that is not known',
      '/search',
      { filterGroups: [{ filters: [], or: [] }] },
    ],
    ['a filter without property', '/search', { filterGroups: [{ filters: [{ operator: 'EQ' }] }] }],
    ['a sort without property', '/search', { sorts: [{}] }],
    ['properties that are no list', '/search', { properties: 'email' }],
    ['duplicate names', '/search', '{"properties":["a"],"properties":["email"]}'],
    ['a batch that is no list', '/batch/read', { inputs: {}, other: 1 }],
    ['a record with a member that is not known', '', { property: [{ property: 'email' }] }],
    ['a property that is an object', '', { properties: { email: { value: 'a' } } }],
    ['a filter by what is no property name', '/search', { filters: [{ propertyName: '"phone"' }] }],
    ['a filter by a name with blanks', '/search', { filters: [{ propertyName: ' phone' }] }],
    ['a filter by a name in other letters', '/search', { filters: [{ propertyName: 'addre\u017f\u017f' }] }],
    [
      'a filter by a property of associated records',
      '/search',
      { filters: [{ propertyName: 'associations.contact.phone' }] },
    ],
    ['a sort with a direction in its name', '/search', { sorts: ['phone DESC'] }],
    ['a sort with two signs', '/search', { sorts: ['--phone'] }],
    ['a sort with a member that is not known', '/search', { sorts: [{ propertyName: 'a', property: 'b' }] }],
    ['a write to what is no property name', '', { properties: { 'email ': 'a' } }],
    ['a look-up by what is no property name', '/batch/read', { inputs: [{ id: 'a' }], idProperty: 'email ' }],
    [
      'a record to read with a member that is not known',
      '/batch/read',
      { inputs: [{ id: '1', idProperty: 'email' }] },
    ],
    ['a batch with a member that is not known', '/batch/update', { inputs: [], idProperty: 'email' }],
    ['an archiving with a member that is not known', '/batch/archive', { inputs: [], idProperty: 'email' }],
    [
      'a record to archive with a member that is not known',
      '/batch/archive',
      { inputs: [{ id: '1', email: 'a' }] },
    ],
    ['an erasure with a member that is not known', '/gdpr-delete', { objectId: 'a', IdProperty: 'email' }],
    ['a merge by what is no id', '/merge', { primaryObjectId: '1', objectIdToMerge: 'ana' }],
    [
      'a merge with a member that is not known',
      '/merge',
      { primaryObjectId: '1', objectIdToMerge: '2', idProperty: 'email' },
    ],
  ])('refuses %s', (_, path, body) => {
    expect(() =>
      adapter.recognise(crmRequest(`POST /crm/v3/objects/contacts${path}`, body), nothingSealed),
    ).toThrow(expect.objectContaining({ code: 'BODY_UNREADABLE' }));
  });
});
