import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import type { RowRule } from '../../../src/model/decision.ts';
import { narrowing, recognised } from '../request.ts';

const adapter = createHubspotAdapter();
const ownRows: RowRule = {
  policy: 'own',
  needs: ['hubspot_owner_id'],
  equals: [{ field: 'hubspot_owner_id', values: ['42'] }],
  holds: () => true,
};
const bodyOf = (operation: { request: { body?: Buffer } }): unknown =>
  JSON.parse(String(operation.request.body));

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
