import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import { recognised } from '../request.ts';

const adapter = createHubspotAdapter();

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
