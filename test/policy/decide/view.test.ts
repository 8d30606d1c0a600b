import { describe, expect, it } from 'vitest';
import { derivedFrom } from '../../../src/crm/hubspot/properties.ts';
import { compoundsOf, repeatedIn } from '../../../src/crm/salesforce/fields.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { OperationKind } from '../../../src/model/operation.ts';
import { decide, HUBSPOT, operation, principal, SALESFORCE, snapshotOf } from '../fixture.ts';

const MASKED = `
policy: support-sees-no-contact-details
for: { roles: [support], except: { roles: [privacy-officer] } }
on: { objects: [Contact, Lead, contacts] }
show:
  contact.email: { mask: email }
  contact.phone: { mask: keep-last, keep: 4 }
  identity.national-id: remove
`;

describe('views', () => {
  const snapshot = snapshotOf(
    `${MASKED}---\npolicy: own\nfor: { roles: [sales-rep] }\non: { objects: [Contact] }\nrows: record.owner == principal.crmUserId\n`,
  );
  const viewOf = (over: object, kind: OperationKind = 'read') =>
    decide(snapshot, SALESFORCE, principal(over), operation(kind)).view;

  it('are one object for one class of principals and operation', () => {
    expect(viewOf({ id: 'a', roles: ['support', 'x'] })).toBe(viewOf({ id: 'a', roles: ['x', 'support'] }));
    expect(viewOf({})).toBe(viewOf({}, 'update'));
  });

  it('have ids that tell apart what differs, and the same id for the same', () => {
    const masked = viewOf({}).id;
    expect(masked).toMatch(/^[0-9a-f]{16}$/);
    expect(viewOf({ roles: ['support', 'other'] }).id).toBe(masked);
    expect(viewOf({ roles: [] }).id).not.toBe(masked);
    const [a, b] = [
      viewOf({ roles: ['sales-rep'], crmUserId: '1' }),
      viewOf({ roles: ['sales-rep'], crmUserId: '2' }),
    ];
    expect(a.id).not.toBe(b.id);
  });

  it('know the data subject’s id field', () => {
    expect(viewOf({}).of('Contact').dataSubjectId).toBe('Id');
    expect(viewOf({}).of('Account').dataSubjectId).toBeUndefined();
  });

  it('stay right when more are asked for than are remembered', () => {
    const small = snapshotOf(MASKED, { limits: { ...DEFAULT_LIMITS, viewCacheMax: 2 } });
    for (let round = 0; round < 10; round++) {
      for (const role of ['support', 'sales', 'privacy-officer']) {
        const { view } = decide(small, SALESFORCE, principal({ roles: [role] }), operation('read'));
        expect(view.isClear).toBe(role !== 'support');
      }
    }
  });

  it('are not mixed up by object names that look like lists', () => {
    const policies = snapshotOf('policy: p\non: { objects: [Contact] }\ndeny: No.\n');
    const denied = (objects: string[]) =>
      decide(policies, SALESFORCE, principal(), operation('read', { objects })).denial !== undefined;
    expect([
      denied(['["Account","Contact"]']),
      denied(['Account', 'Contact']),
      denied(['["Account","Contact"]']),
    ]).toEqual([false, true, false]);
  });
});

it.each([
  ['document', { kind: 'redact' }],
  ['document.medical', { kind: 'redact' }],
  ['free-text', { kind: 'scan', find: ['email'] }],
])('a scan of free text, of a field that is %s as well, is %j', (category, treatment) => {
  const maps = `
dataMap: salesforce
objects: { ContentVersion: { fields: { VersionData: ${category === 'free-text' ? category : `[${category}, free-text]`} } } }
`;
  const snapshot = snapshotOf('policy: searches\nshow: { free-text: { scan: [email] } }', {}, maps);
  const { view } = decide(snapshot, SALESFORCE, principal(), operation('read'));
  expect(view.of('ContentVersion').field('VersionData')?.treatment).toEqual(treatment);
});

