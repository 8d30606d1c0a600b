import { AssociationTypes } from '@hubspot/api-client';
import { describe, expect, it } from 'vitest';
import { objectOfAssociation } from '../../../src/crm/hubspot/association-types.ts';
import { belongingOf } from '../../../src/crm/hubspot/belonging.ts';

const type = (associationTypeId: unknown, associationCategory = 'HUBSPOT_DEFINED') => ({
  associationCategory,
  associationTypeId,
});

describe('what a new record in HubSpot belongs to', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, []],
    ['a contact', [{ to: { id: '7' }, types: [type(202)] }], [{ id: '7', object: 'contacts' }]],
    ['a contact by number', [{ to: { id: 7 }, types: [type(16)] }], [{ id: '7', object: 'contacts' }]],
    ['a label of the account', [{ to: { id: '7' }, types: [type(202, 'USER_DEFINED')] }], [{ id: '7' }]],
    ['a type as text', [{ to: { id: '7' }, types: [type('202')] }], [{ id: '7' }]],
    ['no type', [{ to: { id: '7' } }], [{ id: '7' }]],
    [
      'two types',
      [{ to: { id: '7' }, types: [type(202), type(36, 'USER_DEFINED')] }],
      [{ id: '7', object: 'contacts' }, { id: '7' }],
    ],
  ])('is told: %s', (_, associations, expected) => {
    expect(belongingOf({ associations }, true)).toEqual(expected);
  });

  it.each<[string, unknown, boolean]>([
    ['a record that is there', [{ to: { id: '7' }, types: [] }], false],
    ['what is no list', { to: { id: '7' } }, true],
    ['a record without an id', [{ to: {}, types: [] }], true],
    ['an address in place of an id', [{ to: { id: 'ana@example.com' }, types: [] }], true],
    ['a member that is not known', [{ to: { id: '7' }, types: [], toObjectType: 'contacts' }], true],
  ])('is refused of %s', (_, associations, isNew) => {
    expect(() => belongingOf({ associations }, isNew)).toThrow('Body: ');
  });

  it('is of the object that HubSpot’s SDK names', () => {
    const named = Object.entries(AssociationTypes).flatMap(([name, id]) => {
      const [, end] = /To(?:Child|Parent)?(Contact|Company|Deal|Ticket)$/.exec(name) ?? [];
      return end === undefined || typeof id !== 'number' ? [] : [[name, end, id] as const];
    });
    const PLURALS = { Contact: 'contacts', Company: 'companies', Deal: 'deals', Ticket: 'tickets' };
    const wrong = named.filter(
      ([, end, id]) => objectOfAssociation('HUBSPOT_DEFINED', id) !== PLURALS[end as keyof typeof PLURALS],
    );
    expect([named.length > 50, wrong]).toEqual([true, []]);
  });
});
