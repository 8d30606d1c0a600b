import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { RECORDS } from '../../../src/crm/salesforce/shapes.ts';
import { personOf } from '../../../src/enforce/answer/record-identity.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { createToldPeople, type RememberTold, type Told } from '../../../src/enforce/people/told-people.ts';
import { isUntold, type ToldPerson } from '../../../src/enforce/people/told-person.ts';
import { createLayouts } from '../../../src/enforce/record/record-layout.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createCsvRewriter } from '../../../src/media/csv/csv-rewriter.ts';
import type { DocumentHandler } from '../../../src/media/record.ts';
import type { ObjectView } from '../../../src/model/decision.ts';
import type { PersonFields } from '../../../src/model/requirement.ts';
import { drive, jsonRewriter, NAMES } from '../../media/engine.ts';

const { addresses, ...adapter } = createSalesforceAdapter(DEFAULT_LIMITS);
const KEYS = {
  addresses,
  naming: createNaming(adapter, 'crm', new Map([['other', adapter]])),
  results: undefined,
};

const BY_ALL: PersonFields = { id: 'Id', email: 'Email', phone: 'Phone' };

/** Contacts are known by all three, leads by no number; of the sealed, the CRM keeps tokens of addresses; members have records of their own; some are known by more. */
const PEOPLE: Readonly<Record<string, Partial<ObjectView>>> = {
  Contact: { person: BY_ALL },
  Lead: { person: { id: 'Id', email: 'Email' } },
  Sealed: {
    person: { ...BY_ALL },
    stored: (field) =>
      field === 'Email' ? { domain: 'd', form: { kind: 'random' }, policies: [] } : undefined,
  },
  Member: { person: { id: 'LastName', email: 'Email' } },
  Further: {
    person: {
      ...BY_ALL,
      also: [
        { field: 'LastName', as: 'email' },
        { field: 'Title', as: { crm: 'salesforce', object: 'Lead' } },
      ],
    },
  },
  '*': {},
};

function viewOf(object: string): ObjectView {
  return {
    object,
    isClear: true,
    field: () => undefined,
    classifies: () => true,
    rows: [],
    ...PEOPLE[object],
  };
}

interface Met {
  /** By what is remembered. */
  readonly told: Told | undefined;
  /** By the record itself. */
  readonly anew: ToldPerson | undefined;
}

function meeting(people: RememberTold) {
  const met: Met[] = [];
  const layoutOf = createLayouts({
    planOf: (object) => ({
      view: viewOf(object),
      field: (_, field) => ({
        field,
        transform: undefined,
        key: { object, field, treatment: 'clear' },
        classified: true,
      }),
    }),
    fieldOf: (plan, record, index) => plan.field(record.nameId(index), record.name(index)),
    isAdded: () => false,
    ignoreCase: true,
  });
  const handler: DocumentHandler = {
    record: (record) => {
      const layout = layoutOf(record.object ?? '*', record);
      const tell = () => personOf(KEYS, layout, record);
      met.push({ told: people(layout, record, tell), anew: tell() });
      return true;
    },
    special: () => undefined,
  };
  return { met, handler };
}

function metIn(people: RememberTold, records: readonly string[]): readonly Met[] {
  const { met, handler } = meeting(people);
  const { error } = drive(jsonRewriter(RECORDS, handler), [Buffer.from(`[${records.join(',')}]`)]);
  if (error !== undefined) throw error;
  expect(met).toHaveLength(records.length);
  return met;
}

const record = (fields: string, type = 'Contact'): string =>
  `{"attributes":{"type":"${type}","url":"/services/data/v62.0/sobjects/${type}/0035g00000000001AA"}${fields}}`;

const ANA = record(',"Id":"0035g00000000001AA","Email":"ana@example.com","Phone":null');

