import { describe, expect, it } from 'vitest';
import type { Narrowing } from '../../../src/crm/adapter.ts';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import { canonicalObject } from '../../../src/crm/hubspot/objects.ts';
import type { RowRule } from '../../../src/model/decision.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createHubspotAdapter();
const ownRows: RowRule = {
  policy: 'own',
  needs: ['hubspot_owner_id'],
  equals: [{ field: 'hubspot_owner_id', values: ['42'] }],
  holds: () => true,
};
const narrowing = (fields: Record<string, string[]>, rows: Record<string, RowRule[]> = {}): Narrowing => ({
  fields: new Map(Object.entries(fields)),
  rows: new Map(Object.entries(rows)),
});
const bodyOf = (operation: { request: { body?: Buffer } }): unknown =>
  JSON.parse(String(operation.request.body));

describe('HubSpot objects', () => {
  it.each([
    ['contacts', 'contacts'],
    ['Contact', 'contacts'],
    ['0-1', 'contacts'],
    ['0-2', 'companies'],
    ['0-3', 'deals'],
    ['0-5', 'tickets'],
    ['p123_car', 'car'],
    ['p_car', 'car'],
    ['P_Contact', 'contacts'],
    ['car', 'car'],
    ['2-123', '*'],
    ['0-9999', '*'],
    ['constructor', 'constructor'],
    ['a b', undefined],
    ['2026-03', undefined],
  ])('calls %s %s', (sent, canonical) => {
    expect(canonicalObject(sent)).toBe(canonical);
  });
});

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

describe('ids of HubSpot records', () => {
  const lookup = ['contacts.* lookup'];

  it.each<[string, string, unknown]>([
    ['a path', 'GET /crm/v3/objects/contacts/ana@example.com?properties=', undefined],
    ['a path with leading zeros', 'GET /crm/v3/objects/contacts/01?properties=', undefined],
    ['a path and an empty property', 'GET /crm/v3/objects/contacts/ana?idProperty=&properties=', undefined],
    ['a path to change', 'PATCH /crm/v3/objects/contacts/ana', { properties: {} }],
    ['a path to delete', 'DELETE /crm/v3/objects/contacts/ana', undefined],
    ['a batch', 'POST /crm/v3/objects/contacts/batch/read', { inputs: [{ id: 'ana' }], properties: [] }],
    ['a batch to archive', 'POST /crm/v3/objects/contacts/batch/archive', { inputs: [{ id: 'ana' }] }],
    ['a batch to change', 'POST /crm/v3/objects/contacts/batch/update', { inputs: [{ id: 'ana' }] }],
    ['an erasure', 'POST /crm/v3/objects/contacts/gdpr-delete', { objectId: 'ana' }],
  ])('are numbers: another text in %s may be a value of any property', (_, line, body) => {
    const operation = recognised(adapter, line, body);
    expect(usesOf(operation)).toEqual(lookup);
    expect(operation.recordId).toBeUndefined();
  });
});

describe('texts of HubSpot', () => {
  it.each([
    ['Contact already exists. Existing ID: 166', 'Contact already exists. Existing ID: [id]'],
    ['Conflicting object ids [166, 17]', 'Conflicting object ids [[id], [id]]'],
    ['Property "address2" does not exist', 'Property "address2" does not exist'],
    ['limit must be at most 100', 'limit must be at most 100'],
  ])('tell of a record that has a value already, but not which: %s', (text, shown) => {
    expect(adapter.withoutIds?.(text)).toBe(shown);
  });
});

const filter = (propertyName: string): object => ({ propertyName, operator: 'EQ', value: '1' });

