import { describe, expect, it } from 'vitest';
import { createSoqlReader } from '../../../../src/crm/dialects/soql/reader.ts';
import { SALESFORCE_SCHEMA } from '../../../../src/crm/salesforce/objects.ts';
import { DEFAULT_LIMITS } from '../../../../src/limits.ts';

const { read } = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);

/** Uses of Email in positions that tell its value: `Object position`, with what it is compared with. */
const emailUses = (soql: string): [string, readonly string[] | undefined][] =>
  read(soql)
    .reading.uses.filter(({ field, position }) => field.toLowerCase() === 'email' && position !== 'select')
    .map(({ object, position, equals }) => [`${object} ${position}`, equals]);
const inContact = (where: string): [string, readonly string[] | undefined][] =>
  emailUses(`SELECT Id FROM Contact c WHERE ${where}`);

describe('equality in SOQL', () => {
  it.each([
    ["Email = 'a'", ['a']],
    ["email='a'", ['a']],
    ["c.Email = 'a'", ['a']],
    ["Contact.Email = 'a'", ['a']],
    ["Email IN ('a', 'b')", ['a', 'b']],
    ["Email in ('a')", ['a']],
    [String.raw`Email = 'it\'s \\ \u0041'`, ["it's \\ A"]],
    ["Email = 'a' OR Email = 'b' OR (Email IN ('c'))", ['a', 'b', 'c']],
    ["NOT Email = 'a'", ['a']],
    ["(NOT (Email = 'a')) AND Name = 'x'", ['a']],
    ["Email != 'a'", ['a']],
    ["Email <> 'a'", ['a']],
    ["Email NOT IN ('a', 'b')", ['a', 'b']],
    ['Email = null', []],
    ['Email != NULL', []],
    ["Email = ''", []],
    ["Email <> ''", []],
    ["Email = 'a' AND Email != null", ['a']],
  ])('tells the values of %s', (where, equals) => {
    expect(inContact(where)).toEqual([['Contact filter', equals]]);
  });

  it.each([
    "Email LIKE 'a'",
    "Email > 'a'",
    "Email <= 'a'",
    "Email INCLUDES ('a')",
    "Email IN ('a', null)",
    "Email IN ('a', '')",
    "Email NOT IN ('a', null)",
    "Email > ''",
    'Email > null',
    'Email = 5',
    'Email = TRUE',
    'Email = TODAY',
    'Email = LAST_N_DAYS:3',
    'Email = 2020-01-01',
    "Email = ('a')",
    String.raw`Email = 'a\b'`,
    "toLabel(Email) = 'a'",
    'Email IN (SELECT Name FROM Lead)',
    'Email NOT IN (SELECT Name FROM Lead)',
  ])('leaves %s an oracle', (where) => {
    expect(inContact(where)).toEqual([['Contact filter', undefined]]);
  });

  it.each([
    ["Email = 'a' AND Email LIKE 'b%'"],
    ["Email LIKE 'b%' AND Email = 'a'"],
    ["Email = 'a' AND Email > 'a'"],
    ["Email = 'a' AND Email IN ('a', null)"],
    ["Email = 'a' AND toLabel(Email) = 'a'"],
    ["Email = 'a' AND Email NOT IN ('a', '')"],
    ["Email = 'a' AND Email IN (SELECT Name FROM Lead)"],
  ])('tells both uses of %s apart', (where) => {
    expect(inContact(where)).toHaveLength(2);
    expect(inContact(where)).toEqual(
      expect.arrayContaining([
        ['Contact filter', ['a']],
        ['Contact filter', undefined],
      ]),
    );
  });

  it.each([
    ['a path', "SELECT Id FROM Case WHERE Contact.Email = 'a'", [['Contact filter', ['a']]]],
    [
      'a path that may lead to several objects',
      "SELECT Id FROM Task WHERE Who.Email = 'a'",
      [
        ['Contact filter', ['a']],
        ['Lead filter', ['a']],
      ],
    ],
    ['a path that may lead anywhere', "SELECT Id FROM Contact WHERE x__r.Email = 'a'", [['* filter', ['a']]]],
    [
      'a child subquery',
      "SELECT Id, (SELECT Id FROM Contacts WHERE Email = 'a') FROM Account",
      [['Contact filter', ['a']]],
    ],
    [
      'a semi-join',
      "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email = 'a')",
      [['Contact filter', ['a']]],
    ],
    [
      'an anti-join',
      "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact WHERE Email = 'a')",
      [['Contact filter', ['a']]],
    ],
    [
      'what a semi-join selects',
      "SELECT Id FROM Lead WHERE Name IN (SELECT Email FROM Contact WHERE Email = 'a')",
      [
        ['Contact filter', undefined],
        ['Contact filter', ['a']],
      ],
    ],
    [
      'sorting beside it',
      "SELECT Id FROM Contact WHERE Email = 'a' ORDER BY Email",
      [
        ['Contact filter', ['a']],
        ['Contact sort', undefined],
      ],
    ],
    [
      'grouping beside it',
      "SELECT COUNT(Id) FROM Contact GROUP BY Email HAVING Email = 'a'",
      [
        ['Contact filter', ['a']],
        ['Contact group', undefined],
      ],
    ],
  ])('is read in %s', (_, soql, uses) => {
    expect(emailUses(soql)).toEqual(uses);
  });
});
