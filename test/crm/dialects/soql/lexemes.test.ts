import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringLiteral, textOfLiteral, withFirstOfLists } from '../../../../src/crm/dialects/soql/lexemes.ts';

describe('a SOQL string literal', () => {
  it.each([
    ["'ana'", 'ana'],
    ["''", ''],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`'a\\b'`, 'a\\b'],
    [String.raw`'\"\n\N\r\R\t\T\f\F'`, '"\n\n\r\r\t\t\f\f'],
    [String.raw`'\u00e9\u0027'`, "é'"],
    [String.raw`'\\u00e9'`, String.raw`\u00e9`],
  ])('%s stands for its value', (literal, value) => {
    expect(textOfLiteral(literal)).toBe(value);
  });

  it.each([
    'ana',
    "'ana",
    "'a' OR Name = 'b'",
    String.raw`'a\'`,
    String.raw`'\b'`,
    String.raw`'\%'`,
    String.raw`'\_'`,
    String.raw`'\u12'`,
    String.raw`'\ud800'`,
    String.raw`'\x'`,
  ])('%s has no certain value', (literal) => {
    expect(textOfLiteral(literal)).toBeUndefined();
  });

  it('stands for the value it was written for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const literal = stringLiteral(value);
        fc.pre(literal !== undefined);
        expect(textOfLiteral(literal)).toBe(value);
      }),
    );
  });
});

describe('a query without the rest of its lists', () => {
  it.each([
    ["WHERE Id IN ('a', 'b','c') AND Name = 'd'", "WHERE Id IN ('a') AND Name = 'd'"],
    ["WHERE Id IN ('a' , \n 'b') OR Id IN ('c', 'd')", "WHERE Id IN ('a') OR Id IN ('c')"],
    [String.raw`WHERE Name IN ('it\'s, ''b', 'c\\', 'd')`, String.raw`WHERE Name IN ('it\'s, ''b')`],
    ["WHERE Name = ', ' AND Title = ', '", "WHERE Name = ', ' AND Title = ', '"],
    ["WHERE Age__c IN (1, 2) AND Name IN ('a', NULL)", "WHERE Age__c IN (1, 2) AND Name IN ('a', NULL)"],
    ['SELECT Id, Name FROM Contact', 'SELECT Id, Name FROM Contact'],
  ])('%s', (whole, kept) => {
    expect(withFirstOfLists(whole)).toBe(kept);
    expect(withFirstOfLists(kept)).toBe(kept);
  });
});
