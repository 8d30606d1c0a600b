import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplaceValue } from '../../../../src/crm/adapter.ts';
import { stringLiteral, textOfLiteral } from '../../../../src/crm/dialects/soql/lexemes.ts';
import { parseSoql } from '../../../../src/crm/dialects/soql/parse.ts';
import { createSoqlReader } from '../../../../src/crm/dialects/soql/reader.ts';
import { SALESFORCE_SCHEMA } from '../../../../src/crm/salesforce/objects.ts';
import { createSubstitution } from '../../../../src/crm/substitution.ts';
import { DEFAULT_LIMITS } from '../../../../src/limits.ts';

const reader = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);

/** The replaced text; undefined where it cannot be done. */
function replaced(soql: string, replace: ReplaceValue): string | undefined {
  const substitution = createSubstitution(replace);
  const text = reader.replace(soql, substitution);
  return substitution.failed() ? undefined : text;
}

const isEmail = ({ field }: { field: string }): boolean => field.toLowerCase() === 'email';
const one: ReplaceValue = (use, value) => (isEmail(use) ? [`t-${value}`] : undefined);
const two: ReplaceValue = (use, value) => (isEmail(use) ? [`t1-${value}`, `t2-${value}`] : undefined);

describe('replacing the values of a query', () => {
  it.each([
    ['an equality', "WHERE Email = 'a'", "WHERE Email = 't-a'", "WHERE Email IN ('t1-a', 't2-a')"],
    [
      'a list',
      "WHERE Email IN ('a', 'b')",
      "WHERE Email IN ('t-a', 't-b')",
      "WHERE Email IN ('t1-a', 't2-a', 't1-b', 't2-b')",
    ],
    [
      'a negation',
      "WHERE NOT (Email = 'a' OR Name = 'b')",
      "WHERE NOT (Email = 't-a' OR Name = 'b')",
      "WHERE NOT (Email IN ('t1-a', 't2-a') OR Name = 'b')",
    ],
    [
      'an inequality',
      "WHERE Email != 'a' AND Email <> 'b' AND Email != NULL",
      "WHERE Email != 't-a' AND Email != 't-b' AND Email != NULL",
      "WHERE Email NOT IN ('t1-a', 't2-a') AND Email NOT IN ('t1-b', 't2-b') AND Email != NULL",
    ],
    [
      'a list that is left out',
      "WHERE Email NOT IN ('a', 'b')",
      "WHERE Email NOT IN ('t-a', 't-b')",
      "WHERE Email NOT IN ('t1-a', 't2-a', 't1-b', 't2-b')",
    ],
    [
      'several',
      "WHERE (Email = 'a' OR email = 'a') AND Phone = 'a' LIMIT 5",
      "WHERE (Email = 't-a' OR email = 't-a') AND Phone = 'a' LIMIT 5",
      "WHERE (Email IN ('t1-a', 't2-a') OR email IN ('t1-a', 't2-a')) AND Phone = 'a' LIMIT 5",
    ],
    ['an alias', "c WHERE c.Email = 'a'", "c WHERE c.Email = 't-a'", "c WHERE c.Email IN ('t1-a', 't2-a')"],
    [
      'a semi-join',
      "WHERE Id IN (SELECT ContactId FROM Case WHERE Contact.Email = 'a')",
      "WHERE Id IN (SELECT ContactId FROM Case WHERE Contact.Email = 't-a')",
      "WHERE Id IN (SELECT ContactId FROM Case WHERE Contact.Email IN ('t1-a', 't2-a'))",
    ],
  ])('handles %s', (_, where, withOne, withTwo) => {
    const query = (rest: string): string => `SELECT Id FROM Contact ${rest}`;
    expect(replaced(query(where), one)).toBe(query(withOne));
    expect(replaced(query(where), two)).toBe(query(withTwo));
  });

  it('reaches child subqueries', () => {
    expect(replaced("SELECT Id, (SELECT Id FROM Contacts WHERE Email = 'a') FROM Account", one)).toBe(
      "SELECT Id, (SELECT Id FROM Contacts WHERE Email = 't-a') FROM Account",
    );
  });

  it.each([
    "SELECT Id  FROM Contact WHERE Phone='a'",
    "select Id from Contact where Email LIKE 'a' and Email != '' and Email = null and Email in ('a', null)",
    "select Id from Contact where toLabel(Email) = 'a' and Email = ''",
  ])('leaves the text as it is where no value is replaced: %s', (soql) => {
    expect(replaced(soql, one)).toBe(soql);
  });

  it('replaces only the values it is told to', () => {
    expect(
      replaced(String.raw`SELECT Id FROM Contact WHERE Email IN ('a', 'it\'s', 'c')`, (_use, value) =>
        value === 'a' ? ["t'"] : undefined,
      ),
    ).toBe(String.raw`SELECT Id FROM Contact WHERE Email IN ('t\'', 'it\'s', 'c')`);
  });

  it('asks with the object a path leads to, and the value that the literal stands for', () => {
    const asked: unknown[] = [];
    replaced(String.raw`SELECT Id FROM Case WHERE Contact.Email = 'it\'s'`, (use, value) => {
      asked.push({ ...use, value });
      return undefined;
    });
    expect(asked).toEqual([{ object: 'Contact', field: 'Email', value: "it's" }]);
  });

  it('asks for the tokens of every object that a path may lead to', () => {
    const soql = "SELECT Id FROM Task WHERE Who.Email = 'a'";
    expect(replaced(soql, ({ object }) => [`${object}-1`])).toBe(
      "SELECT Id FROM Task WHERE Who.Email IN ('Contact-1', 'Lead-1')",
    );
    expect(replaced(soql, () => ['same'])).toBe("SELECT Id FROM Task WHERE Who.Email = 'same'");
  });

  it.each<[string, ReplaceValue]>([
    [
      'only some of the possible objects keep tokens',
      ({ object }) => (object === 'Lead' ? ['t'] : undefined),
    ],
    ['there is no alternative', () => []],
    ['an alternative is empty', () => ['t', '']],
    ['an alternative has no certain spelling', () => ['t\n']],
    ['an alternative is no text', () => ['\ud800']],
    ['the query grows too long', () => ['t'.repeat(DEFAULT_LIMITS.queryBytesMax)]],
  ])('fails when %s', (_, replace) => {
    expect(replaced("SELECT Id FROM Task WHERE Who.Email = 'a'", replace)).toBeUndefined();
  });

  it('handles a thousand comparisons', () => {
    const where = Array.from({ length: 1_000 }, (_, index) => `Email = 'v${index}'`).join(' OR ');
    const text = replaced(`SELECT Id FROM Contact WHERE ${where}`, one) ?? '';
    expect(text.match(/'t-v\d+'/g)).toHaveLength(1_000);
  });
});

