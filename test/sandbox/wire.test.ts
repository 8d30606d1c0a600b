import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';
import { readCsv, writeCsv } from '../../src/sandbox/wire/csv.ts';
import { readJson, writeJson } from '../../src/sandbox/wire/json.ts';

let sandbox: Sandbox;
const headers = { authorization: `Bearer ${STAFF[0]!.salesforceToken}` };
const PATH = '/services/data/v59.0/query?q=SELECT+Id,Email,MailingStreet+FROM+Contact';

beforeAll(async () => {
  sandbox = await startSandbox({ crm: 'salesforce', people: 60 });
});

beforeEach(() => {
  sandbox.faults.cut = 'none';
  sandbox.faults.delayMs = 0;
});

afterAll(() => sandbox.close());

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function raw(method: string, path: string, extra: Record<string, string> = {}, body?: Buffer): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      sandbox.url + path,
      { method, headers: { ...headers, ...extra } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('content codings', () => {
  it.each([
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['deflate', 'deflate', inflateSync],
    ['br, gzip;q=0.5', 'gzip', gunzipSync],
    ['gzip;q=0, br', 'br', brotliDecompressSync],
  ] as const)('%s is answered as %s', async (accepted, coding, decode) => {
    const plain = await raw('GET', PATH);
    const coded = await raw('GET', PATH, { 'accept-encoding': accepted });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(coded.headers).toMatchObject({
      'content-encoding': coding,
      vary: 'Accept-Encoding',
      'content-length': String(coded.body.byteLength),
    });
    expect(decode(coded.body).equals(plain.body)).toBe(true);
    expect((await raw('GET', PATH, { 'accept-encoding': accepted })).body.equals(coded.body)).toBe(true);
  });

  it('come off request bodies', async () => {
    const body = gzipSync('{"LastName":"Zipped"}');
    const created = await raw(
      'POST',
      '/services/data/v59.0/sobjects/Contact',
      { 'content-encoding': 'gzip' },
      body,
    );
    expect(created.status).toBe(201);
    expect(sandbox.requests.at(-1)?.body.equals(body)).toBe(true);
  });
});

describe('HEAD', () => {
  it('has the headers of GET and no body', async () => {
    const [get, head] = [await raw('GET', PATH), await raw('HEAD', PATH)];
    expect(head.status).toBe(200);
    expect(head.body.byteLength).toBe(0);
    expect(head.headers['content-length']).toBe(String(get.body.byteLength));
    expect(head.headers['content-type']).toBe('application/json;charset=UTF-8');
  });
});

describe('faults', () => {
  it('cut an answer half-way', async () => {
    sandbox.faults.cut = 'mid-body';
    await expect(raw('GET', PATH)).rejects.toThrow();
  });

  it('cut the connection before any answer', async () => {
    sandbox.faults.cut = 'before-headers';
    await expect(raw('GET', PATH)).rejects.toThrow();
  });

  it('delay an answer', async () => {
    sandbox.faults.delayMs = 60;
    const start = performance.now();
    await raw('GET', PATH);
    expect(performance.now() - start).toBeGreaterThanOrEqual(55);
  });
});

describe('requests', () => {
  it('are recorded as they arrive, the last thousand', async () => {
    await raw('GET', '/services/data/v59.0/limits?x=%20', { 'x-mark': 'seen' });
    expect(sandbox.requests.at(-1)).toMatchObject({
      method: 'GET',
      url: '/services/data/v59.0/limits?x=%20',
      headers: { 'x-mark': 'seen' },
    });
    for (let index = 0; index < 1_001; index += 1) await raw('GET', '/services/data');
    expect(sandbox.requests).toHaveLength(1_000);
  });
});

describe('JSON', () => {
  it.each(['{"a":50000.00,"b":12345678901234567890}', '[1,-2.50,1e3,{"c":null}]', '"\\"\\u2028"'])(
    '%s keeps its numbers',
    (text) => {
      expect(JSON.parse(writeJson(readJson(text)))).toEqual(JSON.parse(text));
      expect(writeJson(readJson('{"a":50000.00,"b":12345678901234567890}'))).toBe(
        '{"a":50000.00,"b":12345678901234567890}',
      );
    },
  );
});

describe('CSV', () => {
  it.each([
    [',', '\n'],
    [';', '\r\n'],
    ['\t', '\n'],
  ] as const)('with %j and %j reads back what was written', (delimiter, lineEnd) => {
    const rows = [
      ['a', 'b;c,d\te'],
      ['say "hi"', 'two\r\nlines'],
      ['', 'Łódź 🏡'],
    ];
    expect(readCsv(writeCsv(rows, { delimiter, lineEnd }), delimiter)).toEqual(rows);
  });
});
