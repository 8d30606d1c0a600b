import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CANARIES, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { textsIn, until } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { type Ask, attempt } from './load.ts';
import { KEYS, type Premises, premises } from './premises.ts';
import { asOfficer, asSupport, CANARY_QUERY, CRM_TOKEN } from './salesforce.ts';

const DATA = '/services/data/v59.0';
const PASSWORD = 'open-sesame-42';
const BAD_JWT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ6cWNhbmFyeSJ9.c2lnbmF0dXJl';
const query = (soql: string): string => `${DATA}/query?q=${encodeURIComponent(soql)}`;
const json = (value: unknown, more: Ask = {}): Ask => ({
  ...more,
  body: typeof value === 'string' ? value : JSON.stringify(value),
  headers: { ...(more.headers as Record<string, string>), 'content-type': 'application/json' },
});

let crm: Sandbox;
let redis: ThrowawayRedis;
let house: Premises;

beforeAll(async () => {
  crm = await startSandbox({ crm: 'salesforce', people: 50, canary: 0, pageSize: 2 });
  redis = await startRedis({ password: PASSWORD, persistent: true });
  house = await premises(crm.url, {
    audit: { redis: { url: redis.url, stream: 'privet:audit' } },
    log: { level: 'debug' },
    limits: { auditReconnectMsMax: 200, requestBodyBytesMax: 10_000 },
  });
});
afterAll(async () => {
  await house.close();
  await redis.stop();
  await crm.close();
});

it('writes no credential and no personal value to its log, its metrics or its audit events, whatever comes', async () => {
  const privet = await house.start();
  const email = CANARIES.email;
  const contact = crm.data.records('Contact').find((record) => record['Email'] === email);
  const id = String(contact?.['Id']);
  const requests: readonly (readonly [string, Ask])[] = [
    [CANARY_QUERY, asSupport()],
    [CANARY_QUERY, asOfficer()],
    [query(`SELECT Id FROM Contact WHERE Email = '${email}'`), asSupport()],
    [query(`SELECT Id FROM Contact WHERE Email = '${email}'`), asOfficer()],
    [query(`SELECT Nonsense FROM Contact WHERE '${email}'`), asOfficer()],
    [`${DATA}/sobjects/Contact/${id}`, asSupport()],
    [`${DATA}/sobjects/Contact/Email/${encodeURIComponent(email)}`, asSupport()],
    [`${DATA}/search?q=${encodeURIComponent(`FIND {${email}}`)}`, asSupport()],
    [`${DATA}/parameterizedSearch?q=${encodeURIComponent(email)}`, asOfficer()],
    [`/nowhere/${encodeURIComponent(email)}?mail=${encodeURIComponent(email)}`, asOfficer()],
    [`/%2e%2e/${encodeURIComponent(email)}`, asOfficer()],
    [
      `${DATA}/sobjects/Contact`,
      asOfficer(json({ LastName: CANARIES.lastName, Email: email }, { method: 'POST' })),
    ],
    [
      `${DATA}/sobjects/Contact`,
      asSupport(json({ LastName: CANARIES.lastName, Email: 'z***@canary.example' }, { method: 'POST' })),
    ],
    [`${DATA}/sobjects/Contact`, asOfficer(json(`{"Email": ${email}`, { method: 'POST' }))],
    [`${DATA}/sobjects/Contact`, asOfficer(json({ Description: email.repeat(1_000) }, { method: 'POST' }))],
    [CANARY_QUERY, { headers: { 'x-privet-key': `${KEYS.support}x`, authorization: `Bearer ${CRM_TOKEN}` } }],
    [CANARY_QUERY, { headers: { authorization: `Bearer ${BAD_JWT}` } }],
    [CANARY_QUERY, asSupport({ headers: { authorization: `Bearer ${CRM_TOKEN}-not` } })],
    [CANARY_QUERY, asSupport({ headers: { 'x-zq': CANARIES.notes, cookie: `sid=${CANARIES.notes}` } })],
  ];
  const answers = [];
  for (const [path, ask] of requests) answers.push(await attempt(house.url + path, ask));
  expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(3);

  // A page of a masked query goes on behind a sealed locator.
  const paged = await attempt(house.url + query('SELECT Id, Email FROM Contact'), asSupport());
  const next = String((JSON.parse(paged.body) as { nextRecordsUrl?: string }).nextRecordsUrl);
  expect((await attempt(house.url + next, asSupport())).status).toBe(200);
  await attempt(house.url + next, asOfficer());

  for (const cut of ['before-headers', 'mid-body'] as const) {
    crm.faults.cut = cut;
    await attempt(house.url + CANARY_QUERY, asSupport());
    await attempt(house.url + CANARY_QUERY, asOfficer());
  }
  crm.faults.cut = 'none';
  await redis.kill();
  await attempt(house.url + CANARY_QUERY, asSupport());
  await redis.restart();
  await until(async () => (await house.metric('privet_spool_events')) === 0, 'all is shipped');

  const written = {
    output: privet.output(),
    metrics: await (await fetch(`${house.adminUrl}/metrics`)).text(),
    readiness: JSON.stringify((await house.readiness()).body),
    audit: (await textsIn(redis.client, 'privet:audit')).join('\n'),
  };
  privet.kill('SIGTERM');
  await privet.exited;
  expect(written.audit.split('\n').length).toBeGreaterThan(40);
  const kek = readFileSync(join(house.directory, 'data', 'kek'), 'utf8').trim();
  const locator = /query\/(.+)$/.exec(next)?.[1] ?? '';
  expect(kek.length).toBeGreaterThan(40);
  expect(locator.length).toBeGreaterThan(10);
  const secrets = { ...KEYS, CRM_TOKEN, BAD_JWT, PASSWORD, kek, locator };
  const personal = { ...CANARIES, id, encoded: encodeURIComponent(email), part: 'zqcanary' };
  for (const [place, text] of Object.entries(written)) {
    const found = Object.entries({ ...secrets, ...personal }).filter(([, value]) =>
      text.toLowerCase().includes(value.toLowerCase()),
    );
    expect({ place, found }).toEqual({ place, found: [] });
  }
});
