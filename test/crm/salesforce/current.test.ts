import { describe, expect, it } from 'vitest';
import { recognised } from '../request.ts';
import { adapter, ID, V } from './requests.ts';

describe('Salesforce current values', () => {
  it('reads the records an update names in one request', () => {
    const update = recognised(adapter, `PATCH ${V}/sobjects/Contact/${ID}`, { Email: 'a' });
    const read = adapter.readCurrent(update, 'Contact', [ID.slice(0, 15)], ['email']);
    expect(read?.request).toMatchObject({
      method: 'GET',
      path: `${V}/composite/sobjects/Contact`,
      query: [
        ['ids', ID.slice(0, 15)],
        ['fields', 'Id,email'],
      ],
    });
    expect(read?.values([{ attributes: {}, Id: ID, Email: 'ana@example.com' }, null])).toEqual(
      new Map([[ID.slice(0, 15), new Map([['email', 'ana@example.com']])]]),
    );
  });

  it('cannot read them for a record that is looked up by value', () => {
    const upsert = recognised(adapter, `PATCH ${V}/sobjects/Contact/Ext__c/1`, { Email: 'a' });
    expect(adapter.readCurrent(upsert, 'Contact', ['1'], ['Email'])).toBeUndefined();
  });
});
