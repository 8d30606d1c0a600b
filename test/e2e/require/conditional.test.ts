import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const CONFIG = 'test/e2e/require/redis.yaml';
const EMMA = STAFF.find(({ key }) => key === 'emma')!;

let around: RegistrySurroundings;
let house: OpenHouse;

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 40 } });
  house = await openHouseWith(CONFIG, around.environment);
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
});

it('never says that a record has not changed to whom it may be shown no longer', async () => {
  const contact = around.salesforce.data
    .records('Contact')
    .find((record) => record['HasOptedOutOfEmail'] === false)!;
  const path = `/services/data/v59.0/sobjects/Contact/${String(contact['Id'])}`;
  const direct = await send(around.salesforce.url, { path, token: EMMA.salesforceToken });
  const etag = String(direct.headers.etag);
  const modified = String(direct.headers['last-modified']);
  const conditions = [
    { 'if-none-match': etag },
    { 'if-none-match': '*' },
    { 'if-modified-since': modified },
    { 'if-none-match': etag, 'if-modified-since': modified },
  ];
  const ask = (token: string, headers: Record<string, string> = {}) =>
    send(house.proxy, { path, token, headers });
  const statuses = async (token: string) =>
    Promise.all(conditions.map(async (headers) => (await ask(token, headers)).status));

  const { status, headers } = await ask(PRINCIPALS.marketing);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'cache-control': 'private, no-store' });
  expect((await ask(PRINCIPALS.marketing)).headers.etag).not.toBe(headers.etag);
  expect((await ask(PRINCIPALS.marketing, { 'if-none-match': String(headers.etag) })).status).toBe(200);
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['last-modified']));
  expect(await statuses(PRINCIPALS.marketing)).toEqual([200, 200, 200, 200]);
  // A principal without requirement or restriction asks the CRM as ever.
  expect((await ask(PRINCIPALS.privacyOfficer, { 'if-none-match': etag })).status).toBe(304);

  const who = { record: `sales::${String(contact['Id'])}` };
  await append(CONFIG, around.environment, [event('withdrawn', who, 'marketing.email')]);
  expect(await statuses(PRINCIPALS.marketing)).toEqual([403, 403, 403, 403]);
});

describe('a tag of what rests on where people stand', () => {
  const path = (object: string, index: number): string =>
    `/services/data/v59.0/sobjects/${object}/${String(around.salesforce.data.records(object)[index]!['Id'])}`;
  /** Of the rows of people who have said nothing yet. */
  const agreed = (nth: number): string => {
    const contacts = around.salesforce.data.records('Contact');
    const places = [...contacts.keys()].filter((index) => contacts[index]!['HasOptedOutOfEmail'] === false);
    return path('Contact', places[nth]!);
  };
  const tagFor = async (token: string, of: string) =>
    String((await send(house.proxy, { path: of, token })).headers.etag);
  const write = async (token: string, of: string, title: string, tag: string) => {
    const headers = { 'if-match': tag, 'content-type': 'application/json' };
    const body = JSON.stringify({ Title: title });
    return (await send(house.proxy, { method: 'PATCH', path: of, token, headers, body })).status;
  };

  it('keeps an update from being lost', async () => {
    const of = agreed(2);
    const [first, second] = [await tagFor(PRINCIPALS.marketing, of), await tagFor(PRINCIPALS.marketing, of)];
    expect(await write(PRINCIPALS.marketing, of, 'First', first)).toBe(204);
    expect(await write(PRINCIPALS.marketing, of, 'Lost', second)).toBe(412);
    expect(await write(PRINCIPALS.marketing, of, 'Lost', first)).toBe(412);
    expect(await write(PRINCIPALS.marketing, of, 'Second', await tagFor(PRINCIPALS.marketing, of))).toBe(204);
  });

  it('is good for nobody else', async () => {
    const of = agreed(3);
    expect(await write(PRINCIPALS.privacyOfficer, of, 'X', await tagFor(PRINCIPALS.marketing, of))).toBe(412);
    expect(await write(PRINCIPALS.marketing, of, 'X', await tagFor(PRINCIPALS.privacyOfficer, of))).toBe(412);
  });

  it('is the ordinary one on a record that is about nobody, which is answered 304', async () => {
    const of = path('Account', 0);
    const tag = await tagFor(PRINCIPALS.marketing, of);
    expect(tag).toBe(await tagFor(PRINCIPALS.marketing, of));
    const again = await send(house.proxy, {
      path: of,
      token: PRINCIPALS.marketing,
      headers: { 'if-none-match': tag },
    });
    expect(again.status).toBe(304);
  });
});
