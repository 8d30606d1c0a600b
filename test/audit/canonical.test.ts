import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalForm } from '../../src/audit/canonical.ts';
import { GENESIS } from '../../src/audit/chain.ts';
import type { AuditEntry } from '../../src/model/audit-event.ts';
import { entryOf } from '../fixtures/audit.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
const texts = fc.array(text, { maxLength: 3 });
const count = fc.nat();
const recordReports = fc.array(fc.record({ reason: text, policy: text, object: text, count }), {
  maxLength: 2,
});
/** Names every member, so that one added to the model cannot be forgotten. */
const members: { readonly [Name in keyof AuditEntry]-?: fc.Arbitrary<unknown> } = {
  phase: fc.constantFrom('decision', 'completion', 'policy', 'consent', 'login', 'command'),
  command: fc.record(
    {
      name: text,
      account: text,
      host: text,
      files: texts,
      counts: fc.dictionary(fc.stringMatching(/^[a-zA-Z]+$/), count),
    },
    { requiredKeys: ['name', 'account', 'host'] },
  ),
  request: fc.record({ upstream: text, route: text, method: text, id: text }),
  principal: fc.record({
    via: fc.constantFrom('jwt', 'none'),
    roles: texts,
    purposes: texts,
    id: text,
  }),
  operation: fc.record({ objects: texts, kind: fc.constantFrom('read', 'unknown') }),
  decision: fc.constantFrom('allow', 'deny'),
  mode: fc.constantFrom('enforce', 'observe'),
  policies: texts,
  policySet: text,
  reason: text,
  records: fc.record({ seen: count, omitted: count, counted: count }, { requiredKeys: ['seen', 'omitted'] }),
  fields: fc.array(
    fc.record(
      { treatment: text, policies: texts, object: text, field: text, count },
      { requiredKeys: ['treatment', 'object', 'field', 'count'] },
    ),
    { maxLength: 3 },
  ),
  omissions: recordReports,
  unmet: recordReports,
  login: fc.record(
    {
      outcome: fc.constantFrom('accepted', 'refused', 'locked', 'unlocked'),
      via: fc.constantFrom('jwt', 'apiKey'),
      because: fc.constantFrom('unknown', 'expired'),
      what: fc.constantFrom('credential', 'address'),
      name: text,
      address: text,
      count,
    },
    { requiredKeys: ['outcome', 'count'] },
  ),
  dataSubjects: texts,
  upstream: fc.record({ status: count, ms: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  response: fc.record({ status: count, bytes: count }),
  outcome: fc.constantFrom('complete', 'aborted', 'failed'),
};
const entries = fc.record(members, { requiredKeys: ['phase'] }) as fc.Arbitrary<AuditEntry>;

const place = { instance: '0123456789abcdef', seq: 7, prev: GENESIS, time: '2026-01-02T03:04:05.006Z' };

describe('the canonical form of an event', () => {
  it('is what RFC 8785 says, for any entry', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const form = canonicalForm(entry, place);
        expect(canonicalize(JSON.parse(form))).toBe(form);
        expect(JSON.parse(form)).toEqual(
          JSON.parse(
            JSON.stringify({ ...entry, ...place, id: `${place.instance}-7`, v: 1 }, (_key, value: unknown) =>
              typeof value === 'string' ? value.toWellFormed() : value,
            ),
          ),
        );
      }),
    );
  });

  it('is the same for parts that have been written before, in other events too', () => {
    fc.assert(
      fc.property(entries, entries, (one, other) => {
        const mixed = { ...one, ...other };
        const form = canonicalForm(mixed, place);
        for (const entry of [one, other]) canonicalForm(entry, place);
        expect(canonicalForm(mixed, place)).toBe(form);
        expect(canonicalForm(structuredClone(mixed), place)).toBe(form);
      }),
    );
  });

  it('replaces lone surrogates, which RFC 8785 forbids', () => {
    const form = canonicalForm(entryOf('a\ud800b'), place);
    expect(form).toContain('a\ufffdb');
  });

  it('leaves out what the model does not name', () => {
    const entry = {
      ...entryOf('r'),
      secret: 'x',
      principal: { ...entryOf('r').principal!, email: 'x@example.com' },
    };
    expect(canonicalForm(entry, place)).not.toMatch(/secret|example\.com/);
  });
});
