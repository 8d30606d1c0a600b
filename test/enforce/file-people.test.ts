import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { longId } from '../../src/crm/salesforce/id.ts';
import type { CrmRequest } from '../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { ID, page } from './people.ts';
import { registryOf } from './registry.ts';

/** As they are shipped. */
const maps = ['people', 'business', 'history']
  .map((name) => readFileSync(`policies/packs/salesforce/${name}.yaml`, 'utf8'))
  .join('\n---\n');

const numbered = (prefix: string) => (index: number) => longId(`${prefix}${String(index).padStart(12, '0')}`);
const [DOCUMENT, VERSION, LINK, CASE, TASK] = ['069', '068', '06A', '500', '00T'].map(numbered) as [
  ReturnType<typeof numbered>,
  ReturnType<typeof numbered>,
  ReturnType<typeof numbered>,
  ReturnType<typeof numbered>,
  ReturnType<typeof numbered>,
];
const [OWNER, LIBRARY, ACCOUNT, COMPANY, CUSTOM] = ['005', '058', '001', '00D', 'a01'].map((prefix) =>
  numbered(prefix)(1),
) as [string, string, string, string, string];

type Row = Readonly<Record<string, string | null>>;

/** Document → what it is linked to beside its owner, and what its one version was first published to. */
const LINKED: Readonly<Record<number, readonly [first: string | null, ...others: readonly string[]]>> = {
  1: [ID(1), ID(1), ACCOUNT],
  2: [ID(1), ID(1), ID(2)],
  3: [LIBRARY, LIBRARY, COMPANY],
  4: [LIBRARY, LIBRARY, CASE(2)],
  5: [ID(2)],
  6: [OWNER, CASE(1), TASK(1)],
  7: [OWNER, TASK(2)],
  8: [ACCOUNT, CUSTOM],
};
const DOCUMENTS = Object.keys(LINKED).map(Number);

const rows: Readonly<Record<string, readonly Row[]>> = {
  Contact: [1, 2].map((index) => ({ Id: ID(index), Email: `p${index}@example.com`, Phone: null })),
  Case: [1, 2].map((index) => ({
    Id: CASE(index),
    ContactId: ID(index),
    ContactEmail: `p${index}@example.com`,
    ContactPhone: null,
    SuppliedEmail: null,
    SuppliedPhone: null,
  })),
  Task: [1, 2].map((index) => ({ Id: TASK(index), WhoId: null, WhatId: CASE(index) })),
  ContentDocument: DOCUMENTS.map((index) => ({
    Id: DOCUMENT(index),
    LatestPublishedVersionId: VERSION(index),
  })),
  ContentVersion: DOCUMENTS.map((index) => ({
    Id: VERSION(index),
    ContentDocumentId: DOCUMENT(index),
    FirstPublishLocationId: LINKED[index]?.[0] ?? null,
  })),
  ContentDocumentLink: DOCUMENTS.flatMap((index) =>
    [OWNER, ...(LINKED[index]?.slice(1) ?? [])].map((to, at) => ({
      Id: LINK(index * 10 + at),
      ContentDocumentId: DOCUMENT(index),
      LinkedEntityId: to ?? null,
    })),
  ),
};

/** Answers as Salesforce does, also what asks for links: only of named documents or entities. */
function salesforce({ path, query, body }: CrmRequest): unknown {
  const parameters = new Map(query);
  const q = parameters.get('q');
  if (q === undefined) {
    const object = path.split('/').at(-1) ?? '';
    const ids =
      body === undefined
        ? (parameters.get('ids')?.split(',') ?? [])
        : (JSON.parse(String(body)) as { ids: string[] }).ids;
    return ids.map((id) => rows[object]?.find(({ Id }) => Id?.slice(0, 15) === id.slice(0, 15)) ?? null);
  }
  const [, object = '', field = '', list = ''] = /FROM (\w+) WHERE (\w+) IN \((.*)\)$/.exec(q) ?? [];
  const values = list.split(', ').map((text) => text.slice(1, -1));
  return page((rows[object] ?? []).filter((row) => values.includes(row[field] ?? '')));
}

const NEXT = '/services/data/v59.0/query/01g000000000001AAA-2000';

function withoutRows(read: CrmRequest, object: string): unknown {
  const isAsked = JSON.stringify([read.path, read.query]).includes(object);
  return isAsked ? (read.method === 'GET' ? page([]) : [null]) : salesforce(read);
}

/** Contact 2 is restricted. */
const consent = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
const scene = (request: string, over: Partial<Scene> = {}): Scene => ({
  policies: '',
  maps,
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
const all = (object: string): readonly object[] => (rows[object] ?? []).map((row) => typed(object, row));

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