describe('a compound field and its parts', () => {
  const maps = `
dataMap: salesforce
objects:
  Contact:
    fields:
      Name: identity.name
      LastName: identity.name
      MailingAddress: contact.address
      MailingCity: contact.address
      MailingCountry: contact.country
      Home__c: contact.address
      Home__City__s: none
`;
  const shown = (show: string, field: string, object = 'Contact', options = {}): unknown => {
    const snapshot = snapshotOf(`policy: p\nshow: { ${show} }\n`, options, maps);
    const crm = { ...SALESFORCE, compoundsOf };
    return decide(snapshot, crm, principal(), operation('read')).view.of(object).field(field)?.treatment.kind;
  };
  const crms = { crms: [{ ...SALESFORCE, compoundsOf }, HUBSPOT] };

  it.each([
    ['a part that no data map names', 'contact.address: remove', 'Home__Street__s', 'remove'],
    ['in any case', 'Home__c: redact', 'home__latitude__S', 'redact'],
    ['a part of a standard field', 'MailingAddress: redact', 'MailingStateCode', 'redact'],
    ['a part that a data map says is not personal', 'contact.address: remove', 'Home__City__s', undefined],
    ['a part that a data map calls something else', 'contact.address: remove', 'MailingCountry', undefined],
    ['a compound of which a part is hidden', 'contact.country: redact', 'MailingAddress', 'redact'],
    ['a compound of which a part is hidden by its name', 'LastName: { mask: initials }', 'Name', 'mask'],
    ['other parts of it', 'contact.country: redact', 'MailingStreet', undefined],
    ['other fields', 'Home__c: redact', 'Home__Street__c', undefined],
  ])('%s', (_, show, field, kind) => {
    expect(shown(show, field, 'Contact', crms)).toBe(kind);
  });

  it('hold where nobody knows what a record is', () => {
    expect(shown('contact.address: remove', 'Home__Street__s', '*', crms)).toBe('remove');
    expect(shown('contact.country: redact', 'MailingAddress', '*', crms)).toBe('redact');
  });

  it('are classified together', () => {
    const posture = { ...crms, unclassifiedField: 'redact' as const };
    expect(shown('contact.country: remove', 'Home__Street__s', 'Contact', posture)).toBeUndefined();
    expect(shown('contact.country: remove', 'Away__Street__s', 'Contact', posture)).toBe('redact');
  });

  it('refuse to be filtered by together', () => {
    const asked = operation('read', {
      uses: [{ object: 'Contact', field: 'Home__PostalCode__s', position: 'filter' }],
    });
    const snapshot = snapshotOf('policy: p\nshow: { contact.address: redact }\n', crms, maps);
    expect(decide(snapshot, { ...SALESFORCE, compoundsOf }, principal(), asked).denial?.policy).toBe('p');
  });
});

describe('what HubSpot derives from a property', () => {
  const crm = { ...HUBSPOT, compoundsOf: derivedFrom };
  const snapshot = snapshotOf('policy: p\non: { objects: [contacts] }\nshow: { email: redact }\n', {
    crms: [SALESFORCE, crm],
  });

  it.each([
    ['hs_email_domain', 'redact'],
    ['hs_full_name_or_email', 'redact'],
    ['hs_calculated_phone_number', undefined],
  ])('is hidden with it: %s', (property, kind) => {
    const { view } = decide(snapshot, crm, principal(), operation('read', { objects: ['contacts'] }));
    expect(view.of('contacts').field(property)?.treatment.kind).toBe(kind);
  });
});

describe('custom fields of contacts in person accounts', () => {
  const crm = { ...SALESFORCE, repeatedIn };
  const maps = (account: string) => `
dataMap: salesforce
objects:
  Contact: { fields: { NIF__c: identity.national-id, Score__c: none, Email: contact.email } }
  Account: ${account}
`;
  const shown = (account: string, field: string): unknown => {
    const policies = 'policy: p\nshow: { identity.*: remove, contact.*: redact }\n';
    const snapshot = snapshotOf(policies, { crms: [crm, HUBSPOT] }, maps(account));
    return decide(snapshot, crm, principal(), operation('read')).view.of('Account').field(field)?.treatment
      .kind;
  };
  const person = 'dataSubject: { id: Id }';

  it.each([
    ['are what they are on contacts', `{ ${person} }`, 'NIF__pc', 'remove'],
    ['in any case', `{ ${person} }`, 'nif__PC', 'remove'],
    ['unless a data map says otherwise', `{ ${person}, fields: { NIF__pc: none } }`, 'NIF__pc', undefined],
    ['not where accounts are no people', '{ owner: OwnerId }', 'NIF__pc', undefined],
    ['which standard fields are not', `{ ${person} }`, 'Email', undefined],
  ])('%s', (_, account, field, kind) => {
    expect(shown(account, field)).toBe(kind);
  });

  it('are treated, and kept as tokens, by a policy that names the field of contacts', () => {
    const policies = 'policy: p\nshow: { NIF__c: remove }\nstore: { NIF__c: { tokenize: deterministic } }\n';
    const snapshot = snapshotOf(policies, { crms: [crm, HUBSPOT] }, maps(`{ ${person} }`));
    const account = decide(snapshot, crm, principal(), operation('read')).view.of('Account');
    expect(account.field('NIF__pc')?.treatment.kind).toBe('remove');
    expect(account.stored?.('NIF__pc')).toMatchObject({ domain: 'identity.national-id' });
  });
});
