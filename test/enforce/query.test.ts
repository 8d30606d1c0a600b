import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { narrowQuery } from '../../src/enforce/query.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { ObjectView, RowRule, View } from '../../src/model/decision.ts';
import type { Operation } from '../../src/model/operation.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);

const OWN: RowRule = {
  policy: 'own',
  needs: ['OwnerId'],
  equals: [{ field: 'OwnerId', values: ['0055g0000000002AAA'] }],
  holds: (facts) => facts('OwnerId') === '0055g0000000002AAA',
};

const viewOf = (rule: RowRule): View => ({
  id: 'view',
  isClear: false,
  of: (object): ObjectView => ({
    object,
    isClear: false,
    field: () => undefined,
    classifies: () => true,
    rows: object === 'Contact' ? [rule] : [],
  }),
});

/** Contacts are restricted to their owner; nothing else is. */
const VIEW = viewOf(OWN);

function query(soql: string): Operation {
  const operation = adapter.recognise(
    {
      method: 'GET',
      path: '/services/data/v59.0/query',
      segments: ['services', 'data', 'v59.0', 'query'],
      query: [['q', soql]],
      contentType: '',
      accept: '',
    },
    () => undefined,
  );
  if (operation === undefined) throw new Error('The query is not recognised.');
  return operation;
}

describe('a query over records that may not all be seen', () => {
  it.each([
    "SELECT Id FROM Contact WHERE LastName = 'X'",
    "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'X')",
    "SELECT Id, (SELECT Id FROM Contacts WHERE LastName = 'X') FROM Account",
    'SELECT COUNT() FROM Contact',
  ])('passes where the rule is part of it: %s', (soql) => {
    expect(narrowQuery(adapter, query(soql), VIEW).rowsPushed).toBe(true);
  });

  it('passes where it only shows them: they are left out of the answer', () => {
    const narrowed = narrowQuery(
      adapter,
      query('SELECT Id, Contact.LastName FROM Case ORDER BY CreatedDate'),
      VIEW,
    );
    expect(narrowed.rowsPushed).toBe(false);
  });

  it.each([
    ["SELECT Id FROM Case WHERE Contact.LastName LIKE 'X%'", 'Contact.LastName'],
    ['SELECT Id FROM Case ORDER BY Contact.LastName', 'Contact.LastName'],
    ["SELECT Id FROM Contact WHERE ReportsTo.LastName LIKE 'X%'", 'Contact.LastName'],
    ['SELECT Id FROM Contact ORDER BY ReportsTo.LastName', 'Contact.LastName'],
    ["SELECT Id, (SELECT Id FROM Contacts WHERE ReportsTo.Title = 'X') FROM Account", 'Contact.Title'],
  ])('is refused where it chooses or sorts other records by them: %s', (soql, field) => {
    expect(() => narrowQuery(adapter, query(soql), VIEW)).toThrow(field);
  });

  it.each([
    "AccountId IN (SELECT AccountId FROM Contact WHERE LastName = 'X')",
    "AccountId NOT IN (SELECT AccountId FROM Contact WHERE LastName = 'X')",
    "LastName = 'Y' OR Id IN (SELECT ReportsToId FROM Contact)",
  ])(
    'is refused where records of the same object are chosen by those that no query leaves out: %s',
    (where) => {
      const soql = `SELECT Id FROM Contact WHERE ${where}`;
      expect(narrowQuery(adapter, query(soql), VIEW).rowsPushed).toBe(true);
      expect(() => narrowQuery(adapter, query(soql), viewOf({ ...OWN, equals: [] }))).toThrow(
        'Other records',
      );
    },
  );

  it.each([
    'SELECT COUNT() FROM Case WHERE Contact.LastName != null',
    'SELECT MAX(Contact.LastName) FROM Case',
  ])('is refused where it counts over them: %s', (soql) => {
    expect(() => narrowQuery(adapter, query(soql), VIEW)).toThrow('Counts and groups over Contact');
  });
});
