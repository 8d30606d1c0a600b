import { describe, expect, it } from 'vitest';
import type { RowRule } from '../../src/model/decision.ts';
import type { OperationKind } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf, viewsOfReading } from './fixture.ts';

const STAFF = `
roles:
  support: {}
  billing: {}
  support-lead: { includes: [support], description: Leads a team. }
  head: { includes: [support-lead, billing] }
---
levels: [public, internal, confidential, strict]
---
`;

/** Whether a policy that hides something is for a principal. */
function applies(who: string, held: Partial<Principal>, declared = STAFF): boolean {
  const snapshot = snapshotOf(`${declared}policy: p\nfor: ${who}\nshow: { contact.email: redact }\n`);
  return !decide(snapshot, SALESFORCE, principal(held), operation('read')).view.isClear;
}

describe('roles that include roles', () => {
  it.each([
    ['what holds for a role', '{ roles: [support] }', ['support'], true],
    ['holds for whoever includes it', '{ roles: [support] }', ['support-lead'], true],
    ['however indirectly', '{ roles: [support] }', ['head'], true],
    ['but not the other way round', '{ roles: [support-lead] }', ['support'], false],
    ['and not for others', '{ roles: [support] }', ['billing'], false],
    ['an exception for a role', '{ except: { roles: [support] } }', ['support'], false],
    ['is one for whoever includes it', '{ except: { roles: [support] } }', ['head'], false],
    ['and for nobody below', '{ except: { roles: [head] } }', ['support-lead'], true],
    [
      'leads are excepted by name',
      '{ roles: [support], except: { roles: [support-lead] } }',
      ['head'],
      false,
    ],
    [
      'and those they lead are not',
      '{ roles: [support], except: { roles: [support-lead] } }',
      ['support'],
      true,
    ],
    ['a role nobody declared is itself alone', '{ roles: [support] }', ['unheard-of'], false],
  ])('%s: %s, held %j', (_, who, roles, expected) => {
    expect(applies(who, { roles })).toBe(expected);
  });

  it('are seen whole by conditions', () => {
    const snapshot = snapshotOf(
      `${STAFF}policy: p\non: { when: '"support" in principal.roles' }\nshow: { contact.email: redact }\n`,
    );
    const shown = (role: string) =>
      decide(snapshot, SALESFORCE, principal({ roles: [role] }), operation('read')).view.isClear;
    expect([shown('head'), shown('billing')]).toEqual([false, true]);
  });
});

describe('the pyramid of levels', () => {
  it.each([
    ['the level itself', '{ levels: [confidential] }', 'confidential', true],
    ['a level above', '{ levels: [confidential] }', 'strict', true],
    ['a level below', '{ levels: [confidential] }', 'internal', false],
    ['an exception for a level', '{ except: { levels: [confidential] } }', 'confidential', false],
    ['an exception, for a level above', '{ except: { levels: [confidential] } }', 'strict', false],
    ['an exception, not for a level below', '{ except: { levels: [confidential] } }', 'internal', true],
    ['a level nobody declared is none', '{ except: { levels: [public] } }', 'STRICT', true],
    ['no level', '{ except: { levels: [public] } }', undefined, true],
  ])('%s: %s, held %s', (_, who, level, expected) => {
    expect(applies(who, level === undefined ? {} : { level })).toBe(expected);
  });

  it('is not there where levels are not declared: a word is itself alone', () => {
    expect(applies('{ levels: [high] }', { level: 'high' }, '')).toBe(true);
    expect(applies('{ levels: [high] }', { level: 'low' }, '')).toBe(false);
  });
});

const MARKETING =
  'policy: p\nfor: { purposes: [marketing], except: { roles: [dpo] } }\non: { objects: [Contact] }\n';

