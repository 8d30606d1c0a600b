import { readFileSync } from 'node:fs';
import { longId } from '../../src/crm/salesforce/id.ts';
import type { CrmRequest } from '../../src/model/request.ts';
import { ID, page } from './people.ts';

/** As they are shipped. */
export const PACK_MAPS = ['people', 'business', 'history']
  .map((name) => readFileSync(`policies/packs/salesforce/${name}.yaml`, 'utf8'))
  .join('\n---\n');

const numbered = (prefix: string) => (index: number) => longId(`${prefix}${String(index).padStart(12, '0')}`);
export const DOCUMENT = numbered('069');
export const VERSION = numbered('068');
export const LINK = numbered('06A');
export const CASE = numbered('500');
const TASK = numbered('00T');
export const OWNER = numbered('005')(1);
export const LIBRARY = numbered('058')(1);
export const ACCOUNT = numbered('001')(1);
const COMPANY = numbered('00D')(1);
const VISIT = numbered('a01');

export type Row = Readonly<Record<string, string | null>>;

/** Document → what it is linked to beside its owner, and what its one version was first published to. */
const LINKED: Readonly<Record<number, readonly [first: string | null, ...others: readonly string[]]>> = {
  1: [ID(1), ID(1), ACCOUNT],
  2: [ID(1), ID(1), ID(2)],
  3: [LIBRARY, LIBRARY, COMPANY],
  4: [LIBRARY, LIBRARY, CASE(2)],
  5: [ID(2)],
  6: [OWNER, CASE(1), TASK(1)],
  7: [OWNER, TASK(2)],
  8: [ACCOUNT, VISIT(2)],
};
const DOCUMENTS = Object.keys(LINKED).map(Number);

export const ROWS: Readonly<Record<string, readonly Row[]>> = {
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
  Visit__c: [{ Id: VISIT(2), Patient__c: ID(2) }],
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
export function salesforce({ path, query, body }: CrmRequest): unknown {
  const parameters = new Map(query);
  const q = parameters.get('q');
  if (q === undefined) {
    const object = path.split('/').at(-1) ?? '';
    const ids =
      body === undefined
        ? (parameters.get('ids')?.split(',') ?? [])
        : (JSON.parse(String(body)) as { ids: string[] }).ids;
    return ids.map((id) => ROWS[object]?.find(({ Id }) => Id?.slice(0, 15) === id.slice(0, 15)) ?? null);
  }
  const [, object = '', field = '', list = ''] = /FROM (\w+) WHERE (\w+) IN \((.*)\)$/.exec(q) ?? [];
  const values = list.split(', ').map((text) => text.slice(1, -1));
  return page((ROWS[object] ?? []).filter((row) => values.includes(row[field] ?? '')));
}
