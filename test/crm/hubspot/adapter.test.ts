import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import { canonicalObject } from '../../../src/crm/hubspot/objects.ts';
import { recognised, usesOf } from '../request.ts';

const adapter = createHubspotAdapter();

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