describe('a policy that is bound to a purpose', () => {
  const decided = (held: Partial<Principal>, kind: OperationKind = 'read', objects = ['Contact']) =>
    decide(
      snapshotOf(`${MARKETING}show: { contact.phone: remove }\n`),
      SALESFORCE,
      principal(held),
      operation(kind, { objects }),
    );

  it.each([
    ['the purpose', 'marketing', true],
    ['one below it', 'marketing.email', true],
    ['another that only begins like it', 'marketing-research', false],
    ['another', 'support', false],
  ])('is for requests for %s', (_, purpose, expected) => {
    const { denial, view } = decided({ purposes: [purpose], purpose });
    expect([denial, view.isClear]).toEqual([undefined, !expected]);
  });

  it('has what was shown for no purpose compared with what is written for one', () => {
    const snapshot = snapshotOf(
      'policy: p\nfor: { except: { purposes: [billing] } }\nshow: { contact.email: { mask: email } }\n',
    );
    const held = principal({ purposes: ['billing'], purpose: 'billing' });
    const views = viewsOfReading(snapshot, SALESFORCE, held, operation('update'));
    expect(views.map((view) => view.of('Contact').field('Email')?.treatment.kind)).toEqual(['mask']);
  });

  it('is not for the purpose above it', () => {
    const snapshot = snapshotOf(
      'policy: p\nfor: { purposes: [marketing.email] }\nshow: { contact.phone: remove }\n',
    );
    const asks = principal({ purposes: ['marketing'], purpose: 'marketing' });
    expect(decide(snapshot, SALESFORCE, asks, operation('read')).view.isClear).toBe(true);
  });

  it('denies a request without a purpose, and says how to state one', () => {
    const { denial, policies } = decided({ purposes: ['support', 'marketing'] });
    expect(policies).toEqual(['p']);
    expect(denial).toEqual({
      policy: 'p',
      message:
        'This needs a purpose, and the request has none. Say which in the header x-privet-purpose: support, marketing.',
    });
    expect(decided({}).denial?.message).toContain('You act for none');
  });

  it.each([
    ['whoever is excepted', { roles: ['dpo'] }, 'read', ['Contact']],
    ['what it is not on', {}, 'read', ['Account']],
    ['metadata', {}, 'metadata', ['Contact']],
    ['a login', {}, 'auth', []],
  ] as const)('does not ask %s', (_, held, kind, objects) => {
    expect(decided(held, kind, [...objects]).denial).toBeUndefined();
  });

  it('asks where the objects of an operation are not told', () => {
    expect(decided({}, 'bulk', []).denial?.policy).toBe('p');
  });

  it('asks only those that its other words are for', () => {
    const snapshot = snapshotOf(
      'policy: p\nfor: { roles: [support], purposes: [marketing] }\nshow: { contact.phone: remove }\n',
    );
    const denied = (role: string) =>
      decide(snapshot, SALESFORCE, principal({ roles: [role] }), operation('read')).denial !== undefined;
    expect([denied('support'), denied('sales')]).toEqual([true, false]);
  });
});

