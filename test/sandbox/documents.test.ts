import { afterAll, describe, expect, it } from 'vitest';
import { openSandboxes } from './open.ts';

const { salesforce, connection, close } = await openSandboxes(4);

afterAll(close);

const contact = String(salesforce.data.records('Contact')[0]?.['Id']);

async function publish(over: Readonly<Record<string, string>> = {}): Promise<string> {
  const VersionData = Buffer.from('Hello').toString('base64');
  const record = { Title: 'Hello', PathOnClient: 'hello.txt', VersionData, ...over };
  return String((await connection.sobject('ContentVersion').create(record)).id);
}

async function documentOf(version: string): Promise<string> {
  return String((await connection.sobject('ContentVersion').retrieve(version))['ContentDocumentId']);
}

async function linked(document: string): Promise<readonly string[]> {
  const soql = `SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '${document}'`;
  const { records } = await connection.query(soql);
  return records.map((record) => String(record['LinkedEntityId']).slice(0, 3));
}

describe('documents of the sandbox Salesforce', () => {
  it('are linked to their owner and to what they are published to', async () => {
    expect(await linked(await documentOf(await publish()))).toEqual(['005']);
    expect(await linked(await documentOf(await publish({ FirstPublishLocationId: contact })))).toEqual([
      '005',
      '003',
    ]);
  });

  it('have one version after another, published to the same place', async () => {
    const document = await documentOf(await publish({ FirstPublishLocationId: contact }));
    const second = await publish({ ContentDocumentId: document });
    const latest = await connection.sobject('ContentDocument').retrieve(document);
    const version = await connection.sobject('ContentVersion').retrieve(second);
    expect([latest['LatestPublishedVersionId'], version['FirstPublishLocationId']]).toEqual([
      second,
      contact,
    ]);
  });

  it('take their versions and links along', async () => {
    const version = await publish({ FirstPublishLocationId: contact });
    const document = await documentOf(version);
    await connection.sobject('ContentDocument').destroy(document);
    expect(await linked(document)).toEqual([]);
    await expect(connection.sobject('ContentVersion').retrieve(version)).rejects.toThrow();
  });
});

describe('links of documents of the sandbox Salesforce', () => {
  it.each([
    'SELECT Id FROM ContentDocumentLink',
    "SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V'",
    `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '${contact}' OR ShareType = 'V'`,
    `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId != '${contact}'`,
    'SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId IN (SELECT Id FROM ContentDocument)',
  ])('are not found but by themselves or one of their ends: %s', async (soql) => {
    await expect(connection.query(soql)).rejects.toThrow(/requires a filter by a single Id/);
  });

  it('choose no other records', async () => {
    const inner = `SELECT LinkedEntityId FROM ContentDocumentLink WHERE LinkedEntityId = '${contact}'`;
    await expect(connection.query(`SELECT Id FROM Contact WHERE Id IN (${inner})`)).rejects.toThrow(
      /not supported for semi join/,
    );
  });

  it('are found by several ends, and under the records that they link', async () => {
    const list = `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId IN ('${contact}') AND ShareType = 'V'`;
    expect((await connection.query(list)).totalSize).toBeGreaterThan(0);
    const chosen = `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId IN (SELECT Id FROM Contact WHERE Id = '${contact}')`;
    const { records } = await connection.query(chosen);
    expect(records.length).toBeGreaterThan(0);
    const one = `SELECT Id FROM ContentDocumentLink WHERE Id = '${records[0]?.Id}'`;
    expect((await connection.query(one)).totalSize).toBe(1);
    const under = await connection.query(
      `SELECT Id, (SELECT Id FROM ContentDocumentLinks) FROM Contact WHERE Id = '${contact}'`,
    );
    expect(under.records[0]?.['ContentDocumentLinks']).toMatchObject({ done: true });
  });
});
