import { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';

const PEOPLE = 90;
let sandbox: Sandbox;
let connection: Connection;
const headers = { authorization: `Bearer ${STAFF[3]!.salesforceToken}`, 'content-type': 'application/json' };

beforeAll(async () => {
  sandbox = await startSandbox({ crm: 'salesforce', people: PEOPLE, jobPolls: 1 });
  connection = new Connection({
    instanceUrl: sandbox.url,
    accessToken: STAFF[3]!.salesforceToken,
    version: '59.0',
  });
  connection.bulk2.pollInterval = 5;
});

afterAll(() => sandbox.close());

describe('a bulk query', () => {
  it('gives jsforce every record as CSV', async () => {
    const stream = await connection.bulk2.query(
      'SELECT Id, Email, Account.Name, MailingStreet FROM Contact',
      { pollInterval: 5, pollTimeout: 5_000 },
    );
    const records = await stream.toArray();
    expect(records).toHaveLength(PEOPLE);
    expect(records.map((record) => record['Email'])).toEqual(
      sandbox.data.people.map(({ email }) => email ?? ''),
    );
    expect(records.map((record) => record['MailingStreet'])).toEqual(
      sandbox.data.people.map(({ street }) => street),
    );
    expect(records[0]).toHaveProperty('Account.Name');
  });

  it('is paged by locator and maxRecords', async () => {
    const created = await fetch(`${sandbox.url}/services/data/v59.0/jobs/query`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        operation: 'query',
        query: 'SELECT Id FROM Contact',
        columnDelimiter: 'SEMICOLON',
        lineEnding: 'CRLF',
      }),
    });
    const { id } = (await created.json()) as { id: string };
    const job = `${sandbox.url}/services/data/v59.0/jobs/query/${id}`;
    const states = [];
    for (let step = 0; step < 2; step += 1)
      states.push(((await (await fetch(job, { headers })).json()) as { state: string }).state);
    expect(states).toEqual(['InProgress', 'JobComplete']);
    const lines: string[] = [];
    let locator: string | null = '';
    for (let page = 0; locator !== 'null' && page < 10; page += 1) {
      const response: Response = await fetch(
        `${job}/results?maxRecords=40${locator ? `&locator=${locator}` : ''}`,
        { headers },
      );
      expect(response.headers.get('content-type')).toBe('text/csv;charset=UTF-8');
      const [head, ...rows] = (await response.text()).split('\r\n');
      expect(head).toBe('"Id"');
      expect(response.headers.get('sforce-numberofrecords')).toBe(String(rows.length - 1));
      lines.push(...rows.filter(Boolean));
      locator = response.headers.get('sforce-locator');
    }
    expect(new Set(lines).size).toBe(PEOPLE);
  });

  it.each([
    ['SELECT Nope FROM Contact', 'INVALID_FIELD'],
    ['SELECT COUNT(Id) FROM Contact', 'FEATURENOTENABLED'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'FEATURENOTENABLED'],
    ['SELECT MailingAddress FROM Contact', 'FEATURENOTENABLED'],
  ])('%s is refused', async (query, errorCode) => {
    await expect(connection.bulk2.query(query)).rejects.toMatchObject({ errorCode });
  });
});

describe('a bulk ingest', () => {
  it('stores what it can and echoes the rows it cannot', async () => {
    const results = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'insert',
      input: [
        { LastName: 'Bulk, "Uno"\nDos', Email: 'uno@example.com' },
        { LastName: 'Dos', Email: 'not an address' },
      ],
      pollInterval: 5,
      pollTimeout: 5_000,
    });
    expect(results.successfulResults).toMatchObject([
      { sf__Created: 'true', Email: 'uno@example.com', LastName: 'Bulk, "Uno"\nDos' },
    ]);
    expect(results.failedResults).toMatchObject([
      { Email: 'not an address', sf__Error: expect.stringMatching(/^INVALID_EMAIL_ADDRESS:/) },
    ]);
    expect(results.unprocessedRecords).toEqual([]);
    expect(sandbox.data.text()).toContain('uno@example.com');
  });

  it('upserts by external id', async () => {
    const results = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'ExternalId__c',
      input: [{ ExternalId__c: 'EXT-000001', Title: 'Upserted' }],
      pollInterval: 5,
      pollTimeout: 5_000,
    });
    expect(results.successfulResults).toMatchObject([{ sf__Created: 'false' }]);
    expect(
      (await connection.query("SELECT Title FROM Contact WHERE ExternalId__c = 'EXT-000001'")).records,
    ).toMatchObject([{ Title: 'Upserted' }]);
  });
});