describe('exceptions that end by themselves', () => {
  const POLICY = `policy: p
for: { except: [{ roles: [dpo] }, { ids: [ana], until: 2026-12-31 }, { regions: [EU], until: 2027-03-01T00:00:00+01:00 }] }
show: { contact.email: redact }
`;
  const snapshot = snapshotOf(POLICY);
  const at = (now: string, held: Partial<Principal> = {}) =>
    decide(snapshot, SALESFORCE, principal(held), operation('read'), { now: Date.parse(now) }).view.isClear;

  it.each([
    ['before its end', '2026-12-01T00:00:00Z', {}, true],
    ['at the end of its day in UTC', '2026-12-31T23:59:59.999Z', {}, true],
    ['from then on', '2027-01-01T00:00:00Z', {}, false],
    ['another in the list goes on', '2027-02-28T22:59:59Z', { region: 'EU' }, true],
    ['until its own moment', '2027-02-28T23:00:00Z', { region: 'EU' }, false],
    ['one without an end stays', '2099-01-01T00:00:00Z', { roles: ['dpo'] }, true],
  ])('%s (%s): %j', (_, now, held, isClear) => {
    expect(at(now, held)).toBe(isClear);
  });

  it('take effect for a caller whose decisions are remembered, and are not remembered the other way round', () => {
    const who = principal();
    const clear = (now: string) =>
      decide(snapshot, SALESFORCE, who, operation('read'), { now: Date.parse(now) }).view.isClear;
    const [before, after] = ['2026-12-31T00:00:00Z', '2027-01-02T00:00:00Z'];
    expect([before, after, before, after].map(clear)).toEqual([true, false, true, false]);
  });

  it('leave the masks that stood beside them in mind: what was shown then is not written back later', () => {
    const two = snapshotOf(`policy: hides
for: { except: { ids: [ana], until: 2026-12-31 } }
show: { contact.email: redact }
---
policy: masks
show: { contact.email: { mask: email } }
`);
    const kinds = (now: string, held: Partial<Principal> = {}) =>
      viewsOfReading(two, SALESFORCE, principal(held), operation('update'), { now: Date.parse(now) })
        .map((view) => String(view.of('Contact').field('Email')?.treatment.kind))
        .toSorted();
    expect(kinds('2026-12-30T00:00:00Z')).toEqual(['mask']);
    expect(kinds('2027-02-01T00:00:00Z')).toEqual(['mask', 'redact']);
    expect(kinds('2027-02-01T00:00:00Z', { id: 'bob' })).toEqual(['redact']);
  });

  it('stand in the snapshot in order of their end, each with its place', () => {
    expect(snapshot.grants).toMatchObject([
      {
        file: 'p.yaml',
        line: 2,
        what: 'the exception for ids ana from policy "p"',
        policy: 'p',
        end: Date.UTC(2027, 0, 1),
      },
      { what: 'the exception for regions EU from policy "p"', end: Date.UTC(2027, 1, 28, 23) },
    ]);
  });
});

describe('step-up', () => {
  const STRONG = { amr: ['pwd', 'mfa'] };
  const LEVEL = { acr: 'loa2' };
  const decided = (policy: string, held: Partial<Principal>, kind: OperationKind = 'read') =>
    decide(
      snapshotOf(`policy: p\nfor: { except: { roles: [robot] } }\n${policy}`),
      SALESFORCE,
      principal(held),
      operation(kind),
    );
  const REQUIRE = 'require: { authentication: { amr: [mfa, hwk], acr: [loa2] } }\n';

  it.each([
    ['a method', STRONG, true],
    ['an assurance level', LEVEL, true],
    ['another method', { amr: ['pwd'] }, false],
    ['another level', { acr: 'loa1' }, false],
    ['nothing', {}, false],
    ['an exception', { roles: ['robot'] }, true],
  ])('is met by %s: %j', (_, held, expected) => {
    expect(decided(REQUIRE, held).denial).toEqual(
      expected
        ? undefined
        : {
            policy: 'p',
            message:
              'This needs a stronger login (amr mfa or amr hwk or acr loa2). Log in again with a second factor.',
          },
    );
  });

  it('does not stand in the way of logging in', () => {
    expect(decided(REQUIRE, {}, 'auth').denial).toBeUndefined();
  });

  it('hides fields instead, where the policy says so', () => {
    const policy = `${REQUIRE.replace(' }\n', ', otherwise: { contact.email: remove } }\n')}show: { contact.phone: redact }\n`;
    const seen = (held: Partial<Principal>) => {
      const view = decided(policy, held).view.of('Contact');
      return ['Email', 'Phone'].map((field) => view.field(field)?.treatment.kind);
    };
    expect(seen({})).toEqual(['remove', 'redact']);
    expect(seen(STRONG)).toEqual([undefined, 'redact']);
  });

  it.each([
    ['after a weak login', { amr: ['pwd'] }],
    ['after a strong one', STRONG],
  ])('leaves in mind what another login shows: %s', (_, held) => {
    const snapshot = snapshotOf(
      `policy: p\n${REQUIRE.replace(' }\n', ', otherwise: { contact.email: redact } }\n')}---\npolicy: masks\nshow: { contact.email: { mask: email } }\n`,
    );
    const kinds = viewsOfReading(snapshot, SALESFORCE, principal(held), operation('update')).map((view) =>
      String(view.of('Contact').field('Email')?.treatment.kind),
    );
    expect(kinds.toSorted()).toEqual(['mask', 'redact']);
  });

  it('leaves records out instead, where the policy says so', () => {
    const policy = `on: { objects: [Contact] }\n${REQUIRE.replace(' }\n', ', otherwise: omit-record }\n')}`;
    const shows = (held: Partial<Principal>) =>
      decided(policy, held)
        .view.of('Contact')
        .rows.every((rule) => rule.holds(() => 'x'));
    expect([shows({}), shows(STRONG)]).toEqual([false, true]);
  });
});

