import { describe, expect, it } from 'vitest';
import type { RowRule } from '../../../src/model/decision.ts';
import type { FieldPosition, Operation } from '../../../src/model/operation.ts';
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

function seen(policies: string, field: string, object = 'Contact', roles = ['support']): unknown {
  const decision = decide(snapshotOf(policies), SALESFORCE, principal({ roles }), operation('read'));
  return decision.view.of(object).field(field)?.treatment;
}

describe('who a policy is for', () => {
  it.each([
    ['nobody named', '', {}, true],
    ['a role held', 'for: { roles: [support, sales] }', {}, true],
    ['a role not held', 'for: { roles: [sales] }', {}, false],
    ['every key must match', 'for: { roles: [support], regions: [EU] }', { region: 'US' }, false],
    ['every key matches', 'for: { roles: [support], regions: [EU] }', { region: 'EU' }, true],
    ['an unknown region is in no region', 'for: { regions: [EU] }', {}, false],
    ['an unknown region is not excepted', 'for: { except: { regions: [EU] } }', {}, true],
    ['an id', 'for: { ids: [ana] }', {}, true],
    ['another id', 'for: { ids: [bob] }', {}, false],
    ['a level', 'for: { levels: [junior] }', { level: 'junior' }, true],
    [
      'the purpose of the request',
      'for: { purposes: [marketing] }',
      { purposes: ['marketing', 'support'], purpose: 'marketing' },
      true,
    ],
    [
      'another purpose',
      'for: { purposes: [marketing] }',
      { purposes: ['marketing', 'support'], purpose: 'support' },
      false,
    ],
    [
      'a purpose that may be meant',
      'for: { purposes: [marketing] }',
      { purposes: ['marketing', 'support'] },
      true,
    ],
    [
      'an exception that may be meant',
      'for: { except: { purposes: [support] } }',
      { purposes: ['marketing', 'support'] },
      true,
    ],
    ['excepted', 'for: { except: { roles: [support] } }', {}, false],
    [
      'excepted by one key of two',
      'for: { except: { roles: [support], regions: [EU] } }',
      { region: 'US' },
      true,
    ],
    [
      'excepted by both keys',
      'for: { except: { roles: [support], regions: [EU] } }',
      { region: 'EU' },
      false,
    ],
  ] as const)('%s', (_, who, held, applies) => {
    const snapshot = snapshotOf(`policy: p\n${who}\nshow: { contact.email: redact }\n`);
    const decision = decide(snapshot, SALESFORCE, principal(held), operation('read'));
    expect(decision.policies).toEqual(applies ? ['p'] : []);
    expect(decision.view.isClear).toBe(!applies);
  });
});

describe('what a policy is on', () => {
  it.each([
    ['an operation named', '{ operations: [read] }', 'read', true],
    ['an operation not named', '{ operations: [export] }', 'read', false],
    ['a condition that holds', '{ when: operation.kind == "read" }', 'read', true],
    ['a condition that does not', '{ when: operation.kind == "export" }', 'read', false],
    ['a condition over roles', '{ when: \'principal.roles.exists(r, r == "support")\' }', 'read', true],
    ['a condition that cannot be decided applies', '{ when: principal.region == "EU" }', 'read', true],
    ['an undecidable exception applies', '{ when: principal.region != "EU" }', 'read', true],
    ['objects read by a condition', '{ when: "\\"Contact\\" in operation.objects" }', 'read', true],
    ['what a condition says of reading, in a write', '{ when: operation.kind == "read" }', 'update', true],
  ] as const)('%s', (_, on, kind, applies) => {
    const snapshot = snapshotOf(`policy: p\non: ${on}\nshow: { contact.email: redact }\n`);
    expect(decide(snapshot, SALESFORCE, principal(), operation(kind)).view.isClear).toBe(!applies);
  });

  it('reaches its objects wherever they appear, and no others', () => {
    const decision = decide(
      snapshotOf('policy: p\non: { objects: [Contact] }\nshow: { contact.email: redact }\n'),
      SALESFORCE,
      principal(),
      operation('read', { objects: ['Account'] }),
    );
    expect(decision.view.of('Contact').field('Email')?.treatment).toEqual({ kind: 'redact' });
    expect(decision.view.of('Lead').field('Email')).toBeUndefined();
    expect(decision.view.of('Lead').isClear).toBe(true);
    expect(decision.policies).toEqual([]);
  });
});

const CUSTOM_OBJECT =
  'dataMap: salesforce\nobjects: { Visa_Request__c: { fields: { Name: identity.name } } }\n---\n';
