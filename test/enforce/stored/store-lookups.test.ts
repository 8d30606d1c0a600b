import { describe, expect, it } from 'vitest';
import { guardVault, type VaultAccess } from '../../../src/enforce/stored/vault-access.ts';
import { play, type Scene, V59 } from '../fixture.ts';

const MAPS = `
dataMap: salesforce
objects:
  Contact: { fields: { Key__c: identity.account } }
---
dataMap: hubspot
objects:
  contacts: { fields: { key: identity.account } }
`;
const POLICIES = `policy: keys-are-kept
store: { Key__c: { tokenize: deterministic }, key: { tokenize: deterministic } }
`;
const OTHER = { Key__c: 'other' };

describe('the token of a value that a write looks a record up by', () => {
  const upsert = { records: [{ attributes: { type: 'Contact' }, Key__c: 'own' }] };
  const input = { id: 'own', idProperty: 'key', properties: {} };

  it.each<[string, Scene['crm'], string, unknown, string[], string[]]>([
    [
      'of the record that it makes',
      'salesforce',
      `PATCH ${V59}/sobjects/Contact/Key__c/own`,
      {},
      ['own'],
      [],
    ],
    [
      'of each in a batch',
      'hubspot',
      'POST /crm/v3/objects/contacts/batch/upsert',
      { inputs: [input] },
      ['own'],
      [],
    ],
    ['that is written', 'salesforce', `PATCH ${V59}/composite/sobjects/Contact/Key__c`, upsert, ['own'], []],
    [
      'of a related record',
      'salesforce',
      `POST ${V59}/sobjects/Contact`,
      { ReportsTo: OTHER },
      [],
      ['other'],
    ],
    [
      'of both',
      'salesforce',
      `PATCH ${V59}/sobjects/Contact/Key__c/own`,
      { ReportsTo: OTHER },
      ['own'],
      ['other'],
    ],
    [
      'of a record that must be there',
      'hubspot',
      'PATCH /crm/v3/objects/contacts/own?idProperty=key',
      { properties: { city: 'x' } },
      [],
      ['own'],
    ],
    [
      'of those that must be there',
      'hubspot',
      'POST /crm/v3/objects/contacts/batch/update',
      { inputs: [input] },
      [],
      ['own'],
    ],
  ])(
    'is issued where the record may be made, once for each: %s',
    async (_, crm, request, body, issued, found) => {
      const calls = { issued: [] as string[], found: [] as string[] };
      const tokenOf = (value: string): string => `pvt1_${value.padEnd(26, 'a')}`;
      const vault: VaultAccess = {
        ...guardVault(undefined),
        tokenize: async (items) => {
          calls.issued.push(...items.map(({ value }) => value));
          return items.map(({ value }) => ({
            token: tokenOf(value),
            use: { record: value, holder: 'a', mark: undefined },
          }));
        },
        lookUp: async (items) => {
          calls.found.push(...items.map(({ value }) => value));
          return items.map(({ value }) => [tokenOf(value)]);
        },
      };
      const { target, text: sent } = await play({
        ...(crm === undefined ? {} : { crm }),
        maps: MAPS,
        policies: POLICIES,
        request,
        body,
        vault,
      });
      expect(calls).toEqual({ issued, found });
      const text = `${target} ${sent}`;
      for (const value of [...issued, ...found]) expect(text).toContain(tokenOf(value));
      expect(text).not.toMatch(/"(?:own|other)"|\/own\b/);
    },
  );
});