const LEVELS = `levels: [public, internal, confidential]
---
region: EU
countries: [ES, España, PL]
---
region: US
countries: [US, United States]
---
dataMap: salesforce
objects:
  Contact: { level: Confidentiality__c }
---
`;

function ruleOf(rows: string, held: Partial<Principal>): RowRule {
  const snapshot = snapshotOf(`${LEVELS}policy: p\non: { objects: [Contact] }\nrows: ${rows}\n`);
  const { view } = decide(snapshot, SALESFORCE, principal(held), operation('read'));
  const [rule] = view.of('Contact').rows;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

describe('records by level, region and team', () => {
  it.each([
    ['record.level in principal.levels', { level: 'internal' }, 'Confidentiality__c', ['public', 'internal']],
    ['record.region == principal.region', { region: 'EU' }, 'MailingCountry', ['ES', 'España', 'PL']],
    ['record.region in ["EU", "US"]', {}, 'MailingCountry', ['ES', 'España', 'PL', 'US', 'United States']],
  ])('ask the CRM for the texts that mean it: %s', (rows, held, field, values) => {
    expect(ruleOf(rows, held).equals).toEqual([{ field, values, foldsText: true }]);
  });

  it.each([
    ['record.owner in principal.team', { team: ['1', '2'] }, ['1', '2']],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '0', team: ['1'] },
      ['0', '1'],
    ],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '0', team: [] },
      ['0'],
    ],
    ['record.owner == principal.crmUserId || record.owner in principal.team', { crmUserId: '0' }, ['0']],
    ['record.owner == principal.crmUserId || record.owner in principal.team', { team: ['1'] }, ['1']],
  ])('ask the CRM for owners: %s as %j', (rows, held, values) => {
    expect(ruleOf(rows, held).equals).toEqual([{ field: 'OwnerId', values }]);
  });

  it.each([
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: 'public' }, true],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: ' PUBLIC' }, true],
    [
      'record.level in principal.levels',
      { level: 'internal' },
      { Confidentiality__c: 'confidential' },
      false,
    ],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: 'secret' }, false],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: null }, false],
    ['record.level in principal.levels', { level: 'internal' }, {}, false],
    ['record.level in principal.levels', { level: 'boss' }, { Confidentiality__c: 'public' }, false],
    ['record.level in principal.levels', {}, { Confidentiality__c: 'public' }, false],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'espana' }, true],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'United States' }, false],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'Atlantis' }, false],
    ['record.region == principal.region', {}, { MailingCountry: 'ES' }, false],
    ['record.region != "EU"', {}, { MailingCountry: 'Atlantis' }, false],
    ['record.region != "EU"', {}, { MailingCountry: 'US' }, true],
    ['record.owner in principal.team', { team: ['1'] }, { OwnerId: '1' }, true],
    ['record.owner in principal.team', { team: [] }, { OwnerId: '1' }, false],
    ['record.owner in principal.team', {}, { OwnerId: '1' }, false],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '1' },
      { OwnerId: '1' },
      true,
    ],
    [
      'record.level == "public" || record.region == "EU"',
      {},
      { Confidentiality__c: 'public', MailingCountry: 'US' },
      true,
    ],
  ] as const)('%s as %j on %j: %s', (rows, held, record, expected) => {
    const facts: Readonly<Record<string, string | null>> = record;
    expect(ruleOf(rows, held).holds((field) => facts[field])).toBe(expected);
  });

  it.each([
    ['a record of the region', { MailingCountry: 'ES' }, 'redact'],
    ['a record of another', { MailingCountry: 'US' }, undefined],
    ['a record of a country that is in no region', { MailingCountry: 'Atlantis' }, 'redact'],
    ['a record without a country', { MailingCountry: null }, 'redact'],
    ['a record that does not tell', {}, 'redact'],
  ] as const)('treat fields of %s from outside', (_, record, expected) => {
    const snapshot = snapshotOf(
      `${LEVELS}policy: p\nfor: { except: { regions: [EU] } }\non: { objects: [Contact], when: record.region == "EU" }\nshow: { contact.email: redact }\n`,
    );
    const facts: Readonly<Record<string, string | null>> = record;
    const { view } = decide(snapshot, SALESFORCE, principal({ region: 'US' }), operation('read'));
    const perRecord = view.of('Contact').field('Email')?.perRecord;
    expect(perRecord?.of((field) => facts[field])?.treatment.kind).toBe(expected);
    const inside = decide(snapshot, SALESFORCE, principal({ region: 'EU' }), operation('read'));
    expect(inside.view.isClear).toBe(true);
  });
});