describe('people who were told of lately', () => {
  const lexemeArb = fc.constantFrom(
    'null',
    '""',
    '"ana@example.com"',
    String.raw`"\u0061na@example.com"`,
    '"a"',
    '"na@example.com"',
    '"34600100200"',
    '34600100200',
    '"true"',
    'true',
    '{"a":"b"}',
    `"${'x'.repeat(255)}"`,
    `"${'x'.repeat(256)}"`,
    `"${'y'.repeat(90)}"`,
    String.raw`"\u0000"`,
    '"\u00e1"',
    '"0035g00000000001AA"',
  );
  const fieldsArb = fc
    .record(
      { Id: lexemeArb, Email: lexemeArb, Phone: lexemeArb, LastName: lexemeArb, Title: lexemeArb },
      { requiredKeys: [] },
    )
    .map((fields) =>
      Object.entries(fields)
        .map(([name, lexeme]) => `,"${name}":${lexeme}`)
        .join(''),
    );
  const recordArb = fc
    .tuple(fieldsArb, fc.constantFrom('Contact', 'Lead', 'Sealed', 'Member', 'Further'))
    .map(([fields, type]) => record(fields, type));

  it.each([0, 3, 1_000])('are who their records tell of, whoever is remembered (%i)', (peopleMax) => {
    const people = createToldPeople(peopleMax)('crm');
    fc.assert(
      fc.property(fc.array(recordArb, { maxLength: 12 }), (records) => {
        for (const { told, anew } of metIn(people, records)) expect(told?.who).toEqual(anew);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same objects where the same is told, and others where anything differs', () => {
    const people = createToldPeople(100)('crm');
    const told = [
      ANA,
      ANA,
      ANA.replace('null', '""'),
      ANA.replace('"Id":"0', '"Id":"1'),
      ANA.replace('ana@', 'eva@'),
      ANA.replace('null', '"1"'),
      ANA.replace('Contact', 'Lead'),
    ].flatMap((one) => metIn(people, [one]).map((met) => met.told));
    expect(told[1]).toBe(told[0]);
    // Of an empty number nobody is known, as of none.
    expect(told[2]).toBe(told[0]);
    expect(new Set(told).size).toBe(5);
  });

  it('are others in another upstream', () => {
    const remember = createToldPeople(100);
    const [one] = metIn(remember('crm'), [ANA]);
    const [other] = metIn(remember('hub'), [ANA]);
    expect(other?.told).not.toBe(one?.told);
    expect(remember('crm')).toBe(remember('crm'));
  });

  it('are told anew where something of them has to be opened or read first: they are told in place', () => {
    const people = createToldPeople(100)('crm');
    const member = record(',"LastName":"0035g00000000001AA","Email":"ana@example.com"', 'Member');
    for (const untold of [ANA.replace('Contact', 'Sealed'), member]) {
      const [[first], [second]] = [metIn(people, [untold]), metIn(people, [untold])];
      expect(isUntold(first?.told?.who ?? {})).toBe(true);
      expect(second?.told).not.toBe(first?.told);
      expect(second?.told).toEqual(first?.told);
    }
  });

  it('are the same whether a row or a record tells of them', () => {
    const people = createToldPeople(100)('crm');
    const { met, handler } = meeting(people);
    const rows = 'Id,Email,Phone\n0035g00000000001AA,"ana@example.com",\n1,"a""b@example.com",2\n';
    const rewriter = createCsvRewriter({ object: 'Contact', handler, names: NAMES, limits: DEFAULT_LIMITS });
    drive(rewriter, [Buffer.from(rows)]);
    expect(met.map(({ told }) => told?.who)).toEqual(met.map(({ anew }) => anew));
    expect(metIn(people, [ANA])[0]?.told).toBe(met[0]?.told);
  });

  it('twice named, are ambiguous however often they were told of', () => {
    const people = createToldPeople(100)('crm');
    metIn(people, [ANA]);
    const twice = ANA.replace('"Phone":null', '"Phone":null,"phone":null');
    expect(() => metIn(people, [twice])).toThrow(expect.objectContaining({ reason: 'ambiguous' }));
  });
});
