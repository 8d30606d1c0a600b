import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { privet } from '../command.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const V = '/services/data/v59.0';
const ALL = `${V}/query?q=SELECT+Id,+LastName,+Email,+Phone,+HasOptedOutOfEmail+FROM+Contact+LIMIT+10`;
const EMMA = STAFF.find(({ key }) => key === 'emma')!;
const MARKETING = '{"id":"jan","roles":["marketing"],"purposes":["marketing"]}';
const SUPPORT = '{"id":"ana","roles":["support"],"purposes":["support"]}';
/** Of the people by their places; nothing is known of the others. */
const GRANTED = 0;
const WITHDRAWN = 3;
const RESTRICTED = 5;

let around: RegistrySurroundings;

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 40, pageSize: 15 } });
});

afterAll(async () => {
  await around.close();
});

/** What the CRM answers, and what `try` makes of it. */
async function tryOut(config: string, as: string, path: string, environment = around.environment) {
  const { text } = await send(around.salesforce.url, { path, token: EMMA.salesforceToken });
  const response = join(around.directory, 'response.json');
  writeFileSync(response, text);
  return privet(
    ['try', '--config', config, '--as', as, '--request', `GET ${path}`, '--response', response],
    environment,
  );
}

const idOf = (index: number) => String(around.salesforce.data.records('Contact')[index]!['Id']);
const withoutId = (text: string) => text.replace(/request [^)]*/, 'request');

describe.each(['embedded', 'redis'])('try, the registry in a store that is %s', (where) => {
  const config = `test/e2e/require/${where}.yaml`;
  let house: OpenHouse;

  beforeAll(async () => {
    const csv = join(around.directory, 'consent.csv');
    const rows = [
      `sales:${idOf(GRANTED)},granted,profiling`,
      `sales:${idOf(WITHDRAWN)},withdrawn,marketing.email`,
      `sales:${idOf(WITHDRAWN)},withdrawn,profiling`,
      `sales:${idOf(RESTRICTED)},restricted,`,
    ];
    const dated = rows.map((row) => `${row},2026-01-01\n`);
    writeFileSync(csv, `id,state,purpose,at\n${dated.join('')}`);
    expect(await privet(['consent', 'import', '--config', config, csv], around.environment)).toMatchObject({
      exitCode: 0,
      stdout: '4 events imported\n',
    });
    house = await openHouseWith(config, around.environment);
  });
  afterAll(() => house.closeHouse());

  it('leaves out what the running proxy leaves out, and says of each why', async () => {
    const served = await send(house.proxy, { path: ALL, token: PRINCIPALS.marketing });
    const { exitCode, stdout, stderr } = await tryOut(config, MARKETING, ALL);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: served.text });
    const optedOut = around.salesforce.data
      .records('Contact')
      .slice(0, 10)
      .filter((record, index) => record['HasOptedOutOfEmail'] === true && index !== RESTRICTED);
    expect(stderr.split('\n')).toEqual(
      expect.arrayContaining([
        `records: 10 seen, ${optedOut.length + 2} left out`,
        'Contact: 1 left out, because of marketing-needs-consent (marketing.email: withdrawn)',
        `Contact: ${optedOut.length} left out, because of marketing-needs-consent (marketing.email: refused in the CRM)`,
        'Contact: 1 left out, because of restriction (processing restricted)',
      ]),
    );
    expect(stderr).not.toContain('consent registry:');
  });

  it('treats the fields that the running proxy treats, and says of each why', async () => {
    const served = await send(house.proxy, { path: ALL, token: PRINCIPALS.support });
    const { exitCode, stdout, stderr } = await tryOut(config, SUPPORT, ALL);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: served.text });
    expect(stderr.split('\n')).toEqual(
      expect.arrayContaining([
        'Contact: fields treated in 1 of 10 records, because of profiles-need-consent (profiling: withdrawn)',
        'Contact: fields treated in 7 of 10 records, because of profiles-need-consent (profiling: unknown)',
        'Contact: 1 left out, because of restriction (processing restricted)',
        expect.stringMatching(/^Contact\.Phone: mask in \d of 10 records, because of profiles-need-consent$/),
      ]),
    );
  });

  it.each([
    ['whose consent is withdrawn', WITHDRAWN, 'marketing-needs-consent (marketing.email: withdrawn)'],
    ['whose processing is restricted', RESTRICTED, 'restriction (processing restricted)'],
  ])('refuses the record of a person %s', async (_, index, why) => {
    const path = `${V}/sobjects/Contact/${idOf(index)}`;
    const served = await send(house.proxy, { path, token: PRINCIPALS.marketing });
    const { exitCode, stdout, stderr } = await tryOut(config, MARKETING, path);
    expect({ exitCode, stdout: withoutId(stdout) }).toEqual({ exitCode: 1, stdout: withoutId(served.text) });
    expect(stderr).toContain(`Contact: 1 left out, because of ${why}`);
  });
});

describe('try, where nothing is on record', () => {
  it.each([
    ['no keyring', { KEYS: '/nowhere' }],
    ['no store', { DATA: '/nowhere' }],
  ])('takes everybody for unknown and nobody for restricted while there is %s yet', async (what, missing) => {
    const environment = { ...around.environment, ...missing };
    const tried = await tryOut('test/e2e/require/embedded.yaml', SUPPORT, ALL, environment);
    expect(tried.exitCode).toBe(0);
    expect(tried.stderr.split('\n')).toEqual(
      expect.arrayContaining([
        `consent registry: there is ${what} yet, so everybody counts as unknown and nobody as restricted`,
        'Contact: fields treated in 10 of 10 records, because of profiles-need-consent (profiling: unknown)',
      ]),
    );
  });

  it('refuses what the proxy refuses while Redis is away', async () => {
    const environment = {
      ...around.environment,
      CONSENT_REDIS: 'redis://127.0.0.1:1',
      STORE_TIMEOUT_MS: '1000',
    };
    const tried = await tryOut('test/e2e/require/redis.yaml', SUPPORT, ALL, environment);
    expect(tried).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('CONSENT_UNAVAILABLE') });
    expect(tried.stderr).toContain('consent registry: its Redis cannot be reached');
    expect(tried.stdout).not.toContain('LastName');
  });
});