describe('an app in another region than its user', () => {
  const between: Partial<Principal> = { region: 'EU', appRegion: 'US' };

  it.each([
    ['what holds for the user’s', '{ regions: [EU] }', true],
    ['or for its own', '{ regions: [US] }', true],
    ['and not what holds for others', '{ regions: [UK] }', false],
    ['is excepted with neither alone', '{ except: { regions: [EU] } }', true],
    ['nor so', '{ except: { regions: [US] } }', true],
    ['only with both', '{ except: { regions: [EU, US] } }', false],
    ['nor by one of two exceptions', '{ except: [{ regions: [EU] }, { regions: [US] }] }', true],
  ])('is under %s: %s', (_, who, expected) => {
    expect(applies(who, between)).toBe(expected);
  });

  it('sees no records that are kept to a region', () => {
    const snapshot = snapshotOf(
      `${LEVELS}policy: p\non: { objects: [Contact] }\nrows: record.region == principal.region\n`,
    );
    const sees = (held: Partial<Principal>) =>
      decide(snapshot, SALESFORCE, principal(held), operation('read'))
        .view.of('Contact')
        .rows[0]?.holds(() => 'ES');
    expect([sees({ region: 'EU' }), sees(between), sees({ region: 'US', appRegion: 'EU' })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the digest of a view', () => {
  const idOf = (countries: string, held: Partial<Principal> = {}) => {
    const declared = LEVELS.replace('[ES, España, PL]', countries);
    const rows =
      'rows: record.region == "EU" || record.level == principal.level || record.owner in principal.team';
    const snapshot = snapshotOf(`${declared}policy: p\non: { objects: [Contact] }\n${rows}\n`);
    return decide(snapshot, SALESFORCE, principal(held), operation('read')).view.id;
  };

  it('is another where other countries are in a region, or the caller has another level or team', () => {
    const views = [
      idOf('[ES, España, PL]'),
      idOf('[ES, PL]'),
      idOf('[ES, España, PL]', { level: 'internal' }),
      idOf('[ES, España, PL]', { team: ['1'] }),
      idOf('[ES, España, PL]', { team: ['2'] }),
    ];
    expect(new Set(views).size).toBe(views.length);
    expect(idOf('[ES, España, PL]')).toBe(views[0]);
  });
});
