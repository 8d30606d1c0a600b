import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalForm, GENESIS, seal, unseal } from '../../src/audit/chain.ts';
import type { AuditEntry } from '../../src/model/audit-event.ts';
import { entryOf } from '../fixtures/audit.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
const texts = fc.array(text, { maxLength: 3 });
const count = fc.nat();
const entries: fc.Arbitrary<AuditEntry> = fc.record(
  {
    phase: fc.constantFrom('decision', 'completion', 'policy', 'command'),
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
    records: fc.record({ seen: count, omitted: count }),
    fields: fc.array(fc.record({ treatment: text, object: text, field: text, count }), { maxLength: 3 }),
    dataSubjects: texts,
    upstream: fc.record({ status: count, ms: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    response: fc.record({ status: count, bytes: count }),
    outcome: fc.constantFrom('complete', 'aborted', 'failed'),
  },
  { requiredKeys: ['phase'] },
) as fc.Arbitrary<AuditEntry>;

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

describe('a sealed event', () => {
  it('reads back as it was, with hash and place', () => {
    const sealed = seal(entryOf('r1'), place);
    expect(unseal(sealed.text)).toEqual({
      ...entryOf('r1'),
      ...place,
      v: 1,
      id: `${place.instance}-7`,
      hash: sealed.hash,
    });
  });

  const { text: whole } = seal(entryOf('r1'), place);
  it.each([
    ['another value', whole.replace('"allow"', '"deny"')],
    ['a member added', whole.replace('{', '{"a":1,')],
    ['a member named twice', whole.replace('"decision":"allow"', '"decision":"deny","decision":"allow"')],
    ['white space', whole.replace(',', ', ')],
    ['members in another order', whole.replace(/^\{("decision":"allow"),("id":"[^"]*")/, '{$2,$1')],
    ['another hash', whole.replace(/.(?="\}$)/, (digit) => (digit === '0' ? '1' : '0'))],
    ['no hash', whole.replace(/,"hash":"[0-9a-f]*"/, '')],
    ['something behind it', `${whole} `],
    ['half of it', whole.slice(0, whole.length / 2)],
    ['nothing', ''],
  ])('is not accepted with %s', (_what, text) => {
    expect(text).not.toBe(whole);
    expect(unseal(text)).toBeUndefined();
  });
});
