import { describe, expect, it } from 'vitest';
import { compoundsOf, repeatedIn } from '../../../src/crm/salesforce/fields.ts';

describe('the compound field that a field is a part of', () => {
  it.each([
    ['LastName', 'Name'],
    ['MailingStreet', 'MailingAddress'],
    ['PersonOtherPostalCode', 'PersonOtherAddress'],
    ['billingcountrycode', 'billingAddress'],
    ['City', 'Address'],
    ['Home__City__s', 'Home__c'],
    ['acme__Home__Latitude__s', 'acme__Home__c'],
    ['Salutation', undefined],
    ['Email', undefined],
    ['Home__c', undefined],
    ['City__c', undefined],
    ['Home__Other__s', undefined],
  ])('%s: %s', (field, compound) => {
    expect(compoundsOf(field)).toEqual(compound === undefined ? [] : [compound]);
  });
});

describe('where a field is repeated in person accounts', () => {
  it.each([
    ['Contact', 'NIF__c', { object: 'Account', field: 'NIF__pc' }],
    ['contact', 'acme__NIF__C', { object: 'Account', field: 'acme__NIF__pc' }],
    ['Contact', 'Email', undefined],
    ['Lead', 'NIF__c', undefined],
  ])('%s.%s', (object, field, place) => {
    expect(repeatedIn(object, field)).toEqual(place);
  });
});
