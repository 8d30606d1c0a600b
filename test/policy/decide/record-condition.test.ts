import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordFacts } from '../../../src/model/record-facts.ts';
import { LEAST_REVEALING_FIRST } from '../../../src/model/treatment.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf, viewsOfReading } from '../fixture.ts';

function viewOf(policies: string, who = principal(), kind: Parameters<typeof operation>[0] = 'read') {
  return decide(snapshotOf(policies), SALESFORCE, who, operation(kind)).view.of('Contact');
}

function factsOf(facts: Readonly<Record<string, string | null>>): RecordFacts {
  return (field) => facts[field];
}

function shown(policies: string, facts: Readonly<Record<string, string | null>>, field = 'Email') {
  const view = viewOf(policies).field(field);
  const seen = view?.perRecord === undefined ? view : view.perRecord.of(factsOf(facts));
  return seen?.treatment.kind ?? 'clear';
}

const GERMANS = `
policy: germans
on: { objects: [Contact], when: 'record.country == "DE"' }
show: { contact.email: remove }
`;
const MASK = `
policy: everyone
on: { objects: [Contact] }
show: { contact.email: { mask: email } }
`;

describe('on.when over record', () => {
  it.each([
    ['it holds', { MailingCountry: 'DE' }, 'remove'],
    ['it does not', { MailingCountry: 'FR' }, 'clear'],
    ['the fact is null', { MailingCountry: null }, 'remove'],
    ['the fact is unknown', {}, 'remove'],
  ])('shows a field by the record when %s', (_, facts, expected) => {
    expect(shown(GERMANS, facts)).toBe(expected);
  });

  it.each([
    [{ MailingCountry: 'DE' }, 'remove'],
    [{ MailingCountry: 'FR' }, 'mask'],
    [{}, 'remove'],
  ])('leaves what other policies say: %j', (facts, expected) => {
    expect(shown(`${GERMANS}---${MASK}`, facts)).toBe(expected);
  });

  it.each([
    ['record.country == "DE" || record.owner == "x"', { MailingCountry: 'FR', OwnerId: 'y' }, 'clear'],
    ['record.country == "DE" || record.owner == "x"', { MailingCountry: 'FR', OwnerId: 'x' }, 'remove'],
    ['record.country == "DE" || record.owner == "x"', { MailingCountry: 'FR' }, 'remove'],
    ['record.country != "FR"', { MailingCountry: 'FR' }, 'clear'],
    ['has(record.country)', {}, 'remove'],
    ['has(record.country)', { MailingCountry: null }, 'clear'],
    ['record.owner != principal.crmUserId', { OwnerId: 'u1' }, 'clear'],
    ['record.owner != principal.crmUserId', { OwnerId: 'u2' }, 'remove'],
    ['operation.kind == "read" && record.country == "DE"', { MailingCountry: 'DE' }, 'remove'],
    ['operation.kind == "search" && record.country == "DE"', { MailingCountry: 'DE' }, 'clear'],
  ])('%s, %j: %s', (when, facts, expected) => {
    const policy = GERMANS.replace(/when: '.*' \}/, `when: '${when}' }`);
    const view = viewOf(policy, principal({ crmUserId: 'u1' })).field('Email');
    const seen = view?.perRecord === undefined ? view : view.perRecord.of(factsOf(facts));
    expect(seen?.treatment.kind ?? 'clear').toBe(expected);
  });

  it('asks for the facts it needs, and is no clear view', () => {
    const view = viewOf(GERMANS);
    expect(view).toMatchObject({ needs: ['MailingCountry'], isClear: false });
    expect(viewOf(MASK).needs).toEqual([]);
    expect(viewOf(MASK).field('Email')).not.toHaveProperty('perRecord');
  });

  it('keeps the field from being an oracle, whatever the record', () => {
    const uses = [{ object: 'Contact', field: 'Email', position: 'filter' as const }];
    const decision = decide(snapshotOf(GERMANS), SALESFORCE, principal(), operation('read', { uses }));
    expect(decision.denial).toMatchObject({ policy: 'germans' });
  });

  it('counts as true where the object of a record cannot be known', () => {
    const { view } = decide(snapshotOf(GERMANS), SALESFORCE, principal(), operation('read'));
    const seen = view.of('*').field('Email');
    expect(seen?.treatment.kind).toBe('remove');
    expect(seen?.perRecord).toBeUndefined();
  });

  it('limits rows to the records it is about', () => {
    const policy = `
policy: germans-own
on: { objects: [Contact], when: 'record.country == "DE"' }
rows: record.owner == principal.crmUserId
`;
    const [rule] = viewOf(policy, principal({ crmUserId: 'u1' })).rows;
    expect(rule?.needs.toSorted()).toEqual(['MailingCountry', 'OwnerId']);
    expect(rule?.equals).toBeUndefined();
    const holds = (facts: Readonly<Record<string, string>>) => rule?.holds(factsOf(facts));
    expect(holds({ MailingCountry: 'FR', OwnerId: 'u2' })).toBe(true);
    expect(holds({ MailingCountry: 'DE', OwnerId: 'u2' })).toBe(false);
    expect(holds({ MailingCountry: 'DE', OwnerId: 'u1' })).toBe(true);
    expect(holds({ OwnerId: 'u2' })).toBe(false);
    expect(holds({ MailingCountry: 'FR' })).toBe(true);
  });

  it('names views apart that differ by the condition or by whom it compares with', () => {
    const own = `policy: p\non: { objects: [Contact], when: record.owner != principal.crmUserId }\nshow: { contact.email: remove }`;
    const idOf = (policies: string, crmUserId: string) =>
      decide(snapshotOf(policies), SALESFORCE, principal({ crmUserId }), operation('read')).view.id;
    expect(idOf(own, 'u1')).not.toBe(idOf(own, 'u2'));
    expect(idOf(GERMANS, 'u1')).toBe(idOf(GERMANS, 'u2'));
    expect(idOf(GERMANS, 'u1')).not.toBe(idOf(GERMANS.replace('"DE"', '"FR"'), 'u1'));
  });

  it('never reveals more with one policy or one fact more that hides', () => {
    const treatments = ['remove', 'redact', 'hash', '{ mask: email }', '{ mask: initials }'];
    const rank = (kind: string) => {
      const at = LEAST_REVEALING_FIRST.indexOf(kind as never);
      return at < 0 ? LEAST_REVEALING_FIRST.length : at;
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...treatments), fc.constantFrom('DE', 'FR', '')), {
          minLength: 1,
          maxLength: 13,
        }),
        fc.constantFrom('DE', 'FR', undefined),
        (lines, country) => {
          const documents = lines.map(
            ([treatment, when], index) =>
              `policy: p${index}\non: { objects: [Contact]${when === '' ? '' : `, when: 'record.country == "${when}"'`} }\nshow: { contact.email: ${treatment} }`,
          );
          const facts = country === undefined ? {} : { MailingCountry: country };
          const all = rank(shown(documents.join('\n---\n'), facts));
          const fewer =
            documents.length === 1
              ? LEAST_REVEALING_FIRST.length
              : rank(shown(documents.slice(1).join('\n---\n'), facts));
          expect(all).toBeLessThanOrEqual(fewer);
          expect(rank(shown(documents.join('\n---\n'), {}))).toBeLessThanOrEqual(all);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('conditions over operation', () => {
  it.each([
    ['rows: operation.kind == "search"'],
    ['rows: operation.kind == "search" && record.owner == "u1"'],
  ])('%s is not answered for one kind with the view of another', (rows) => {
    const snapshot = snapshotOf(`policy: p\non: { objects: [Contact] }\n${rows}`);
    const who = principal();
    const holds = (kind: 'read' | 'search') =>
      decide(snapshot, SALESFORCE, who, operation(kind))
        .view.of('Contact')
        .rows[0]?.holds(() => 'u1');
    expect([holds('search'), holds('read'), holds('search')]).toEqual([true, false, true]);
  });
});

describe('the answer of a write', () => {
  it('shows no more than a reading would where a condition names reading', () => {
    const who = principal({ crmUserId: 'u1' });
    const shown = `policy: p\non: { objects: [Contact], when: 'operation.kind == "read" && record.owner != "u1"' }\nshow: { contact.email: remove }`;
    const field = viewOf(shown, who, 'update').field('Email');
    expect(field?.perRecord?.of(() => 'u2')?.treatment.kind).toBe('remove');
    const rows = `policy: p\non: { objects: [Contact] }\nrows: operation.kind != "read" || record.owner == principal.crmUserId`;
    const holds = (owner: string) => viewOf(rows, who, 'update').rows[0]?.holds(() => owner);
    expect([holds('u1'), holds('u2')]).toEqual([true, false]);
  });

  it.each(['create', 'update', 'merge'] as const)('shows no more than a reading would: %s', (kind) => {
    const policy = `policy: p\non: { operations: [read] }\nshow: { contact.email: remove }`;
    expect(viewOf(policy, principal(), kind).field('Email')?.treatment.kind).toBe('remove');
    expect(viewOf(policy, principal(), 'search').field('Email')).toBeUndefined();
  });
});

describe('viewsOfReading', () => {
  const idsOf = (policies: string, who = principal()) =>
    viewsOfReading(snapshotOf(policies), SALESFORCE, who, operation('update')).map(
      (view) => view.of('Contact').field('Email')?.treatment.kind,
    );

  it('is one view where policies do not tell operations apart, and none where all is clear', () => {
    expect(idsOf(MASK)).toEqual(['mask']);
    expect(idsOf('policy: p\nfor: { roles: [other] }\nshow: { contact.email: remove }')).toEqual([]);
  });

  it('holds every view that differs by operation or by purpose', () => {
    const policies = `${MASK.replace('objects: [Contact]', 'operations: [search]')}---
policy: b
for: { purposes: [support] }
show: { contact.email: hash }
`;
    const kinds = idsOf(policies, principal({ purposes: ['support', 'billing'] }));
    expect(new Set(kinds)).toEqual(new Set(['hash', 'mask']));
  });
});