const ON_CUSTOM_OBJECT = 'on: { when: \'"Visa_Request__c" in operation.objects\' }';

describe('denials', () => {
  it.each([
    ['everything', '', 'read', ['Contact'], true],
    ['everything, but logins', '', 'auth', [], false],
    ['logins by name', 'on: { operations: [auth] }', 'auth', [], true],
    ['metadata too', '', 'metadata', [], true],
    ['operations named', 'on: { operations: [export, bulk] }', 'bulk', ['Contact'], true],
    ['operations not named', 'on: { operations: [export, bulk] }', 'read', ['Contact'], false],
    ['an object named', 'on: { objects: [Contact] }', 'read', ['Account', 'contact'], true],
    ['objects not named', 'on: { objects: [Contact] }', 'read', ['Account'], false],
    ['objects of another CRM', 'on: { objects: [contacts] }', 'read', [], false],
    ['an operation that does not tell its objects', 'on: { objects: [Contact] }', 'read', [], true],
    ['an operation on any object', 'on: { objects: [Contact] }', 'report', ['*'], true],
    ['metadata that does not tell its objects', 'on: { objects: [Contact] }', 'metadata', [], false],
    ['an object in a condition, in any case', ON_CUSTOM_OBJECT, 'read', ['visa_request__C'], true],
    ['an object in a condition, another', ON_CUSTOM_OBJECT, 'read', ['Contact'], false],
    ['an object in a condition, untold', ON_CUSTOM_OBJECT, 'read', [], true],
    ['an object in a condition, any', ON_CUSTOM_OBJECT, 'report', ['*'], true],
    ['an object in a condition, untold by metadata', ON_CUSTOM_OBJECT, 'metadata', [], false],
    [
      'a condition that cannot be decided',
      'on: { when: principal.level == "junior" }',
      'read',
      ['Contact'],
      true,
    ],
  ] as const)('hit: %s', (_, on, kind, objects, denied) => {
    const snapshot = snapshotOf(`${CUSTOM_OBJECT}policy: p\n${on}\ndeny: Ask privacy@example.com.\n`);
    const { denial } = decide(snapshot, SALESFORCE, principal(), operation(kind, { objects }));
    expect(denial).toEqual(denied ? { policy: 'p', message: 'Ask privacy@example.com.' } : undefined);
  });

  it.each([
    ['on: { operations: [create] }'],
    ['on: { when: operation.kind == "create" }'],
    ['on: { operations: [create], when: operation.kind == "create" }'],
  ])('hit what may create among other things: %s', (on) => {
    const snapshot = snapshotOf(`policy: p\n${on}\ndeny: No new ones.\n`);
    const denial = (over: Partial<Operation>) =>
      decide(snapshot, SALESFORCE, principal(), operation('update', over)).denial?.policy;
    expect([denial({ otherKinds: ['create'] }), denial({})]).toEqual(['p', undefined]);
  });

  it('name every policy that applied, and the first one as the reason', () => {
    const snapshot = snapshotOf(
      'policy: b\ndeny: B\n---\npolicy: a\ndeny: A\n---\npolicy: c\nshow: { contact.email: null }\n'.replace(
        'null',
        '"null"',
      ),
    );
    const decision = decide(snapshot, SALESFORCE, principal(), operation('read'));
    expect(decision.denial?.policy).toBe('a');
    expect(decision.policies).toEqual(['a', 'b', 'c']);
    expect(decision.policySet).toBe('hash');
  });
});

