import { describe, expect, it } from 'vitest';
import { reportedName } from '../../../src/enforce/record/field-name.ts';

describe('the name of a field in the audit trail', () => {
  it.each([
    'Email',
    'Account.Owner.Name',
    'hs_object_id',
    'NIF__c',
    'Mailing Street',
    'correo_électrónico',
    '$ref',
  ])('is %s', (name) => {
    expect(reportedName(name, '*')).toBe(name);
  });

  it.each(['ana@customer.example', '+34612345678', '612345678', '4111 1111 1111 1111', '"Ana"', ''])(
    'is not the value %j',
    (name) => {
      expect(reportedName(name, '*')).toBe('*');
    },
  );
});
