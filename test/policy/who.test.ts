import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/model/principal.ts';
import { decide, LEVELS, operation, principal, SALESFORCE, snapshotOf } from './fixture.ts';

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
