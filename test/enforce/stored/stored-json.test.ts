import { describe, expect, it } from 'vitest';
import { storedIn } from '../../../src/enforce/stored/stored-json.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf } from '../../policy/fixture.ts';

const snapshot = snapshotOf(`policy: kept
store:
  identity.national-id: { tokenize: deterministic }
`);
const { view } = decide(snapshot, SALESFORCE, principal(), operation('create'));
const found = (text: string): string | undefined =>
  storedIn(text, { view, names: new NameTable(100), limits: DEFAULT_LIMITS })?.field;

const TOKEN = `pvt1_${'a'.repeat(26)}`;

describe('the value of a stored field in a text that is JSON', () => {
  it.each([
    ['{"NIF__c":"12345678Z"}'],
    ['{"nif__C":12345678}'],
    ['[{"a":[{"NIF__c":"12345678Z"}]}]'],
    ['{"NIF__c":{"value":"12345678Z"}}'],
    ['{"NIF__c":["12345678Z"]}'],
    ['{"\\u004eIF__c":"12345678Z"}'],
    ['{"NIF__c":"12345678Z","NIF__c":null}'],
    [JSON.stringify({ payload: JSON.stringify({ NIF__c: '12345678Z' }) })],
    [JSON.stringify([JSON.stringify({ NIF__c: '12345678Z' })])],
    [JSON.stringify(JSON.stringify({ NIF__c: '12345678Z' }))],
    ['{"NIF__c":"12345'],
    ['{"a":1} and {"NIF__c":"12345678Z"}'],
  ])('is found: %s', (text) => {
    expect(found(text)?.toLowerCase()).toBe('nif__c');
  });

  it.each([
    ['{"NIF__c":null}'],
    ['{"NIF__c":""}'],
    [`{"NIF__c":"${TOKEN}"}`],
    ['{"other":"12345678Z"}'],
    ['{"other":"NIF__c"}'],
    ['{"cut":"off'],
    ['NIF__c: 12345678Z'],
    [''],
  ])('is not there: %s', (text) => {
    expect(found(text)).toBeUndefined();
  });
});