describe('fields', () => {
  it.each([
    ['by category', 'Email', { kind: 'mask', style: 'email' }],
    ['whatever the case, where the CRM ignores it', 'eMAIL', { kind: 'mask', style: 'email' }],
    ['with parameters', 'MobilePhone', { kind: 'mask', style: 'keep-last', keep: 4 }],
    ['not at all', 'FirstName', undefined],
    ['not when unclassified', 'Unknown__c', undefined],
  ])('are treated %s', (_, field, treatment) => {
    expect(seen(MASKED, field)).toEqual(treatment);
  });

  it('keep their case where the CRM does', () => {
    const { view } = decide(
      snapshotOf(MASKED),
      HUBSPOT,
      principal(),
      operation('read', { objects: ['contacts'] }),
    );
    expect(view.of('contacts').field('email')?.policies).toEqual(['support-sees-no-contact-details']);
    expect(view.of('contacts').field('EMAIL')).toBeUndefined();
    expect(view.of('Contacts').field('email')).toBeUndefined();
  });

  it.each([
    ['a branch of categories', 'identity.*: remove', 'Birthdate', { kind: 'remove' }],
    ['a field name', 'birthdate: { generalize: year }', 'Birthdate', { kind: 'generalize', to: 'year' }],
    ['one of several categories', 'contact.postal-code: redact', 'MailingAddress', { kind: 'redact' }],
    [
      'the least revealing of several keys',
      'contact.*: { mask: keep-first, keep: 1 }\n  contact.phone: remove',
      'Phone',
      { kind: 'remove' },
    ],
  ])('are named by %s', (_, line, field, treatment) => {
    expect(seen(`policy: p\nshow:\n  ${line}\n`, field)).toEqual(treatment);
  });

  it('named in a policy are treated on objects that no data map knows', () => {
    expect(seen('policy: p\nshow: { NIF__c: remove }\n', 'nif__C', 'Applicant__c')).toEqual({
      kind: 'remove',
    });
    expect(
      seen('policy: p\non: { objects: [Contact] }\nshow: { NIF__c: remove }\n', 'NIF__c', 'Applicant__c'),
    ).toBeUndefined();
  });

  it('of a record whose object cannot be known are treated as of every object', () => {
    const policies =
      'policy: p\non: { objects: [Lead] }\nshow: { contact.email: redact }\n---\npolicy: q\non: { objects: [Contact] }\nshow: { contact.email: remove }\n';
    expect(seen(policies, 'EMAIL', '*')).toEqual({ kind: 'remove' });
    expect(seen(policies, 'Email', 'Lead')).toEqual({ kind: 'redact' });
  });

  it('carry the ids of all policies that led to them', () => {
    const snapshot = snapshotOf(
      'policy: b\nshow: { contact.*: redact }\n---\npolicy: a\nshow: { Email: remove }\n',
    );
    const { view } = decide(snapshot, SALESFORCE, principal(), operation('read'));
    expect(view.of('Contact').field('Email')).toEqual({
      field: 'Email',
      treatment: { kind: 'remove' },
      policies: ['a', 'b'],
    });
  });

  it('are clear in operations that carry no records', () => {
    expect(
      decide(snapshotOf(MASKED), SALESFORCE, principal(), operation('auth', { objects: [] })).view.isClear,
    ).toBe(true);
  });
});

describe('posture.unclassifiedField: redact', () => {
  const snapshot = snapshotOf('policy: p\non: { objects: [Contact] }\nshow: { contact.email: remove }\n', {
    unclassifiedField: 'redact',
  });
  const { view } = decide(snapshot, SALESFORCE, principal({ roles: [] }), operation('read'));
  it.each([
    ['Contact', 'Shoe__c', 'redact'],
    ['Contact', 'OwnerId', undefined],
    ['Contact', 'MailingCountry', undefined],
    ['Contact', 'ID', undefined],
    ['Contact', 'LeadSource', undefined],
    ['Contact', 'Email', 'remove'],
    ['Applicant__c', 'Name', 'redact'],
    ['Applicant__c', 'Id', undefined],
    ['*', 'Id', 'redact'],
    ['*', 'LeadSource', 'redact'],
    ['*', 'Email', 'remove'],
  ])('shows %s.%s as %s', (object, field, kind) => {
    expect(view.of(object).field(field)?.treatment.kind).toBe(kind);
  });

  it('is never clear, and names the posture', () => {
    expect(view.isClear).toBe(false);
    expect(view.of('Lead').isClear).toBe(false);
    expect(view.of('Lead').field('Shoe__c')?.policies).toEqual(['posture.unclassifiedField']);
    expect(view.of('Contact').classifies('shoe__c')).toBe(false);
    expect(view.of('Contact').classifies('email')).toBe(true);
  });

  it('denies the use of a field that nothing classifies', () => {
    const uses = [{ object: 'Lead', field: 'Shoe__c', position: 'filter' }] as const;
    expect(decide(snapshot, SALESFORCE, principal(), operation('read', { uses })).denial?.policy).toBe(
      'posture.unclassifiedField',
    );
  });
});

