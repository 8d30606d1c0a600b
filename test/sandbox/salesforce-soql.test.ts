import { beforeAll, describe, expect, it } from 'vitest';
import { writePopulation } from '../../src/sandbox/people/people.ts';
import { seedSalesforce } from '../../src/sandbox/salesforce/seed.ts';
import { runSoql } from '../../src/sandbox/salesforce/soql/run.ts';
import { type SalesforceStore, salesforceStore } from '../../src/sandbox/salesforce/store.ts';
import { STAFF } from '../../src/sandbox/staff.ts';
import { AnswerError } from '../../src/sandbox/wire/message.ts';

const NOW = Date.UTC(2026, 5, 30, 12);
const population = writePopulation(200, 3, STAFF.length);
const { people } = population;
let store: SalesforceStore;

beforeAll(() => {
  store = salesforceStore(() => NOW);
  seedSalesforce(store, population);
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Row = Record<string, unknown>;

function query(soql: string): Row[] {
  const result = runSoql({ store, now: NOW, includeDeleted: false }, soql);
  return Array.from(
    { length: result.rowCount },
    (_, index) => JSON.parse(result.writeRow(index, 'v59.0')) as Row,
  );
}

const count = (soql: string): number => runSoql({ store, now: NOW, includeDeleted: false }, soql).totalSize;

function errorOf(soql: string): { errorCode: string; message: string } {
  try {
    query(soql);
  } catch (error) {
    if (error instanceof AnswerError)
      return (JSON.parse(String(error.answer.body)) as [{ errorCode: string; message: string }])[0];
    throw error;
  }
  return { errorCode: 'none', message: '' };
}

const born = (person: (typeof people)[number]): string => person.birthdate;

describe('WHERE', () => {
  it.each([
    ["MailingCountry = 'polska'", people.filter((p) => p.country === 'PL').length],
    ["MailingCountry != 'Polska'", people.filter((p) => p.country !== 'PL').length],
    ['Email = null', people.filter((p) => p.email === null).length],
    ['Email != null', people.filter((p) => p.email !== null).length],
    ["Email LIKE '%@example.com'", people.filter((p) => p.email?.endsWith('@example.com')).length],
    ["LastName LIKE 'G_ell'", people.filter((p) => /^G.ell$/i.test(p.lastName)).length],
    ["(NOT Email LIKE '%@example.com')", people.filter((p) => !p.email?.endsWith('@example.com')).length],
    ['Birthdate > 1990-01-01', people.filter((p) => born(p) > '1990-01-01').length],
    ['Birthdate <= 1990-01-01', people.filter((p) => born(p) <= '1990-01-01').length],
    ['HasOptedOutOfEmail = true', people.filter((p) => p.optedOutOfEmail).length],
    ['CreatedDate >= 2024-01-01T00:00:00Z', people.filter((p) => p.createdAt >= Date.UTC(2024, 0, 1)).length],
    [
      'LastActivityDate = LAST_N_DAYS:365',
      people.filter((p) => (p.lastActivity ?? '') >= '2025-06-30').length,
    ],
    ["MailingCountry IN ('España', 'Polska')", people.filter((p) => ['ES', 'PL'].includes(p.country)).length],
    ["MailingCountry NOT IN ('España')", people.filter((p) => p.country !== 'ES').length],
    ['AnnualIncome__c >= 100000', people.filter((p) => Number(p.annualIncome) >= 100_000).length],
    [
      'CustomerNumber__c > 50000000000000000000',
      people.filter((p) => BigInt(p.customerNumber) > 50000000000000000000n).length,
    ],
    ["Owner.Email = 'ana@acme.example'", people.filter((p) => p.owner === 0).length],
    [
      "(MailingCountry = 'Polska' AND DoNotCall = true) OR (MailingCountry = 'España' AND DoNotCall = false)",
      people.filter((p) => (p.country === 'PL' && p.doNotCall) || (p.country === 'ES' && !p.doNotCall))
        .length,
    ],
    [
      "NOT (MailingCountry = 'Polska' OR DoNotCall = true)",
      people.filter((p) => !(p.country === 'PL' || p.doNotCall)).length,
    ],
    [
      'CALENDAR_YEAR(CreatedDate) = 2024',
      people.filter((p) => new Date(p.createdAt).getUTCFullYear() === 2024).length,
    ],
    ["Id IN (SELECT ContactId FROM Case WHERE Status = 'New')", people.filter((_, i) => i % 6 === 0).length],
    ['Id NOT IN (SELECT WhoId FROM Task)', people.filter((_, i) => i % 6 !== 0).length],
  ])('%s', (where, expected) => {
    expect(count(`SELECT Id FROM Contact WHERE ${where}`)).toBe(expected);
    expect(count(`SELECT COUNT() FROM Contact WHERE ${where}`)).toBe(expected);
    expect(query(`SELECT COUNT(Id) FROM Contact WHERE ${where}`)).toMatchObject([{ expr0: expected }]);
  });

  it('takes escapes in literals', () => {
    const odd = people.findIndex((person) => person.lastName.includes("'"));
    const name = people[odd]!.lastName.replaceAll("'", "\\'");
    expect(count(`SELECT Id FROM Contact WHERE LastName = '${name}'`)).toBeGreaterThan(0);
  });

  it('takes 15-character ids', () => {
    const [{ Id: id } = {}] = query('SELECT Id FROM Contact LIMIT 1');
    expect(count(`SELECT Id FROM Contact WHERE Id = '${String(id).slice(0, 15)}'`)).toBe(1);
  });
});

describe('SELECT', () => {
  it('answers in canonical spelling whatever the query spells', () => {
    expect(Object.keys(query('select EMAIL, lastname, account.NAME from CONTACT limit 1')[0]!)).toEqual([
      'attributes',
      'Email',
      'LastName',
      'Account',
    ]);
  });

  it('knows the alias and the own name of the object', () => {
    expect(
      query('SELECT c.Email, Contact.LastName FROM Contact c ORDER BY c.Email NULLS LAST LIMIT 1')[0],
    ).toHaveProperty('Email');
  });

  it.each([
    'SELECT c.Email FROM Contact AS c WHERE c.Email != null',
    'select c.email from contact as c where c.email != null',
    'SELECT Contact.Email FROM Contact  AS\n c WHERE Email != null',
  ])('knows the alias behind AS: %s', (soql) => {
    expect(query(soql)).toEqual(query('SELECT Email FROM Contact WHERE Email != null'));
  });

  it('knows the alias behind AS in queries inside the query', () => {
    expect(
      query(
        'SELECT a.Id, (SELECT c.Email FROM Contacts AS c) FROM Account AS a WHERE a.Id IN (SELECT k.AccountId FROM Contact AS k)',
      ),
    ).toEqual(
      query(
        'SELECT Id, (SELECT Email FROM Contacts) FROM Account WHERE Id IN (SELECT AccountId FROM Contact)',
      ),
    );
    expect(count("SELECT Id FROM Contact WHERE LastName = 'from Contact as c'")).toBe(0);
  });

  it('shows the Name object behind a reference to several objects', () => {
    const [task] = query('SELECT Who.Name, Who.Type, Owner.Email FROM Task LIMIT 1');
    expect(task).toMatchObject({
      Who: {
        attributes: { type: 'Name', url: expect.stringContaining('/sobjects/Contact/003') },
        Type: 'Contact',
      },
      Owner: { attributes: { type: 'User' } },
    });
  });

  it('expands FIELDS(ALL)', () => {
    expect(query('SELECT FIELDS(ALL) FROM Contact LIMIT 200')[0]).toMatchObject({
      NIF__c: people[0]!.nationalId,
      MailingAddress: { city: people[0]!.city },
    });
    expect(
      Object.keys(query('SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1')[0]!).every(
        (name) => name === 'attributes' || name.endsWith('__c'),
      ),
    ).toBe(true);
  });
});

describe('ORDER BY, LIMIT, OFFSET', () => {
  it('sorts by several keys with nulls where they are asked for', () => {
    const rows = query(
      'SELECT Email, Birthdate FROM Contact ORDER BY MailingCountry DESC, Email ASC NULLS LAST',
    );
    const first = people.filter(({ country }) => country === 'UA').map(({ email }) => email ?? '~');
    const last = people.filter(({ country }) => country === 'ES').map(({ email }) => email ?? '~');
    const emails = rows.map((row) => row['Email'] ?? '~');
    expect(emails.slice(0, first.length)).toEqual(first.toSorted(byText));
    expect(emails.slice(-last.length)).toEqual(last.toSorted(byText));
    expect(rows).toHaveLength(people.length);
  });

  it('puts nulls first unless told otherwise', () => {
    expect(query('SELECT Email FROM Contact ORDER BY Email LIMIT 1')[0]?.['Email']).toBeNull();
    expect(query('SELECT Email FROM Contact ORDER BY Email NULLS LAST LIMIT 1')[0]?.['Email']).not.toBeNull();
  });

  it('cuts a window', () => {
    const all = query('SELECT Id FROM Contact ORDER BY Email');
    expect(query('SELECT Id FROM Contact ORDER BY Email LIMIT 5 OFFSET 10')).toEqual(all.slice(10, 15));
  });

  it.each([
    ['', ''],
    ['WHERE LastName != null', ''],
    ["WHERE LastName != 'OFFSET 5'", ''],
    ['WHERE LastName != null', 'ORDER BY Email'],
  ])('begins behind an OFFSET without a LIMIT: %s %s', (where, order) => {
    const all = query(`SELECT Id FROM Contact ${where} ${order}`);
    expect(query(`SELECT Id FROM Contact ${where} ${order} OFFSET 10`)).toEqual(all.slice(10));
  });
});

describe('GROUP BY', () => {
  it('groups a parent field under its last segment and numbers unnamed aggregates', () => {
    const rows = query(
      'SELECT Owner.Name, COUNT(Id), MAX(Birthdate) youngest, MIN(AnnualIncome__c) FROM Contact GROUP BY Owner.Name',
    );
    expect(rows.map((row) => Object.keys(row))).toEqual(
      Array.from({ length: 4 }, () => ['attributes', 'Name', 'expr0', 'youngest', 'expr1']),
    );
    expect(rows.reduce((sum, row) => sum + Number(row['expr0']), 0)).toBe(people.length);
    expect(
      rows
        .map((row) => String(row['youngest']))
        .toSorted(byText)
        .at(-1),
    ).toBe(people.map(born).toSorted(byText).at(-1));
  });

  it('filters groups by HAVING and sorts by an aggregate', () => {
    const rows = query(
      'SELECT MailingCity, COUNT(Id) n FROM Contact GROUP BY MailingCity HAVING COUNT(Id) > 8 ORDER BY COUNT(Id) DESC',
    );
    const counts = rows.map((row) => Number(row['n']));
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts.every((n) => n > 8)).toBe(true);
  });
});

describe('a wrong query', () => {
  it.each([
    ['SELECT FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE', 'MALFORMED_QUERY'],
    ['SELECT Nope FROM Contact', 'INVALID_FIELD'],
    ['SELECT Account.Nope FROM Contact', 'INVALID_FIELD'],
    ['SELECT Nope.Name FROM Contact', 'INVALID_FIELD'],
    ['SELECT Id FROM Nope', 'INVALID_TYPE'],
    ['SELECT Id, (SELECT Id FROM Nopes) FROM Account', 'INVALID_TYPE'],
    ['SELECT Id, Id FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Email e FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Email, COUNT(Id) FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT FIELDS(ALL) FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT FIELDS(ALL) FROM Contact LIMIT 201', 'MALFORMED_QUERY'],
    ["SELECT Id FROM Contact WHERE Email = 'a' AND Phone = 'b' OR Title = 'c'", 'MALFORMED_QUERY'],
    ["SELECT Id FROM Contact WHERE HasOptedOutOfEmail = 'true'", 'INVALID_FIELD'],
    ['SELECT Id FROM Contact WHERE Email = 5', 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE MailingAddress = 'x'", 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE Email != 'a' OFFSET 5 LIMIT 5", 'MALFORMED_QUERY'],
    ["SELECT Id FROM Contact WHERE Email != 'a' OFFSET", 'MALFORMED_QUERY'],
    ["SELECT FIELDS(ALL) FROM Contact WHERE Email != 'a' OFFSET 5", 'MALFORMED_QUERY'],
    ['SELECT Id AS c FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact AS', 'MALFORMED_QUERY'],
    ["SELECT Id FROM Contact WHERE Email != 'a' OFFSET 2001", 'NUMBER_OUTSIDE_VALID_RANGE'],
    ['SELECT Id FROM Contact OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE'],
  ])('%s is %s', (soql, errorCode) => {
    expect(errorOf(soql).errorCode).toBe(errorCode);
  });
});
