import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { narrowSoql } from '../../../../src/crm/dialects/soql/narrow.ts';
import { createSoqlReader } from '../../../../src/crm/dialects/soql/reader.ts';
import { SALESFORCE_SCHEMA } from '../../../../src/crm/salesforce/objects.ts';
import { DEFAULT_LIMITS } from '../../../../src/limits.ts';
import type { FieldUse } from '../../../../src/model/operation.ts';

const { read } = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);

/** Parts of a query that do not name the hidden field. */
const name = fc.constantFrom('Id', 'FirstName', 'Account.Name', 'c.LastName', 'x__c', 'Owner.Name');
const value = fc.constantFrom(
  "'a'",
  "'it\\'s'",
  "'Secret__c'",
  '5',
  'TODAY',
  'LAST_N_DAYS:3',
  'true',
  'null',
  '2020-01-01',
);
const condition = fc.oneof(
  fc.tuple(name, value).map(([field, literal]) => `${field} = ${literal}`),
  name.map((field) => `${field} LIKE 'a%'`),
  name.map((field) => `CALENDAR_YEAR(${field}) > 2000`),
  name.map((field) => `Id IN (SELECT ContactId FROM Case WHERE ${field.replace('c.', '')} = 'a')`),
);

/** Ways to name the hidden field in a condition. */
const hiddenCondition = (field: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    `${field} = 'a'`,
    `${field} LIKE '%a'`,
    `${field} IN ('a', 'b')`,
    `NOT ${field} = null`,
    `toLabel(${field}) = 'a'`,
    `(${field} > 'm')`,
    `${field} NOT IN (SELECT Email FROM Lead)`,
  );

const PLACES = [
  ...(['select', 'derive', 'alias', 'aggregate', 'group', 'rollup'] as const),
  ...(['sort', 'having', 'parent', 'child', 'filter'] as const),
] as const;
type Place = (typeof PLACES)[number];

interface Hidden {
  readonly soql: string;
  readonly position: string;
}

const spelled = fc.tuple(
  fc.constantFrom('Secret__c', 'secret__C', 'SECRET__C'),
  fc.constantFrom('', 'c.', 'Contact.', 'contact.'),
);

const fixed = (soql: string, position: string): fc.Arbitrary<Hidden> => fc.constant({ soql, position });

/** A query on Contact that names Secret__c exactly once, somewhere. */
const hidden: fc.Arbitrary<Hidden> = fc
  .record({
    spelling: spelled,
    select: fc.array(name, { minLength: 1, maxLength: 3 }),
    where: fc.array(condition, { maxLength: 3 }),
    at: fc.nat(),
    space: fc.constantFrom(' ', '\n', '\t ', '\r\n  '),
    place: fc.constantFrom(...PLACES),
  })
  .chain(({ spelling: [field, prefix], select, where, at, space, place }) => {
    const secret = `${prefix}${field}`;
    const insert = (list: readonly string[], item: string): string[] =>
      list.toSpliced(at % (list.length + 1), 0, item);
    const query = (fields: readonly string[], conditions: readonly string[], rest = ''): string =>
      [
        `SELECT ${fields.join(', ')}`,
        'FROM Contact c',
        ...(conditions.length > 0 ? [`WHERE ${conditions.join(`${space}AND `)}`] : []),
        ...(rest === '' ? [] : [rest]),
      ].join(space);
    const ways: Readonly<Record<Place, () => fc.Arbitrary<Hidden>>> = {
      select: () => fixed(query(insert(select, secret), where), 'select'),
      derive: () => fixed(query(insert(select, `toLabel(${secret})`), where), 'derive'),
      alias: () => fixed(query(insert(select, `${secret} other`), where), 'derive'),
      aggregate: () => fixed(query([`MAX(${secret})`, 'COUNT(Id) n'], where), 'aggregate'),
      group: () => fixed(query(['COUNT(Id)'], where, `GROUP BY FirstName, ${secret}`), 'group'),
      rollup: () => fixed(query(['COUNT(Id)'], where, `GROUP BY CUBE(FirstName, ${secret})`), 'group'),
      sort: () => fixed(query(select, where, `ORDER BY Id, ${secret} DESC NULLS LAST LIMIT 9`), 'sort'),
      having: () =>
        fixed(query(['COUNT(Id)'], where, `GROUP BY FirstName HAVING MAX(${secret}) > 'm'`), 'filter'),
      parent: () => fixed(query(insert(select, `ReportsTo.${field}`), where), 'select'),
      child: () =>
        hiddenCondition(field).map((inner) => ({
          soql: `SELECT Id, (SELECT Id FROM Contacts WHERE ${inner}) FROM Account`,
          position: 'filter',
        })),
      filter: () =>
        hiddenCondition(secret).map((inner) => ({
          soql: query(select, insert(where, inner)),
          position: 'filter',
        })),
    };
    return ways[place]();
  });

const useKey = (use: FieldUse): string => `${use.object}.${use.field} ${use.position}`;

describe('a field hidden anywhere in SOQL', () => {
  it('is always found, with its position', () => {
    fc.assert(
      fc.property(hidden, ({ soql, position }) => {
        const found = read(soql).reading.uses.filter(({ field }) => field.toLowerCase() === 'secret__c');
        expect(found.map((use) => [use.object, use.position])).toEqual([['Contact', position]]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is still found after narrowing, which takes nothing away and adds only what it says', () => {
    fc.assert(
      fc.property(hidden, ({ soql }) => {
        const before = read(soql).reading;
        const equals = [{ field: 'OwnerId', values: ['0055e000001abcDAAQ'] }];
        const narrowed = narrowSoql(
          soql,
          read(soql),
          {
            addFields: new Map([['Contact', ['Region__c']]]),
            where: new Map([['Contact', [{ policy: 'p', needs: ['OwnerId'], equals, holds: () => true }]]]),
          },
          SALESFORCE_SCHEMA,
        );
        const after = new Set(read(narrowed.text).reading.uses.map(useKey));
        for (const use of before.uses) after.delete(useKey(use));
        const added = (narrowed.added.get('Contact') ?? []).map((field) => `Contact.${field} select`);
        expect([...after].toSorted()).toEqual(['Contact.OwnerId filter', ...added].toSorted());
      }),
      { numRuns: 500 },
    );
  });
});
