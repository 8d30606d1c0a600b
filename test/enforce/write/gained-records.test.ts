import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { findGained } from '../../../src/enforce/write/gained-records.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { decide, operation, principal, snapshotOf } from '../../policy/fixture.ts';
import { contact, ID, PEOPLE_MAPS } from '../people.ts';
import { registryOf } from '../registry.ts';

const POLICIES = `
policy: asked
on: { objects: [Contact] }
require: { consent: marketing.email, otherwise: omit-record }
---
policy: sealed
store: { contact.email: { tokenize: deterministic } }
`;
const TOKEN = `pvt1_${'a'.repeat(26)}`;
const adapter = createSalesforceAdapter(DEFAULT_LIMITS);

describe('a record of which the CRM keeps the token of an address', () => {
  it.each([
    ['whoever has agreed', 'ana@example.com', [ID(3)]],
    ['somebody else', 'eva@example.com', []],
  ])('is gained, or is not, by the token of %s', async (_, value, gained) => {
    const update = operation('update', { objects: ['Contact'] });
    const { view } = decide(snapshotOf(POLICIES, {}, PEOPLE_MAPS), adapter, principal(), update);
    const tools = {
      adapter,
      operation: { ...update, request: { ...update.request, segments: ['services', 'data', 'v59.0'] } },
      view,
      naming: createNaming(adapter, 'crm'),
      consent: registryOf([{ who: { email: 'ana@example.com' }, consent: { 'marketing.email': 'granted' } }]),
      vault: {
        ...guardVault(undefined),
        detokenize: (items: readonly { readonly token: string }[]) =>
          Promise.resolve(
            items.map(({ token }) => (token === TOKEN ? { value } : { failed: 'unknown' as const })),
          ),
      },
      limits: DEFAULT_LIMITS,
      read: () => Promise.resolve([contact(3)]),
    };
    const claims = () => [{ field: 'Email', text: TOKEN }];
    const found = await findGained({ object: 'Contact', values: [ID(3)] }, claims, tools);
    expect(found.values).toEqual(gained);
  });
});
