import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../src/model/request.ts';
import {
  ACCOUNT,
  CASE,
  DOCUMENT,
  LIBRARY,
  LINK,
  OWNER,
  PACK_MAPS,
  ROWS,
  type Row,
  salesforce,
  VERSION,
} from './documents.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { ID, page } from './people.ts';
import { registryOf } from './registry.ts';

const NEXT = '/services/data/v59.0/query/01g000000000001AAA-2000';

function withoutRows(read: CrmRequest, object: string): unknown {
  const isAsked = JSON.stringify([read.path, read.query]).includes(object);
  return isAsked ? (read.method === 'GET' ? page([]) : [null]) : salesforce(read);
}

/** Contact 2 is restricted. */
const consent = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
const scene = (request: string, over: Partial<Scene> = {}): Scene => ({
  policies: '',
  maps: PACK_MAPS,
  consent,
  answers: salesforce,
  request,
  ...over,
});
const query = (soql: string): string => `GET ${V59}/query?q=${encodeURIComponent(soql)}`;
const typed = (type: string, row: Row) => ({
  attributes: { type, url: `${V59}/sobjects/${type}/${row['Id']}` },
  ...row,
});

const shown = async (soql: string, answered: readonly object[], over: Partial<Scene> = {}) => {
  const { answerAfterLookUps, reads } = await play(scene(query(soql), over));
  const { json } = await answerAfterLookUps(page(answered));
  const { records } = json() as { records: readonly { attributes: { url: string } }[] };
  return { ids: records.map(({ attributes }) => attributes.url.split('/').at(-1)), records, reads };
};
const all = (object: string): readonly object[] => (ROWS[object] ?? []).map((row) => typed(object, row));

