import type { ConsentState } from '../../src/model/consent.ts';
import { V59 } from './fixture.ts';
import type { Said } from './registry.ts';

/** A company whose contacts are people, in both CRMs. */
export const PEOPLE_MAPS = `
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email, phone: Phone }
    consent: { marketing.email: { field: HasOptedOutOfEmail, granted: false } }
    fields: { Email: contact.email, Phone: contact.phone, LastName: identity.name }
  Lead:
    dataSubject: { id: Id, email: Email }
    fields: { Email: contact.email }
  Account: { fields: { Name: none } }
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email, phone: phone }
    consent: { marketing.email: { field: agreed, granted: true } }
    fields: { email: contact.email, phone: contact.phone, firstname: identity.name }
`;

/** 18 characters, like every id that an answer holds. */
export const ID = (index: number): string => `0030000000000${String(index).padStart(2, '0')}AAA`;

/** A contact of Salesforce; its own field says nothing unless it is given. */
export function contact(index: number, over: Readonly<Record<string, unknown>> = {}) {
  return {
    attributes: { type: 'Contact', url: `${V59}/sobjects/Contact/${ID(index)}` },
    Id: ID(index),
    Email: `p${index}@example.com`,
    Phone: null,
    HasOptedOutOfEmail: null,
    ...over,
  };
}

export function page(records: readonly unknown[], total = records.length) {
  return { totalSize: total, done: true, records };
}

/** What the contact has said of marketing by e-mail. */
export const said = (index: number, state: ConsentState, over: Partial<Said> = {}): Said => ({
  who: { record: `crm::${ID(index)}` },
  consent: { 'marketing.email': state },
  ...over,
});

export const restricted = (index: number): Said => ({
  who: { record: `crm::${ID(index)}` },
  restricted: true,
});
