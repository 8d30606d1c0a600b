import { describe, expect, it } from 'vitest';
import { compoundsOf } from '../../../src/crm/salesforce/fields.ts';
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

describe('a field that a policy with store names', () => {
  const { view } = decide(
    snapshotOf('policy: kept\nstore: { NIF__c: { tokenize: deterministic } }'),
    SALESFORCE,
    principal(),
    operation('update'),
  );

  it.each([['Lead'], ['Account'], ['Invoice__c'], ['*']])(
    'is kept as tokens in %s too, which no data map says to have it, and equal values have equal ones',
    (object) => {
      expect(view.of(object).stored?.('nif__c')).toEqual(view.of('Contact').stored?.('NIF__c'));
      expect(view.of(object).stored?.('nif__c')).toMatchObject({ domain: 'identity.national-id' });
    },
  );

  it('is not, where the policy is about other objects', () => {
    const policy = 'policy: kept\non: { objects: [Contact] }\nstore: { NIF__c: { tokenize: deterministic } }';
    const { view: other } = decide(snapshotOf(policy), SALESFORCE, principal(), operation('update'));
    expect(other.of('Contact').stored?.('NIF__c')).toBeDefined();
    for (const object of ['Lead', 'Invoice__c']) expect(other.of(object).stored?.('NIF__c')).toBeUndefined();
  });

  it('does not keep other objects from being searched', () => {
    const uses: FieldUse[] = [{ object: 'Account', field: '*', position: 'search' }];
    const snapshot = snapshotOf('policy: kept\nstore: { NIF__c: { tokenize: deterministic } }');
    expect(decide(snapshot, SALESFORCE, principal(), operation('search', { uses })).denial).toBeUndefined();
  });
});

describe('parts of a compound field of which the CRM keeps tokens', () => {
  const crm = { ...SALESFORCE, compoundsOf };
  const maps = `
dataMap: salesforce
objects:
  Contact:
    fields:
      Home__c: contact.address
      Home__City__s: none
      MailingStreet: contact.address
      MailingAddress: contact.country
`;
  const snapshot = snapshotOf(
    'policy: kept\nstore: { contact.address: { tokenize: deterministic } }',
    { crms: [crm] },
    maps,
  );
  const { view } = decide(snapshot, crm, principal(), operation('update'));

  it.each([
    ['Home__Street__s', true],
    ['home__countrycode__S', true],
    ['Home__City__s', false],
    ['MailingCity', false],
    ['Away__Street__s', false],
  ])('are kept as tokens, unless a data map says otherwise: %s', (field, isKept) => {
    expect(view.of('Contact').stored?.(field) !== undefined).toBe(isKept);
  });

  it('are not found by the whole', () => {
    const uses: FieldUse[] = [
      { object: 'Contact', field: 'MailingAddress', position: 'filter', equals: ['Calle Mayor 1'] },
    ];
    const { denial } = decide(snapshot, crm, principal(), operation('search', { uses }));
    expect(denial).toMatchObject({ policy: 'kept', message: expect.stringContaining('tokens of') });
  });
});
