import { afterAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../src/sandbox/sandbox.ts';
import { openSandboxes } from './open.ts';

const { salesforce, connection, client, close } = await openSandboxes(12);

afterAll(close);

async function bytesOf(path: string): Promise<{ type: string | null; bytes: Buffer }> {
  const answer = await fetch(salesforce.url + path, {
    headers: { authorization: `Bearer ${STAFF[0]!.salesforceToken}` },
  });
  return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe('files of the sandbox Salesforce', () => {
  it('are of several types, each published to a person', async () => {
    const soql =
      'SELECT FileType, VersionData, ContentSize, FirstPublishLocation.Name FROM ContentVersion LIMIT 4';
    const { records } = await connection.query(soql);
    expect(records.map((record) => record['FileType'])).toEqual(['PDF', 'PDF', 'PNG', 'TEXT']);
    const [first] = records;
    const { bytes } = await bytesOf(String(first!['VersionData']));
    expect(bytes).toHaveLength(Number(first!['ContentSize']));
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('are attached to people as well', async () => {
    const { records } = await connection.query('SELECT Body, ContentType, ParentId FROM Attachment');
    expect(records).toHaveLength(3);
    const { type, bytes } = await bytesOf(String(records[0]!['Body']));
    expect(type).toBe(records[0]!['ContentType']);
    expect(bytes.length).toBeGreaterThan(10);
  });

  it('are uploaded in a record', async () => {
    const [contact] = salesforce.data.records('Contact');
    const Body = Buffer.from('Hello').toString('base64');
    const saved = await connection
      .sobject('Attachment')
      .create({ ParentId: String(contact!['Id']), Name: 'a.txt', Body });
    expect(
      (await bytesOf(`/services/data/v59.0/sobjects/Attachment/${saved.id}/Body`)).bytes.toString(),
    ).toBe('Hello');
  });
});

describe('files of the sandbox HubSpot', () => {
  it('are found, described and fetched by a signed URL', async () => {
    const { results } = await client.files.filesApi.doSearch();
    expect(results).toHaveLength(12);
    const file = await client.files.filesApi.getById(String(results[2]?.id));
    expect(file).toMatchObject({ type: 'IMG', extension: 'png' });
    const { url } = await client.files.filesApi.getSignedUrl(file.id);
    const fetched = await fetch(url);
    expect(fetched.headers.get('content-type')).toBe('image/png');
    expect((await fetch(url.replace(/signature=.*/, 'signature=x'))).status).toBe(404);
  });
});
