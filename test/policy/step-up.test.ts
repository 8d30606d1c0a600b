import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf, viewsOfReading } from './fixture.ts';

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
