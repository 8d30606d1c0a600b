import { describe, expect, it } from 'vitest';
import type { FieldUse } from '../../../src/model/operation.ts';
import { decide, HUBSPOT, operation, principal, SALESFORCE, snapshotOf } from '../fixture.ts';

const KEPT = `
policy: kept
store: { identity.national-id: { tokenize: deterministic }, identity.birthdate: { tokenize: random } }
---
policy: masked
for: { roles: [support] }
show: { identity.national-id: { mask: keep-last, keep: 3 } }
`;

function decided(roles: readonly string[], uses: readonly FieldUse[] = [], crm = SALESFORCE) {
  return decide(snapshotOf(KEPT), crm, principal({ roles }), operation('search', { uses }));
}

describe('a field of which the CRM keeps tokens', () => {
  it('is known by name, whatever its case where the CRM ignores it, with a domain that all CRMs share', () => {
    const stored = {
      form: { kind: 'deterministic' },
      domain: 'identity.national-id',
      policies: ['kept'],
    };
    const { view } = decided([]);
    expect(view.of('contact').stored?.('nif__C')).toEqual(stored);
    expect(view.of('Lead').stored?.('NIF__c')).toBeUndefined();
    expect(decided([], [], HUBSPOT).view.of('contacts').stored?.('nif')).toEqual(stored);
    expect(view.of('*').stored?.('NIF__c')).toEqual(stored);
  });

  it('leaves the view clear, but not as it is', () => {
    expect(decided([]).view).toMatchObject({ isClear: true, reveals: true });
    expect(decided(['support']).view).toMatchObject({ isClear: false, reveals: true });
    expect(
      decide(
        snapshotOf('policy: p\ndeny: no\non: { operations: [merge] }'),
        SALESFORCE,
        principal(),
        operation('read'),
      ).view.reveals,
    ).toBe(false);
  });

  it('gives views of their own', () => {
    const without = snapshotOf(KEPT.split('---')[1] ?? '');
    const { view } = decide(without, SALESFORCE, principal(), operation('search'));
    expect(view.id).not.toBe(decided(['support']).view.id);
  });

  const equals = ['12345678Z'];
  it.each<[string, Omit<FieldUse, 'object'>, boolean]>([
    ['compared for equality', { field: 'NIF__c', position: 'filter', equals }, true],
    ['asked for any value', { field: 'NIF__c', position: 'filter', equals: [] }, true],
    ['asked for any value, of random tokens', { field: 'Birthdate', position: 'filter', equals: [] }, true],
    [
      'looked up in an upload, of random tokens',
      { field: 'Birthdate', position: 'lookup', equals: [] },
      false,
    ],
    ['looked up by', { field: 'NIF__c', position: 'lookup', equals }, true],
    ['selected', { field: 'NIF__c', position: 'select' }, true],
    ['written', { field: 'NIF__c', position: 'write' }, true],
    ['compared otherwise', { field: 'NIF__c', position: 'filter' }, false],
    ['sorted by', { field: 'NIF__c', position: 'sort' }, false],
    ['grouped by', { field: 'NIF__c', position: 'group' }, false],
    ['searched among all', { field: '*', position: 'search' }, false],
    ['compared, of random tokens', { field: 'Birthdate', position: 'filter', equals: ['1999-01-01'] }, false],
  ])('may be %s or not, by whoever sees the value', (_, use, isAllowed) => {
    const { denial } = decided([], [{ object: 'Contact', ...use }]);
    expect(denial === undefined).toBe(isAllowed);
    if (!isAllowed)
      expect(denial).toMatchObject({ policy: 'kept', message: expect.stringContaining('tokens of') });
  });

  it('is no oracle for those who do not see the value', () => {
    const { denial } = decided(
      ['support'],
      [{ object: 'Contact', field: 'NIF__c', position: 'filter', equals }],
    );
    expect(denial).toMatchObject({ policy: 'masked' });
  });
});
