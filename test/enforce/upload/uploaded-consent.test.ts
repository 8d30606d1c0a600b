import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { type IngestJob, uploadOf } from '../../../src/crm/salesforce/ingest.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { keepUploadFromClaiming } from '../../../src/enforce/upload/uploaded-consent.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { decide, operation, principal, snapshotOf } from '../../policy/fixture.ts';
import { contact, ID, PEOPLE_MAPS, page, said } from '../people.ts';
import { registryOf } from '../registry.ts';

const REQUIRE =
  'policy: asked\non: { objects: [Contact] }\nrequire: { consent: marketing.email, otherwise: omit-record }';
const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
/** 1 has agreed; the field of 2 says no; of 3 nothing is known. */
const PEOPLE = [1, 2, 3].map((index) =>
  contact(index, { ExternalId__c: `k${index}`, HasOptedOutOfEmail: index === 2 ? true : null }),
);

function salesforce({ path, query, body }: CrmRequest): unknown {
  if (path.endsWith('/query')) {
    const asked = query.find(([name]) => name === 'q')?.[1] ?? '';
    return page(
      PEOPLE.filter(({ ExternalId__c: key }: Record<string, unknown>) => asked.includes(`'${String(key)}'`)),
    );
  }
  const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
  return ids.map((id) => PEOPLE.find((record) => record.Id === id) ?? null);
}

/** What goes on of an upload, and how often the CRM was asked. */
async function upload(csv: string, job: Partial<IngestJob> = {}) {
  const body = uploadOf({ object: 'Contact', delimiter: ',', ...job }, 'job');
  const bulk = operation('bulk', { body });
  const { view } = decide(snapshotOf(REQUIRE, {}, PEOPLE_MAPS), adapter, principal(), bulk);
  let reads = 0;
  const tools = {
    adapter,
    operation: { ...bulk, request: { ...bulk.request, segments: ['services', 'data', 'v59.0'] } },
    view,
    naming: createNaming(adapter, 'crm'),
    consent: registryOf([said(1, 'granted')]),
    vault: guardVault(undefined),
    limits: DEFAULT_LIMITS,
    read: (read: CrmRequest) => {
      reads++;
      return Promise.resolve(salesforce(read));
    },
  };
  const walk = { names: new NameTable(100), limits: DEFAULT_LIMITS };
  const { rewriter, fetch } = keepUploadFromClaiming(body, tools, walk);
  const out: Buffer[] = [];
  rewriter.push(Buffer.from(csv));
  rewriter.end();
  await fetch(true);
  for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) out.push(part);
  return { text: Buffer.concat(out).toString(), reads };
}

describe('an upload of whoever is bound by a requirement', () => {
  it.each<[string, string, Partial<IngestJob>?]>([
    ['that somebody has not agreed', `Id,HasOptedOutOfEmail\n${ID(3)},true\n`],
    ['that of somebody who has agreed', `Id,HasOptedOutOfEmail\n${ID(1)},false\n`],
    ['what stands there already, or nothing', `Id,Email,HasOptedOutOfEmail\n${ID(2)},p2@example.com,\n`],
    ['an address by which nobody has agreed', `Id,Email\n${ID(3)},other@example.com\n`],
    ['anything of new records', 'LastName,HasOptedOutOfEmail\nRuiz,false\n', { creates: true }],
    ['a new record under a key', 'ExternalId__c,HasOptedOutOfEmail\nk9,false\n', { lookup: 'ExternalId__c' }],
  ])('says %s', async (_, csv, job) => {
    expect((await upload(csv, job)).text).toBe(csv);
  });

  it('is not looked up where it says nothing that decides', async () => {
    expect((await upload(`Id,Title\n${ID(2)},Dr\n${ID(3)},Dr\n`)).reads).toBe(0);
  });

  it.each<[string, string, number, Partial<IngestJob>?]>([
    ['who has said nothing', `Id,HasOptedOutOfEmail\n${ID(3)},false\n${ID(1)},false\n`, 1],
    ['who has said no, in whatever word', `Id,hasoptedoutofemail\n${ID(2)},no\n${ID(2)},0\n`, 2],
    ['and takes the no away', `Id,HasOptedOutOfEmail\n${ID(2)},#N/A\n`, 1],
    ['by a key', 'ExternalId__c,HasOptedOutOfEmail\nk2,false\nk1,false\n', 1, { lookup: 'ExternalId__c' }],
    ['without saying who', 'Id,HasOptedOutOfEmail\n,false\n', 1],
  ])('does not make anybody agree %s', async (_, csv, count, job) => {
    await expect(upload(csv, job)).rejects.toThrow(
      `Whether somebody has agreed to marketing.email may not be recorded by those who need it to see records. Records of people who are not known to have agreed: ${count}.`,
    );
  });
});
