import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/model/principal.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf, viewsOfReading } from './fixture.ts';

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
