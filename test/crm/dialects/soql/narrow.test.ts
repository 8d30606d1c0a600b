import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { narrowSoql } from '../../../../src/crm/dialects/soql/narrow.ts';
import { createSoqlReader } from '../../../../src/crm/dialects/soql/reader.ts';
import { SALESFORCE_SCHEMA } from '../../../../src/crm/salesforce/objects.ts';
import { DEFAULT_LIMITS } from '../../../../src/limits.ts';
import type { RowRule } from '../../../../src/model/decision.ts';

const { read } = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);
const ME = '0055e000001abcDAAQ';
const rule = (field: string, value: string): RowRule => ({
  policy: 'p',
  needs: [field],
  equals: [{ field, values: [value] }],
  holds: () => true,
});
const narrow = (
  soql: string,
  fields: Record<string, string[]>,
  rows: Record<string, RowRule[]> = {},
): ReturnType<typeof narrowSoql> =>
  narrowSoql(
    soql,
    read(soql),
    { addFields: new Map(Object.entries(fields)), where: new Map(Object.entries(rows)) },
    SALESFORCE_SCHEMA,
  );

describe('narrowing SOQL', () => {
  it.each([
    ['a query', 'SELECT Email FROM Contact', 'SELECT Email, OwnerId FROM Contact', ['OwnerId']],
    [
      'a query that has the field',
      'select email, ownerid from Contact',
      'select email, ownerid from Contact',
      undefined,
    ],
    [
      'a query for all fields',
      'SELECT FIELDS(ALL) FROM Contact',
      'SELECT FIELDS(ALL) FROM Contact',
      undefined,
    ],
    [
      'a parent',
      'SELECT Contact.Email FROM Case',
      'SELECT Contact.Email, Contact.OwnerId FROM Case',
      ['OwnerId'],
    ],
    [
      'a parent on the way',
      'SELECT Contact.Account.Name FROM Case',
      'SELECT Contact.Account.Name, Contact.OwnerId FROM Case',
      ['OwnerId'],
    ],
    [
      'a child subquery',
      'SELECT Id, (SELECT Email FROM Contacts) FROM Account',
      'SELECT Id, (SELECT Email, OwnerId FROM Contacts) FROM Account',
      ['OwnerId'],
    ],
    [
      'both, and keeps what the client asked for itself',
      'SELECT OwnerId, ReportsTo.Email FROM Contact',
      'SELECT OwnerId, ReportsTo.Email, ReportsTo.OwnerId FROM Contact',
      undefined,
    ],
    ['a count', 'SELECT COUNT() FROM Contact', 'SELECT COUNT() FROM Contact', undefined],
    ['another object', 'SELECT Id FROM Lead', 'SELECT Id FROM Lead', undefined],
    ['a polymorphic parent', 'SELECT Who.Email FROM Task', 'SELECT Who.Email FROM Task', undefined],
  ])('adds a field to %s', (_, soql, text, added) => {
    const narrowed = narrow(soql, { Contact: ['OwnerId'] });
    expect(narrowed.text).toBe(text);
    expect(narrowed.added.get('Contact')).toEqual(added);
  });

  it('adds a custom field beside FIELDS(STANDARD)', () => {
    expect(
      narrow('SELECT FIELDS(STANDARD) FROM Contact', { Contact: ['OwnerId', 'Region__c'] }),
    ).toMatchObject({
      text: 'SELECT FIELDS(STANDARD), Region__c FROM Contact',
    });
  });

  it.each([
    ['no condition', 'SELECT Id FROM Contact', `SELECT Id FROM Contact WHERE OwnerId = '${ME}'`],
    [
      'a condition',
      "SELECT Id FROM Contact WHERE Name = 'a' OR Name = 'b' ORDER BY Id LIMIT 5",
      `SELECT Id FROM Contact WHERE OwnerId = '${ME}' AND (Name = 'a' OR Name = 'b') ORDER BY Id LIMIT 5`,
    ],
    [
      'a negation',
      "SELECT Id FROM Contact WHERE NOT Name = 'a' OR Name = 'b'",
      `SELECT Id FROM Contact WHERE OwnerId = '${ME}' AND (NOT Name = 'a' OR Name = 'b')`,
    ],
    [
      'parentheses',
      "SELECT Id FROM Contact WHERE (NOT (Name = 'a')) OR (Name = 'b')",
      `SELECT Id FROM Contact WHERE OwnerId = '${ME}' AND ((NOT (Name = 'a')) OR (Name = 'b'))`,
    ],
    ['a count', 'SELECT COUNT() FROM Contact', `SELECT COUNT() FROM Contact WHERE OwnerId = '${ME}'`],
    [
      'a semi-join',
      'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)',
      `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE OwnerId = '${ME}')`,
    ],
    [
      'a child subquery',
      "SELECT (SELECT Id FROM Contacts WHERE Name = 'a') FROM Account",
      `SELECT (SELECT Id FROM Contacts WHERE OwnerId = '${ME}' AND (Name = 'a')) FROM Account`,
    ],
  ])('adds a row condition to %s', (_, soql, text) => {
    expect(narrow(soql, {}, { Contact: [rule('OwnerId', ME)] })).toEqual({
      text,
      added: new Map(),
      rowsPushed: true,
    });
  });

  it.each([
    ['a related record', 'SELECT Contact.Name FROM Case', rule('OwnerId', ME)],
    [
      'a filter on a related record',
      "SELECT COUNT() FROM Case WHERE Contact.Name = 'a'",
      rule('OwnerId', ME),
    ],
    ['a record of an unknown object', 'SELECT P__r.Name FROM Visit__c', rule('OwnerId', ME)],
    [
      'a condition that is no equality',
      'SELECT Id FROM Contact',
      { ...rule('OwnerId', ME), equals: undefined },
    ],
    ['a value that SOQL compares without case', 'SELECT Id FROM Contact', rule('MailingCountry', 'de')],
    ['an id without its last three characters', 'SELECT Id FROM Contact', rule('OwnerId', ME.slice(0, 15))],
    ['an empty value, which SOQL takes for null', 'SELECT Id FROM Contact', rule('OwnerId', '')],
    ['a value that has no certain spelling', 'SELECT Id FROM Contact', rule('OwnerId', 'a\u2028b')],
    ['a field that is no name', 'SELECT Id FROM Contact', rule("Id = '' OR Name", ME)],
  ])('does not count rows as pushed for %s', (_, soql, row) => {
    expect(narrow(soql, {}, { Contact: [row as RowRule] }).rowsPushed).toBe(false);
  });

  it('remembers what it narrowed, per narrowing', () => {
    const reader = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);
    const mine = (owner: string): ReturnType<typeof reader.narrow> =>
      reader.narrow('SELECT Id FROM Contact', {
        addFields: new Map(),
        where: new Map([['Contact', [rule('OwnerId', owner)]]]),
      });
    expect(mine(ME)).toBe(mine(ME));
    expect(mine('0055e000001zzzDAAQ').text).toBe(
      "SELECT Id FROM Contact WHERE OwnerId = '0055e000001zzzDAAQ'",
    );
  });

  it('writes any value as one literal, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom("'", "\\'", "' OR Name != '", '\\'),
        (text, quote) => {
          const value = `${text}${quote}${text}`;
          const narrowed = narrow(
            "SELECT Id FROM Contact WHERE Name = 'a' OR Name = 'b'",
            {},
            { Contact: [rule('Region__c', value)] },
          );
          const { uses } = read(narrowed.text).reading;
          const named = uses.map(({ field, position }) => `${field} ${position}`);
          expect(new Set(named)).toEqual(
            new Set(
              narrowed.text.includes('Region__c')
                ? ['Id select', 'Region__c filter', 'Name filter']
                : ['Id select', 'Name filter'],
            ),
          );
          expect(
            narrowed.text.endsWith("(Name = 'a' OR Name = 'b')") || !narrowed.text.includes('Region__c'),
          ).toBe(true);
        },
      ),
    );
  });
});