describe('the files of somebody restricted', () => {
  it.each([
    ['ContentVersion', VERSION],
    ['ContentDocument', DOCUMENT],
  ])('are left out, whenever they were linked to them: %s', async (object, idOf) => {
    const { ids } = await shown(`SELECT Title FROM ${object}`, all(object));
    expect(ids).toEqual([1, 3, 6, 8].map(idOf));
  });

  it('are left out as all of their links', async () => {
    const soql = `SELECT ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '${ID(1)}'`;
    const { ids } = await shown(soql, all('ContentDocumentLink'));
    expect(ids).toEqual([10, 11, 12, 30, 31, 32, 60, 61, 62, 80, 81].map(LINK));
  });

  it('are found with as many requests as there are objects on the way, however many files there are', async () => {
    const [version] = all('ContentVersion').slice(3, 4) as [object];
    const { reads } = await shown('SELECT Title FROM ContentVersion', [
      ...all('ContentVersion'),
      ...Array.from({ length: 300 }, () => version),
    ]);
    const objects = reads.map(
      ({ path, query: [q] }) => /FROM (\w+)/.exec(String(q?.[1]))?.[1] ?? path.split('/').at(-1),
    );
    expect(objects).toEqual([
      'Contact',
      'ContentDocumentLink',
      'ContentVersion',
      'Contact',
      'Case',
      'Task',
      'Case',
    ]);
  });

  it.each<[string, NonNullable<Scene['answers']>]>([
    ['Salesforce does not answer', () => undefined],
    [
      'no link of theirs is told, although there is one at least',
      (read) => withoutRows(read, 'ContentDocumentLink'),
    ],
    [
      'the links are more than can be read',
      (read) => ({ ...Object(salesforce(read)), done: false, nextRecordsUrl: NEXT }),
    ],
    ['what they were published to is not told', (read) => withoutRows(read, 'Contact')],
  ])('cannot be told from others, which are left out as well: %s', async (_, answers) => {
    const first = all('ContentVersion').slice(0, 1);
    expect((await shown('SELECT Title FROM ContentVersion', first, { answers })).ids).toEqual([]);
  });

  it('are found over several pages of links', async () => {
    const [first, second] = [DOCUMENT(1), DOCUMENT(2)];
    const answers = (read: CrmRequest): unknown => {
      const isNext = read.path === NEXT;
      const all = page(
        ROWS['ContentDocumentLink']?.filter((row) =>
          [first, second].includes(row['ContentDocumentId'] ?? ''),
        ) ?? [],
      );
      if (isNext) return { ...all, records: all.records.slice(4) };
      const isFirst = JSON.stringify(read.query).includes('FROM ContentDocumentLink');
      return isFirst
        ? { ...all, done: false, nextRecordsUrl: NEXT, records: all.records.slice(0, 4) }
        : salesforce(read);
    };
    const some = all('ContentDocument').slice(0, 2);
    const { ids, reads } = await shown('SELECT Title FROM ContentDocument', some, { answers });
    expect([ids, reads.filter(({ path }) => path === NEXT).length]).toEqual([[first], 1]);
  });

  it('are told by custom objects whose ids a data map knows', async () => {
    const maps = `${PACK_MAPS}
---
dataMap: salesforce
objects:
  Visit__c: { idPrefix: a01, dataSubject: { id: Patient__c } }
`;
    const [last] = all('ContentDocument').slice(7);
    const { ids } = await shown('SELECT Title FROM ContentDocument', [last as object], { maps });
    expect(ids).toEqual([]);
  });

  it('are not those that somebody else owns whose processing is restricted', async () => {
    const staff = registryOf([{ who: { record: `crm::${OWNER}` }, restricted: true }]);
    const { ids } = await shown('SELECT Title FROM ContentVersion', all('ContentVersion'), {
      consent: staff,
    });
    expect(ids).toHaveLength(8);
  });

  it('are left out where they stand under other records', async () => {
    const soql = `SELECT ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '${ID(1)}'`;
    const { target } = await play(scene(query(soql)));
    expect(target).toMatch(
      /SELECT ContentDocument.Title, (?=.*ContentDocument\.Id)(?=.*LinkedEntityId)(?=.*ContentDocumentId)/,
    );
    const child = (type: string, row: Row) => ({ totalSize: 1, done: true, records: [typed(type, row)] });
    const account = (index: number) => ({
      ...typed('Account', { Id: ACCOUNT }),
      ContentDocumentLinks: child('ContentDocumentLink', {
        Id: LINK(9),
        ContentDocumentId: DOCUMENT(index),
        LinkedEntityId: ACCOUNT,
      }),
      CombinedAttachments: child('CombinedAttachment', {
        Id: DOCUMENT(index),
        Title: `File ${index}`,
        ParentId: ACCOUNT,
      }),
      AttachedContentDocuments: child('AttachedContentDocument', {
        Id: LINK(9),
        ContentDocumentId: DOCUMENT(index),
        Title: `File ${index}`,
        LinkedEntityId: ACCOUNT,
      }),
    });
    const subqueries =
      'SELECT Id, (SELECT Id FROM ContentDocumentLinks), (SELECT Title FROM CombinedAttachments), (SELECT Title FROM AttachedContentDocuments) FROM Account';
    const { records } = await shown(subqueries, [account(1), account(2)]);
    const counts = records.map((record) =>
      Object.values(record as Readonly<Record<string, { readonly records?: readonly unknown[] }>>).flatMap(
        (value) => value.records?.length ?? [],
      ),
    );
    expect(counts).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ]);
  });

  it('are not fetched, and those of others are', async () => {
    const fetched = (index: number) =>
      play(scene(`GET ${V59}/sobjects/ContentVersion/${VERSION(index)}/VersionData`));
    for (const index of [2, 4, 5, 7]) {
      expect(
        await refusalOf(scene(`GET ${V59}/sobjects/ContentVersion/${VERSION(index)}/VersionData`)),
        String(index),
      ).toMatchObject({ policy: 'restriction' });
    }
    for (const index of [1, 3, 6, 8]) expect((await fetched(index)).refusal).toBeUndefined();
  });

  it('are found by what a subquery does not ask for', async () => {
    const { target } = await play(
      scene(query('SELECT Id, (SELECT Title FROM AttachedContentDocuments) FROM Account')),
    );
    expect(target).toMatch(/\(SELECT Title, (?=[^)]*LinkedEntityId)(?=[^)]*ContentDocumentId)/);
  });

  it('are left out of bulk queries', async () => {
    const job = { operation: 'query', query: 'SELECT Title FROM ContentDocument' };
    const { body } = await play(scene(`POST ${V59}/jobs/query`, { body: job }));
    expect(body).toMatchObject({ query: 'SELECT Title, Id FROM ContentDocument' });
  });

  it.each<[string, string, unknown?]>([
    ['changed', `PATCH ${V59}/sobjects/ContentDocument/${DOCUMENT(4)}`, { Title: 'X' }],
    ['changed as a version', `PATCH ${V59}/sobjects/ContentVersion/${VERSION(7)}`, { Title: 'X' }],
    ['deleted', `DELETE ${V59}/sobjects/ContentDocument/${DOCUMENT(2).slice(0, 15)}`],
    ['deleted among others', `DELETE ${V59}/composite/sobjects?ids=${DOCUMENT(1)},${DOCUMENT(4)}`],
    [
      'given a new version',
      `POST ${V59}/sobjects/ContentVersion`,
      { ContentDocumentId: DOCUMENT(4), Title: 'X' },
    ],
    [
      'linked to somebody else',
      `POST ${V59}/sobjects/ContentDocumentLink`,
      { ContentDocumentId: DOCUMENT(5), LinkedEntityId: ID(1) },
    ],
    [
      'linked in a collection',
      `POST ${V59}/composite/sobjects`,
      {
        records: [
          {
            attributes: { type: 'ContentDocumentLink' },
            contentdocumentid: DOCUMENT(4),
            LinkedEntityId: ACCOUNT,
          },
        ],
      },
    ],
    ['taken from them', `DELETE ${V59}/sobjects/ContentDocumentLink/${LINK(22)}`],
    ['taken from others', `DELETE ${V59}/sobjects/ContentDocumentLink/${LINK(21)}`],
    [
      'shown to more people',
      `PATCH ${V59}/sobjects/ContentDocumentLink/${LINK(21)}`,
      { Visibility: 'AllUsers' },
    ],
  ])('are not %s', async (_, request, body) => {
    expect((await refusalOf(scene(request, body === undefined ? {} : { body }))).policy).toBe('restriction');
  });

  it.each<[string, string, unknown?]>([
    [
      'linked to them',
      `POST ${V59}/sobjects/ContentDocumentLink`,
      { ContentDocumentId: DOCUMENT(1), LinkedEntityId: CASE(2) },
    ],
    [
      'published to them',
      `POST ${V59}/sobjects/ContentVersion`,
      { FirstPublishLocationId: ID(2), Title: 'X' },
    ],
  ])('do not come from those of others: %s', async (_, request, body) => {
    expect((await refusalOf(scene(request, { body }))).policy).toBe('restriction');
  });

  it.each<[string, string, unknown?]>([
    [
      'linked',
      `POST ${V59}/sobjects/ContentDocumentLink`,
      { ContentDocumentId: DOCUMENT(1), LinkedEntityId: CASE(1) },
    ],
    ['unlinked', `DELETE ${V59}/sobjects/ContentDocumentLink/${LINK(12)}`],
    ['published', `POST ${V59}/sobjects/ContentVersion`, { FirstPublishLocationId: LIBRARY, Title: 'X' }],
    ['deleted', `DELETE ${V59}/sobjects/ContentDocument/${DOCUMENT(3)}`],
  ])('leave those of others alone, which are %s', async (_, request, body) => {
    const { refusal } = await play(scene(request, body === undefined ? {} : { body }));
    expect(refusal).toBeUndefined();
  });
});
