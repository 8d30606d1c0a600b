import { type Scene, V59 } from '../fixture.ts';

export const ID = '0035g00000AAAAAAAA';

const ONE = `PATCH ${V59}/sobjects/Contact/${ID}`;

export const MANY = `PATCH ${V59}/composite/sobjects`;

export const HUBSPOT_ONE = 'PATCH /crm/v3/objects/contacts/7';

export const MAPS = `
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email, phone: Phone }
    owner: OwnerId
    country: MailingCountry
    fields:
      FirstName: identity.name
      Birthdate: identity.birthdate
      Created__c: identity.birthdate
      Income__c: financial.income
      Active__c: financial.account
      NIF__c: identity.national-id
      Zip__c: contact.postal-code
      Description: free-text
      LastName: none
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    owner: hubspot_owner_id
    fields: { birthdate: identity.birthdate, income: financial.income }
`;

export const POLICIES = `
policy: support
for: { roles: [support] }
show:
  contact.email: { mask: email }
  contact.phone: { mask: keep-last, keep: 4 }
  identity.name: { mask: initials }
  identity.birthdate: { generalize: year }
  financial.income: { generalize: range, size: 1000 }
  financial.account: "null"
  identity.national-id: remove
  contact.postal-code: { generalize: prefix, keep: 2 }
  free-text: { scan: [email] }
`;

export const CURRENT = {
  Id: ID,
  Email: 'ana@example.com',
  Phone: '+34 600 123 456',
  FirstName: 'Ana María',
  Birthdate: '1985-07-12',
  Created__c: '1985-07-12T10:11:12.000+0000',
  Income__c: 52_340.5,
  Active__c: true,
  NIF__c: '12345678Z',
  Zip__c: '28013',
  Description: 'Write to ana@example.com',
};

export function scene(body: unknown, over: Partial<Scene> = {}): Scene {
  return { policies: POLICIES, maps: MAPS, request: ONE, body, current: [CURRENT], ...over };
}