describe('HubSpot narrowing', () => {
  it('adds properties to a list, with the default ones when there were none', () => {
    const list = recognised(adapter, 'GET /crm/v3/objects/contacts');
    const { operation, added } = adapter.narrow(list, narrowing({ contacts: ['hubspot_owner_id', 'email'] }));
    expect(operation.request.query).toEqual([
      ['properties', 'createdate,email,firstname,hs_object_id,lastmodifieddate,lastname,hubspot_owner_id'],
    ]);
    expect(added).toEqual(new Map([['contacts', ['hubspot_owner_id']]]));
  });

  it('adds nothing where the default properties are not known', () => {
    const list = recognised(adapter, 'GET /crm/v3/objects/cars');
    expect(adapter.narrow(list, narrowing({ cars: ['owner'] })).added.size).toBe(0);
  });

  it('joins repeated parameters into one', () => {
    const list = recognised(
      adapter,
      'GET /crm/v3/objects/contacts?properties=email&limit=1&properties=phone',
    );
    expect(adapter.narrow(list, narrowing({ contacts: ['city'] })).operation.request.query).toEqual([
      ['properties', 'email,phone,city'],
      ['limit', '1'],
    ]);
  });

  it.each([
    ['a list', 'GET /crm/v3/objects/contacts?properties=email', undefined],
    ['a search', 'POST /crm/v3/objects/contacts/search', { properties: ['email'] }],
    ['a batch', 'POST /crm/v3/objects/contacts/batch/read', { inputs: [], properties: ['email'] }],
  ])('does not count the id as added to %s, as HubSpot tells it in any case', (_, line, body) => {
    const narrowed = adapter.narrow(
      recognised(adapter, line, body),
      narrowing({ contacts: ['hs_object_id', 'city'] }),
    );
    expect(narrowed.added).toEqual(new Map([['contacts', ['city']]]));
  });

  it('adds properties to a batch', () => {
    const read = recognised(adapter, 'POST /crm/v3/objects/contacts/batch/read', {
      inputs: [],
      properties: ['email'],
    });
    expect(bodyOf(adapter.narrow(read, narrowing({ contacts: ['city'] })).operation)).toEqual({
      inputs: [],
      properties: ['email', 'city'],
    });
  });

  const own = { propertyName: 'hubspot_owner_id', operator: 'EQ', value: '42' };

  it('adds row conditions to every group of a search, as groups are alternatives', () => {
    const search = recognised(adapter, 'POST /crm/v3/objects/contacts/search', {
      filterGroups: [{ filters: [filter('city')] }, { filters: [filter('state')] }],
      properties: ['email'],
    });
    const narrowed = adapter.narrow(search, narrowing({ contacts: ['country'] }, { contacts: [ownRows] }));
    expect(bodyOf(narrowed.operation)).toEqual({
      filterGroups: [{ filters: [filter('city'), own] }, { filters: [filter('state'), own] }],
      properties: ['email', 'country'],
    });
    expect(narrowed.rowsPushed).toBe(true);
  });

  it('adds a group to a search without one', () => {
    const search = recognised(adapter, 'POST /crm/v3/objects/contacts/search', { properties: ['email'] });
    const narrowed = adapter.narrow(search, narrowing({}, { contacts: [ownRows] }));
    expect(bodyOf(narrowed.operation)).toEqual({ filterGroups: [{ filters: [own] }], properties: ['email'] });
  });

  it.each([
    ['a full group', [{ filters: Array.from({ length: 6 }, () => filter('city')) }]],
    [
      'full groups together',
      Array.from({ length: 5 }, () => ({ filters: [filter('a'), filter('b'), filter('c')] })),
    ],
  ])('does not count rows as pushed with %s', (_, filterGroups) => {
    const search = recognised(adapter, 'POST /crm/v3/objects/contacts/search', {
      filterGroups,
      properties: [],
    });
    const narrowed = adapter.narrow(search, narrowing({}, { contacts: [ownRows] }));
    expect(narrowed.rowsPushed).toBe(false);
    expect(bodyOf(narrowed.operation)).toEqual({ filterGroups, properties: [] });
  });

  it('does not count rows as pushed for values that HubSpot compares without case, or in lists', () => {
    const rows = { contacts: [{ ...ownRows, equals: [{ field: 'country', values: ['de'] }] }] };
    const search = recognised(adapter, 'POST /crm/v3/objects/contacts/search', { properties: [] });
    expect(adapter.narrow(search, narrowing({}, rows)).rowsPushed).toBe(false);
    expect(
      adapter.narrow(recognised(adapter, 'GET /crm/v3/objects/contacts'), narrowing({}, rows)).rowsPushed,
    ).toBe(false);
  });
});

