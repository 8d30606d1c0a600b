import type { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const CONFIG = 'test/e2e/require/embedded.yaml';
const V = '/services/data/v59.0';
/** Has a case. */
const RESTRICTED = 6;
/** Has a case, and has agreed. */
const AGREED = 3;
const OTHER = 4;

let around: RegistrySurroundings;
let house: OpenHouse;
let officer: Connection;
let rep: Connection;
let library: string;

const idOf = (object: string, at: number): string =>
  String(around.salesforce.data.records(object)[at]?.['Id']);
const caseOf = (at: number): string =>
  String(
    around.salesforce.data.records('Case').find(({ ContactId }) => ContactId === idOf('Contact', at))?.['Id'],
  );

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 12, pageSize: 200 } });
  await append(CONFIG, around.environment, [
    event('restricted', { record: `sales::${idOf('Contact', RESTRICTED)}` }),
    event('granted', { record: `sales::${idOf('Contact', AGREED)}` }, 'reading'),
  ]);
  house = await openHouseWith(CONFIG, around.environment);
  officer = salesforceClient(house.proxy, PRINCIPALS.privacyOfficer);
  rep = salesforceClient(house.proxy, PRINCIPALS.salesforceRep);
  library = await make('ContentWorkspace', { Name: 'Letters' });
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
});

async function make(object: string, record: Record<string, string>, by = officer): Promise<string> {
  const saved = await by.sobject(object).create(record);
  return String(saved.id);
}

interface Published {
  readonly version: string;
  readonly document: string;
}

/** A file with this text and title, and links to everything beside where it was published first. */
async function publish(
  text: string,
  first: string | undefined,
  ...others: readonly string[]
): Promise<Published> {
  const version = await make('ContentVersion', {
    Title: text,
    PathOnClient: `${text}.txt`,
    VersionData: Buffer.from(text).toString('base64'),
    ...(first === undefined ? {} : { FirstPublishLocationId: first }),
  });
  const record = await officer.sobject('ContentVersion').retrieve(version);
  const document = String(record['ContentDocumentId']);
  for (const LinkedEntityId of others) await link(document, LinkedEntityId);
  return { version, document };
}

const link = (ContentDocumentId: string, LinkedEntityId: string, by = officer): Promise<string> =>
  make('ContentDocumentLink', { ContentDocumentId, LinkedEntityId, ShareType: 'V' }, by);

const fetched = async ({ version }: Published, token: string): Promise<number> =>
  (await send(house.proxy, { path: `${V}/sobjects/ContentVersion/${version}/VersionData`, token })).status;

async function titles(by: Connection, soql: string): Promise<readonly unknown[]> {
  const { records } = await by.query(soql);
  return records.map((record) => record['Title']);
}

const refused = {
  errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
  message: expect.stringContaining('restrict'),
};

/** How a file may have come to somebody whose processing is restricted. */
describe.each<[string, () => Promise<Published>]>([
  ['published to them', () => publish('published', idOf('Contact', RESTRICTED))],
  [
    'published to nobody, and linked to them later',
    () => publish('own', undefined, idOf('Contact', RESTRICTED)),
  ],
  ['published to a library, and linked to their case', () => publish('library', library, caseOf(RESTRICTED))],
  [
    'linked to several people',
    () => publish('several', idOf('Contact', OTHER), idOf('Contact', RESTRICTED), idOf('Account', 0)),
  ],
])('a file that was %s', (_, make) => {
  let file: Published;
  beforeAll(async () => {
    file = await make();
  });

  it('is fetched by those who see them, and by nobody else', async () => {
    expect([
      await fetched(file, PRINCIPALS.privacyOfficer),
      await fetched(file, PRINCIPALS.salesforceRep),
    ]).toEqual([200, 403]);
  });

  it('is mailed by nobody else', async () => {
    const mail = (token: string) =>
      send(house.proxy, {
        method: 'POST',
        path: `${V}/actions/standard/emailSimple`,
        token,
        body: JSON.stringify({
          inputs: [
            {
              emailAddresses: 'rep@acme.example',
              emailSubject: 'X',
              emailBody: 'X',
              attachmentIdCollection: [file.version],
            },
          ],
        }),
      });
    expect((await mail(PRINCIPALS.salesforceRep)).text).toContain('processing is restricted');
    expect((await mail(PRINCIPALS.privacyOfficer)).status).toBe(200);
  });

  it('stands in no answer', async () => {
    const asked = [
      `SELECT Title FROM ContentVersion WHERE Id = '${file.version}'`,
      `SELECT Title FROM ContentDocument WHERE Id = '${file.document}'`,
      `SELECT Id, ContentDocument.Title FROM ContentDocumentLink WHERE ContentDocumentId = '${file.document}'`,
    ];
    for (const soql of asked) {
      expect((await officer.query(soql)).records.length, soql).toBeGreaterThan(0);
      expect((await rep.query(soql)).records, soql).toEqual([]);
    }
    await expect(rep.sobject('ContentDocument').retrieve(file.document)).rejects.toThrow('restrict');
    const bulk = await rep.bulk2.query('SELECT Title FROM ContentVersion');
    const rows = await bulk.toArray();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ Title }) => Title)).not.toContain(
      String((await officer.sobject('ContentVersion').retrieve(file.version))['Title']),
    );
  });

  it('is not changed, freed or added to by others', async () => {
    const links = await officer.query(
      `SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '${file.document}'`,
    );
    for (const { Id } of links.records) {
      await expect(rep.sobject('ContentDocumentLink').destroy(String(Id))).rejects.toMatchObject(refused);
    }
    const other = idOf('Contact', OTHER);
    await expect(link(file.document, other, rep)).rejects.toMatchObject(refused);
    await expect(rep.sobject('ContentDocument').destroy(file.document)).rejects.toMatchObject(refused);
    await expect(
      rep.sobject('ContentVersion').update({ Id: file.version, Title: 'X' }),
    ).rejects.toMatchObject(refused);
    const ContentDocumentId = file.document;
    const VersionData = Buffer.from('X').toString('base64');
    await expect(
      rep.sobject('ContentVersion').create({ ContentDocumentId, Title: 'X', PathOnClient: 'x', VersionData }),
    ).rejects.toMatchObject(refused);
  });
});

