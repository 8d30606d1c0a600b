import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Standing } from '../../src/model/consent.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import type { Treatment } from '../../src/model/treatment.ts';
import { leastRevealing } from '../../src/policy/treatment.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf } from './fixture.ts';
import { anyTreatmentDocument } from './treatments.ts';

const OBJECTS = ['Contact', 'Lead', 'Account'] as const;
const FIELDS = [
  'Email',
  'Phone',
  'Birthdate',
  'NIF__c',
  'Description',
  'MailingAddress',
  'Website',
  'LeadSource',
  'Other__c',
] as const;
const KEYS = [
  'contact.*',
  'contact.email',
  'contact.phone',
  'identity.*',
  'identity.birthdate',
  'free-text',
  'Phone',
] as const;
const ROLES = ['support', 'sales', 'support-lead'] as const;
const LEVELS = ['public', 'internal', 'strict'] as const;
const NOW = Date.UTC(2026, 10, 25);

/** One set of declarations for all: only policies are added and taken away. */
const DECLARED = `roles: { support: {}, sales: {}, support-lead: { includes: [support] } }
---
levels: [public, internal, strict]
---
region: EU
countries: [ES]
---
region: US
countries: [US]
---
`;

const who = fc.record(
  {
    roles: fc.subarray([...ROLES], { minLength: 1 }),
    regions: fc.constant(['EU']),
    purposes: fc.constantFrom(['marketing'], ['marketing.email']),
    levels: fc.subarray([...LEVELS], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

/** Exceptions that hold now, have ended, or never end. */
const exception = fc.record(
  { regions: fc.constant(['EU']), until: fc.constantFrom('2026-12-31', '2026-11-01') },
  { requiredKeys: ['regions'] },
);
const levelException = fc.record(
  { levels: fc.constantFrom(['internal'], ['strict']), until: fc.constantFrom('2026-12-31', '2026-11-01') },
  { requiredKeys: ['levels'] },
);
const except = fc.oneof(exception, levelException, fc.tuple(exception, levelException));

/** A policy as JSON, which is YAML; each is one that the loader takes. */
const anyPolicy = fc.record(
  {
    for: fc.oneof(who, fc.record({ except })).filter((match) => Object.keys(match).length > 0),
    on: fc
      .record(
        {
          objects: fc.constant(['Contact', 'Lead']),
          operations: fc.subarray(['read', 'search', 'export'], { minLength: 1 }),
          when: fc.constantFrom(
            'principal.region == "EU"',
            'operation.kind == "read"',
            '"support" in principal.roles && "internal" in principal.levels',
          ),
        },
        { requiredKeys: [] },
      )
      .filter((on) => Object.keys(on).length > 0),
    show: fc.dictionary(fc.constantFrom(...KEYS), anyTreatmentDocument, { minKeys: 1, maxKeys: 3 }),
    rows: fc.constantFrom(
      'record.Email == "a"',
      'record.id == principal.crmUserId || record.Email == "b"',
      'record.id in principal.team || record.id == principal.crmUserId',
    ),
    require: fc.oneof(
      fc.record({
        authentication: fc.constant({ amr: ['mfa'] }),
        otherwise: fc.oneof(
          fc.constantFrom('deny' as const, 'omit-record' as const),
          fc.dictionary(fc.constantFrom(...KEYS), anyTreatmentDocument, { minKeys: 1, maxKeys: 2 }),
        ),
      }),
      fc.record(
        {
          consent: fc.constantFrom('marketing.email', 'profiling'),
          otherwise: fc.oneof(
            fc.constantFrom('omit-record', 'deny'),
            fc.dictionary(fc.constantFrom(...KEYS), anyTreatmentDocument, { minKeys: 1, maxKeys: 2 }),
          ),
          unknown: fc.constant('allow'),
        },
        { requiredKeys: ['consent', 'otherwise'] },
      ),
    ),
    deny: fc.constant('No.'),
  },
  { requiredKeys: ['show'] },
);

const anyPrincipal: fc.Arbitrary<Principal> = fc
  .record(
    {
      roles: fc.subarray([...ROLES]),
      purposes: fc.subarray(['marketing', 'support', 'marketing.email']),
      level: fc.constantFrom(...LEVELS, 'unheard-of'),
      amr: fc.constantFrom(['mfa'], ['pwd']),
      team: fc.constantFrom([], ['1', '3']),
      region: fc.constantFrom('EU', 'US'),
      purpose: fc.constantFrom('marketing', 'marketing.email'),
      crmUserId: fc.constant('1'),
    },
    { requiredKeys: ['roles', 'purposes'] },
  )
  .map(principal);

const anyOperation: fc.Arbitrary<Operation> = fc
  .record({
    kind: fc.constantFrom('read' as const, 'search' as const, 'export' as const, 'metadata' as const),
    objects: fc.subarray([...OBJECTS]),
    uses: fc.array(
      fc.record({
        object: fc.constantFrom(...OBJECTS, '*'),
        field: fc.constantFrom(...FIELDS, '*'),
        position: fc.constantFrom('select' as const, 'filter' as const, 'write' as const),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ kind, ...over }) => operation(kind, over));

function yaml(policies: readonly object[]): string {
  const documents = policies.map((policy, index) => JSON.stringify({ policy: `p${index}`, ...policy }));
  return documents.length === 0 ? '{}' : documents.join('\n---\n');
}

function decideWith(
  policies: readonly object[],
  who: Principal,
  what: Operation,
  unclassifiedField: 'show' | 'redact',
  anyRestricted = false,
): Decision {
  const text = policies.length === 0 ? DECLARED.replace(/---\n$/, '') : DECLARED + yaml(policies);
  return decide(snapshotOf(text, { unclassifiedField }), SALESFORCE, who, what, { now: NOW, anyRestricted });
}

function shownBy(decision: Decision, object: string, field: string): Treatment | undefined {
  return decision.view.of(object).field(field)?.treatment;
}

/** No more is revealed than before: as the least revealing of both is what is shown now. */
function expectNoMore(before: Treatment | undefined, after: Treatment | undefined): void {
  if (before === undefined) return;
  expect(after).toBeDefined();
  expect(leastRevealing([before, after ?? before])).toEqual(after);
}

const RECORDS = [
  { Email: 'a', Id: '1' },
  { Email: 'b', Id: '2' },
  { Email: null, Id: '1' },
  {},
] as readonly Readonly<Record<string, string | null>>[];

/** Where the person of a record may stand; undefined: it cannot be told. */
const STANDINGS: readonly (Standing | undefined)[] = [
  ...(['granted', 'withdrawn', 'objected', 'unknown'] as const).map(
    (state): Standing => ({ restricted: false, consent: () => ({ state }) }),
  ),
  { restricted: true, consent: () => ({ state: 'granted' }) },
  undefined,
];

type RecordOf = Readonly<Record<string, string | null>>;

function shows(decision: Decision, object: string, record: RecordOf, standing?: Standing): boolean {
  return decision.view.of(object).rows.every((rule) => rule.holds((field) => record[field], standing));
}

/** What one record shows of a field. */
function shownIn(
  decision: Decision,
  [object, field]: readonly [string, string],
  record: RecordOf,
  standing: Standing | undefined,
): Treatment | undefined {
  const view = decision.view.of(object).field(field);
  return view?.perRecord === undefined
    ? view?.treatment
    : view.perRecord.of((name) => record[name], standing)?.treatment;
}

const PLACES = [...OBJECTS, 'Unknown__c', '*'].flatMap((object) =>
  FIELDS.map((field) => [object, field] as const),
);

/** No record shows more, whatever its person has said. */
function expectNoMoreOf(before: Decision, after: Decision, standing: Standing | undefined): void {
  for (const record of RECORDS) {
    for (const object of OBJECTS) {
      if (shows(after, object, record, standing)) expect(shows(before, object, record, standing)).toBe(true);
    }
    for (const place of PLACES) {
      expectNoMore(shownIn(before, place, record, standing), shownIn(after, place, record, standing));
    }
  }
}

describe('policies only take away', () => {
  it('one more never reveals more; one fewer reveals only what that one hid', () => {
    fc.assert(
      fc.property(
        fc.array(anyPolicy, { maxLength: 3 }),
        anyPolicy,
        anyPrincipal,
        anyOperation,
        fc.constantFrom('show' as const, 'redact' as const),
        fc.boolean(),
        (policies, more, who, what, posture, anyRestricted) => {
          const before = decideWith(policies, who, what, posture, anyRestricted);
          const after = decideWith([...policies, more], who, what, posture, anyRestricted);
          if (before.denial !== undefined) expect(after.denial).toBeDefined();
          if (!before.view.isClear) expect(after.view.isClear).toBe(false);
          const added = `p${policies.length}`;
          for (const [object, field] of PLACES) {
            const [was, is] = [shownBy(before, object, field), shownBy(after, object, field)];
            expectNoMore(was, is);
            const isDifferent = JSON.stringify(was) !== JSON.stringify(is);
            if (isDifferent) expect(after.view.of(object).field(field)?.policies).toContain(added);
          }
          for (const standing of STANDINGS) expectNoMoreOf(before, after, standing);
          expect(after.policies).toEqual(expect.arrayContaining([...before.policies]));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a view that is clear shows every field and every record of every object', () => {
    fc.assert(
      fc.property(
        fc.array(anyPolicy, { maxLength: 2 }),
        anyPrincipal,
        anyOperation,
        (policies, who, what) => {
          const { view } = decideWith(policies, who, what, 'show');
          const treatsSomething = PLACES.some(
            ([object, field]) => view.of(object).field(field) !== undefined,
          );
          const hidesSomething = OBJECTS.some((object) => view.of(object).rows.length > 0);
          if (view.isClear) expect([treatsSomething, hidesSomething]).toEqual([false, false]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('levels', () => {
  it.each([
    ['public', 'internal'],
    ['internal', 'strict'],
    ['public', 'strict'],
  ])('show at %s no more than at %s, where policies name them in exceptions', (low, high) => {
    const policies = [
      { for: { except: { levels: ['internal'] } }, show: { 'contact.email': 'redact' } },
      { for: { except: { levels: ['strict'] } }, show: { 'identity.*': 'remove' } },
    ];
    const [below, above] = [low, high].map((level) =>
      decideWith(policies, principal({ level }), operation('read'), 'show'),
    );
    if (below === undefined || above === undefined) throw new Error('no decisions');
    for (const [object, field] of PLACES)
      expectNoMore(shownBy(above, object, field), shownBy(below, object, field));
  });
});
