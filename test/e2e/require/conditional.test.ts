import { afterAll, beforeAll, expect, it } from 'vitest';
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
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['etag']));
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['last-modified']));
  expect(await statuses(PRINCIPALS.marketing)).toEqual([200, 200, 200, 200]);
  // Whom neither a requirement nor a restriction concerns asks the CRM as ever.
  expect((await ask(PRINCIPALS.privacyOfficer, { 'if-none-match': etag })).status).toBe(304);

  const who = { record: `sales::${String(contact['Id'])}` };
  await append(CONFIG, around.environment, [event('withdrawn', who, 'marketing.email')]);
  expect(await statuses(PRINCIPALS.marketing)).toEqual([403, 403, 403, 403]);
});