describe('a file of others', () => {
  it('is fetched and found wherever it was published and linked', async () => {
    const file = await publish('of others', library, caseOf(OTHER - 1), idOf('Account', 0));
    expect(await fetched(file, PRINCIPALS.salesforceRep)).toBe(200);
    const asked = `SELECT Title FROM ContentDocument WHERE Id = '${file.document}'`;
    expect(await titles(rep, asked)).toEqual(['of others']);
    const made = await link(file.document, idOf('Contact', OTHER), rep);
    await rep.sobject('ContentDocumentLink').destroy(made);
    expect(await titles(rep, asked)).toEqual(['of others']);
  });

  it('is linked to nobody restricted, and hidden once somebody who may has done so', async () => {
    const file = await publish('handed over', idOf('Contact', OTHER));
    await expect(link(file.document, caseOf(RESTRICTED), rep)).rejects.toMatchObject(refused);
    expect(await fetched(file, PRINCIPALS.salesforceRep)).toBe(200);
    await link(file.document, caseOf(RESTRICTED));
    expect(await fetched(file, PRINCIPALS.salesforceRep)).toBe(403);
  });

  it('is about whoever an opportunity is about that it hangs on, by the roles of contacts', async () => {
    const opportunity = async (at: number): Promise<string> => {
      const made = await make('Opportunity', { Name: 'O', StageName: 'New', CloseDate: '2026-12-31' });
      await make('OpportunityContactRole', { OpportunityId: made, ContactId: idOf('Contact', at) });
      return made;
    };
    const [hidden, shown] = [await opportunity(RESTRICTED), await opportunity(OTHER)];
    const { records } = await rep.query("SELECT Id FROM Opportunity WHERE Name = 'O'");
    expect(records.map(({ Id }) => Id)).toEqual([shown]);
    const files = [await publish('hidden', library, hidden), await publish('shown', library, shown)];
    const statuses = await Promise.all(files.map((file) => fetched(file, PRINCIPALS.salesforceRep)));
    expect(statuses).toEqual([403, 200]);
  });

  it('is about whoever a visit is about that it hangs on', async () => {
    const visit = async (at: number): Promise<string> =>
      make('Visit__c', { Name: 'V', Patient__c: idOf('Contact', at) });
    const [hidden, shown] = [await visit(RESTRICTED), await visit(OTHER)];
    const { records } = await rep.query('SELECT Id FROM Visit__c');
    expect(records.map(({ Id }) => Id)).toEqual([shown]);
    const files = [await publish('hidden', library, hidden), await publish('shown', library, shown)];
    const statuses = await Promise.all(files.map((file) => fetched(file, PRINCIPALS.salesforceRep)));
    expect(statuses).toEqual([403, 200]);
  });
});

describe('files that are shown to those only whose people have agreed', () => {
  const marketing = (): Connection => salesforceClient(house.proxy, PRINCIPALS.marketing);

  it('are those about nobody else', async () => {
    const files = [
      await publish('agreed', library, idOf('Contact', AGREED)),
      await publish('one of two', idOf('Contact', AGREED), idOf('Contact', OTHER)),
      await publish('none', library),
    ];
    const ids = files.map(({ document }) => `'${document}'`).join(', ');
    expect(await titles(marketing(), `SELECT Title FROM ContentDocument WHERE Id IN (${ids})`)).toEqual([
      'agreed',
    ]);
    const statuses = await Promise.all(files.map((file) => fetched(file, PRINCIPALS.marketing)));
    expect(statuses).toEqual([200, 403, 403]);
  });

  it('do not come to be so by their links', async () => {
    const file = await publish('of two', library, idOf('Contact', AGREED));
    const other = await link(file.document, idOf('Contact', OTHER));
    const nobodys = await publish('of nobody', library);
    const by = marketing();
    const message = expect.stringContaining('not decided by whom it is required of');
    await expect(by.sobject('ContentDocumentLink').destroy(other)).rejects.toMatchObject({ message });
    await expect(by.sobject('ContentDocumentLink').destroy([other])).rejects.toMatchObject({ message });
    await expect(link(nobodys.document, idOf('Contact', AGREED), by)).rejects.toMatchObject({ message });
    await officer.sobject('ContentDocumentLink').destroy(other);
    expect(await fetched(file, PRINCIPALS.marketing)).toBe(200);
    await expect(link(file.document, idOf('Account', 0), by)).resolves.toBeTruthy();
  });
});