const CANARY = 'canary';
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
/** A value of the secret field, as it may be spelled. */
const secretLiteral = text.chain((rest) => {
  const value = `${CANARY}${rest}`;
  const escaped = Array.from(value, (character) =>
    character.length === 1 ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character,
  );
  const plain = stringLiteral(value);
  const unicode = stringLiteral(rest) === undefined ? undefined : `'${escaped.join('')}'`;
  return fc.constantFrom(...[plain, unicode].filter((literal) => literal !== undefined), `'${CANARY}'`);
});
const otherCondition = fc.constantFrom(
  "FirstName = 'Ana'",
  String.raw`LastName IN ('O\'Neil', 'x\\')`,
  "Phone LIKE '+34%'",
  'AnnualRevenue__c > 5',
  'Birthdate = null',
  'CALENDAR_YEAR(CreatedDate) = 2020',
  "Name = ' AND Secret__c = '",
);
const comparison = fc
  .record({
    name: fc.constantFrom('Secret__c', 'secret__C', 'Contact.Secret__c'),
    literals: fc.array(secretLiteral, { minLength: 1, maxLength: 3 }),
    isList: fc.boolean(),
    shape: fc.constantFrom(
      (c: string) => c,
      (c: string) => `(${c})`,
      (c: string) => `(NOT ${c})`,
    ),
  })
  .map(({ name, literals, isList, shape }) =>
    shape(isList ? `${name} IN (${literals.join(', ')})` : `${name} = ${literals[0]}`),
  );
const query = fc
  .record({
    secrets: fc.array(comparison, { minLength: 1, maxLength: 3 }),
    others: fc.array(otherCondition, { maxLength: 3 }),
    operator: fc.constantFrom(' AND ', ' OR ', '\n and  '),
    at: fc.nat(),
    around: fc.constantFrom(
      (where: string) => `SELECT Id, Secret__c FROM Contact WHERE ${where} ORDER BY Id LIMIT 9`,
      (where: string) => `SELECT Id, (SELECT Id FROM Contacts WHERE ${where}) FROM Account`,
      (where: string) => `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE ${where})`,
    ),
  })
  .map(({ secrets, others, operator, at, around }) => {
    const conditions = secrets.flatMap((secret, index) => [
      ...others.slice(index, index + 1 + (at % 2)),
      secret,
    ]);
    // AND and OR do not stand side by side without parentheses.
    return around(conditions.join(operator));
  });

/** A parsed query with what the secret field is compared with taken out, and that apart. */
function withoutSecrets(soql: string): { rest: string; values: string[] } {
  const values: string[] = [];
  const rest = JSON.stringify(parseSoql(soql), (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('field' in part) || !('value' in part)) return part;
    if (!/(^|\.)secret__c$/i.test(String(part.field))) return part;
    values.push(...[part.value].flat().map((literal) => textOfLiteral(String(literal)) ?? 'unread'));
    return { ...part, operator: 'equals', value: '' };
  });
  return { rest, values };
}

describe('whatever the query', () => {
  it('leaves no value of the field in it, and everything else as it was', () => {
    fc.assert(
      fc.property(query, fc.array(text, { minLength: 1, maxLength: 3 }), (soql, tokens) => {
        const after = replaced(soql, ({ field }) =>
          /^secret__c$/i.test(field) ? tokens.map((token) => `t${token}`) : undefined,
        );
        if (tokens.some((token) => stringLiteral(token) === undefined)) {
          expect(after).toBeUndefined();
          return;
        }
        const expected = [...new Set(tokens.map((token) => `t${token}`))];
        const before = withoutSecrets(soql);
        const result = withoutSecrets(after ?? '');
        expect(result.rest).toBe(before.rest);
        expect([...new Set(result.values)]).toEqual(expected);
        expect(after).not.toContain(CANARY);
        expect(result.values.length % expected.length).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
