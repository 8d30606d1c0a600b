import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send, type WireAnswer } from '../wire.ts';
import { openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

let around: RegistrySurroundings;
let house: OpenHouse;

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 40, pageSize: 15 } });
  house = await openHouseWith('test/e2e/require/redis.yaml', around.environment);
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
});

function ask() {
  const soql = encodeURIComponent('SELECT Id, LastName FROM Contact');
  return send(house.proxy, {
    token: PRINCIPALS.marketing,
    path: `/services/data/v59.0/query?q=${soql}`,
  });
}

/** The locator of further pages is another each time. */
const shownIn = ({ text }: WireAnswer): unknown => (JSON.parse(text) as { records?: unknown }).records;

it('shows nothing that needs the registry while it is away, and all of it when it is back', async () => {
  const before = await ask();
  expect([before.status, before.text]).toEqual([200, expect.stringContaining('LastName')]);
  await around.registry.kill();
  const away = await ask();
  expect([away.status, away.text]).toEqual([403, expect.stringContaining('CONSENT_UNAVAILABLE')]);
  expect(away.text).not.toContain('LastName');
  await around.registry.restart();
  await expect.poll(async () => shownIn(await ask())).toEqual(shownIn(before));
});