describe('a field that is not shown clear is not an oracle', () => {
  const denying: readonly FieldPosition[] = [
    'filter',
    'sort',
    'group',
    'aggregate',
    'derive',
    'lookup',
    'search',
  ];
  it.each([
    ...denying.map((position) => [position, 'Contact', 'Email', true] as const),
    ['select', 'Contact', 'Email', false] as const,
    ['write', 'Contact', 'Email', false] as const,
    ['filter', 'contact', 'EMAIL', true] as const,
    ['filter', 'Contact', 'FirstName', false] as const,
    ['filter', 'Account', 'Website', false] as const,
    ['filter', '*', 'Email', true] as const,
    ['filter', '*', 'FirstName', false] as const,
    ['search', 'Contact', '*', true] as const,
    ['search', 'Account', '*', false] as const,
    ['search', '*', '*', true] as const,
    ['select', '*', '*', false] as const,
  ])('%s %s.%s → denied: %s', (position, object, field, denied) => {
    const uses = [{ object, field, position }];
    const { denial } = decide(snapshotOf(MASKED), SALESFORCE, principal(), operation('search', { uses }));
    expect(denial?.policy).toBe(denied ? 'support-sees-no-contact-details' : undefined);
    if (denied && field !== '*')
      expect(denial?.message).toContain(field.toLowerCase() === 'email' ? 'Email' : field);
  });

  it('counts scanned text as not clear', () => {
    const snapshot = snapshotOf('policy: p\nshow: { free-text: { scan: [email] } }\n');
    const uses = [{ object: 'Contact', field: 'Description', position: 'filter' }] as const;
    expect(decide(snapshot, SALESFORCE, principal(), operation('search', { uses })).denial?.message).toBe(
      'Description of Contact is not shown in clear, so it cannot be used to filter.',
    );
  });
});

function rule(rows: string): RowRule {
  const snapshot = snapshotOf(`policy: own\non: { objects: [Contact] }\nrows: ${rows}\n`);
  const { view } = decide(snapshot, SALESFORCE, principal({ crmUserId: '005A' }), operation('read'));
  const [first] = view.of('Contact').rows;
  if (first === undefined) throw new Error('no rule');
  return first;
}

describe('rows', () => {
  const OWN = 'policy: own\non: { objects: [Contact] }\nrows: record.owner == principal.crmUserId\n';

  it('turn equalities into conditions for the query language', () => {
    expect(
      rule('record.owner == principal.crmUserId && \'ES\' == record.country && record.LeadSource == "Web"'),
    ).toMatchObject({
      policy: 'own',
      needs: ['OwnerId', 'MailingCountry', 'LeadSource'],
      equals: [
        { field: 'OwnerId', values: ['005A'] },
        { field: 'MailingCountry', values: ['ES'] },
        { field: 'LeadSource', values: ['Web'] },
      ],
    });
    expect(rule('record.owner == principal.crmUserId || record.country == "ES"').equals).toBeUndefined();
    expect(rule('record.owner == record.id').equals).toBeUndefined();
  });

  it.each([
    ['record.owner == principal.crmUserId', { OwnerId: '005A' }, true],
    ['record.owner == principal.crmUserId', { OwnerId: '005B' }, false],
    ['record.owner == principal.crmUserId', { OwnerId: null }, false],
    ['record.owner == principal.crmUserId', {}, false],
    ['record.owner != principal.crmUserId', {}, false],
    ['record.owner != principal.crmUserId', { OwnerId: null }, false],
    ['!(record.owner == "x")', { OwnerId: null }, false],
    ['record.owner == "005A" || record.country == "ES"', { OwnerId: '005A', MailingCountry: null }, true],
    ['record.owner == "005A" || record.country == "ES"', { OwnerId: '005A' }, false],
    ['!has(record.country)', { MailingCountry: null }, true],
    ['!has(record.country)', {}, false],
    ['record.country in ["ES", "PT"]', { MailingCountry: 'PT' }, true],
    ['record.LeadSource.startsWith("Web")', { LeadSource: 'Website' }, true],
    ['timestamp(record.owner) > timestamp("2024-01-01T00:00:00Z")', { OwnerId: 'no date' }, false],
  ])('%s with %j → %s', (rows, facts: Record<string, string | null>, expected) => {
    expect(rule(`'${rows.replaceAll("'", "''")}'`).holds((field) => facts[field])).toBe(expected);
  });

  it('never hold when the caller’s own attribute is not known', () => {
    const decision = decide(snapshotOf(OWN), SALESFORCE, principal(), operation('read'));
    const [first] = decision.view.of('contact').rows;
    expect(first?.equals).toBeUndefined();
    expect(first?.holds(() => '')).toBe(false);
  });

  it('are on their objects, and on records whose object cannot be known', () => {
    const { view } = decide(snapshotOf(OWN), SALESFORCE, principal({ crmUserId: 'x' }), operation('read'));
    expect([view.of('Contact').rows.length, view.of('Lead').rows.length, view.of('*').rows.length]).toEqual([
      1, 0, 1,
    ]);
    expect(view.of('Contact').isClear).toBe(false);
    expect(view.isClear).toBe(false);
  });
});
