import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf, viewsOfReading } from './fixture.ts';

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