describe('HubSpot current values', () => {
  it('reads the record an update names', () => {
    const update = recognised(adapter, 'PATCH /crm/v3/objects/contacts/1', { properties: { email: 'a' } });
    const read = adapter.readCurrent(update, 'contacts', ['1'], ['email', 'phone']);
    expect(read?.request).toMatchObject({
      method: 'GET',
      path: '/crm/v3/objects/contacts/1',
      query: [['properties', 'email,phone']],
    });
    expect(read?.values({ id: '1', properties: { email: 'a', phone: null } })).toEqual(
      new Map([
        [
          '1',
          new Map([
            ['email', 'a'],
            ['phone', null],
          ]),
        ],
      ]),
    );
  });

  it('reads the records of a batch', () => {
    const update = recognised(adapter, 'POST /crm/objects/2026-03/contacts/batch/update', {
      inputs: [{ id: '1', properties: { email: 'a' } }],
    });
    const read = adapter.readCurrent(update, 'contacts', ['1'], ['email']);
    expect(read?.request).toMatchObject({ method: 'POST', path: '/crm/objects/2026-03/contacts/batch/read' });
    expect(JSON.parse(String(read?.request.body))).toEqual({ inputs: [{ id: '1' }], properties: ['email'] });
    expect(read?.values({ results: [{ id: '1', properties: { email: 'b' } }] })).toEqual(
      new Map([['1', new Map([['email', 'b']])]]),
    );
  });

  it('cannot read them for records that are looked up by value', () => {
    const one = recognised(adapter, 'PATCH /crm/v3/objects/contacts/a?idProperty=email', { properties: {} });
    const many = recognised(adapter, 'POST /crm/v3/objects/contacts/batch/update', {
      inputs: [{ id: 'a', idProperty: 'email' }],
    });
    expect(adapter.readCurrent(one, 'contacts', ['a'], ['email'])).toBeUndefined();
    expect(adapter.readCurrent(many, 'contacts', ['a'], ['email'])).toBeUndefined();
  });
});

describe('HubSpot answers of its own', () => {
  it('denies in the shape its SDKs read', () => {
    expect(JSON.parse(adapter.errorBody(403, { policy: 'p', message: 'No.' }, '', 'r1').body)).toEqual({
      status: 'error',
      message: 'No.',
      correlationId: 'r1',
      category: 'MISSING_SCOPES',
      context: { policy: ['p'] },
    });
  });

  it.each([
    [401, 'INVALID_AUTHENTICATION'],
    [404, 'OBJECT_NOT_FOUND'],
    [429, 'RATE_LIMITS'],
    [502, 'INTERNAL_ERROR'],
  ])('names the category that HubSpot gives with %i', (status, category) => {
    const { body } = adapter.errorBody(status, { policy: 'p', message: 'No.' }, '', 'r1');
    expect(JSON.parse(body)).toMatchObject({ category });
  });

  it('asks whose a token is', () => {
    expect(adapter.whoAmI?.request('a/b').path).toBe('/oauth/v1/access-tokens/a%2Fb');
    expect(adapter.whoAmI?.parse({ user_id: 42, scopes: ['crm.objects.contacts.read'] })).toEqual({
      id: '42',
      groups: ['crm.objects.contacts.read'],
    });
    expect(adapter.whoAmI?.parse({ message: 'x' })).toBeUndefined();
  });
});
