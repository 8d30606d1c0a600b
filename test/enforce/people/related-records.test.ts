import { describe, expect, it } from 'vitest';
import { createRelated } from '../../../src/enforce/people/related-records.ts';
import type { Columns } from '../../../src/enforce/record/columns.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createCsvRewriter } from '../../../src/media/csv/csv-rewriter.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import { decide, operation, principal, SALESFORCE, snapshotOf } from '../../policy/fixture.ts';

const COLUMNS: Columns = {
  id: { object: 'Case', field: 'Id' },
  'contact.id': { object: 'Contact', field: 'Id' },
  'contact.email': { object: 'Contact', field: 'Email' },
  'contact.account.name': { object: 'Account', field: 'Name' },
};

/** What is told of the related records in the rows of a CSV. */
function told(csv: string, policies = 'policy: p\nshow: { contact.email: redact }\n') {
  const { view } = decide(snapshotOf(policies), SALESFORCE, principal(), operation('bulk'));
  const related = createRelated(COLUMNS, view, 'Id');
  const all: (readonly [object: string, id: string | undefined])[] = [];
  const rewriter = createCsvRewriter({
    object: 'Case',
    names: new NameTable(DEFAULT_LIMITS.namesMax),
    limits: DEFAULT_LIMITS,
    handler: {
      special: () => undefined,
      record: (row) => {
        related(row, (object, id) => all.push([object, id]));
        return true;
      },
    },
  });
  rewriter.push(Buffer.from(csv));
  rewriter.end();
  return all;
}

describe('the related records of a row', () => {
  it.each<[string, string, readonly (readonly [string, string | undefined])[]]>([
    [
      'are known by their ids',
      'Id,Contact.Id,Contact.Email\n5,3,a@b.c\n6,3,\n',
      [
        ['Contact', '3'],
        ['Contact', '3'],
      ],
    ],
    ['or are any', 'Contact.Email,Id\na@b.c,5\n', [['Contact', undefined]]],
    ['are not there where all their cells are empty', 'Id,Contact.Id,Contact.Email\n5,,\n', []],
    [
      'are one for each path',
      'CONTACT.EMAIL,Contact.Account.Name\na@b.c,Acme\n',
      [
        ['Contact', undefined],
        ['Account', undefined],
      ],
    ],
    ['may be of any object where nobody knows the column', 'Id,Owner.Name\n5,Ana\n', [['*', undefined]]],
    ['are not the row itself', 'Id\n5\n', []],
  ])('%s', (_, csv, expected) => {
    expect(told(csv)).toEqual(expected);
  });

  it('are not told of where their cells are emptied', () => {
    const own = 'policy: p\non: { objects: [Contact] }\nrows: record.owner == principal.crmUserId\n';
    expect(told('Id,Contact.Email,Contact.Account.Name\n5,a@b.c,Acme\n', own)).toEqual([
      ['Account', undefined],
    ]);
  });
});
