import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { mintToken, PRINCIPALS } from '../principals.ts';
import { send, type WireRequest } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const RESTRICTED = 5;
const CONFIG = 'test/e2e/require/redis.yaml';
const JOBS = '/services/data/v59.0/jobs';
/** From whom nothing is hidden while nobody is restricted. */
const CLEAR = await mintToken('ivo', { groups: ['integration'] });

let around: RegistrySurroundings;
let house: OpenHouse;
let jobs: { readonly query: string; readonly open: string; readonly full: string };

const textOf = (field: string) => String(around.salesforce.data.records('Contact')[RESTRICTED]![field]);
const title = () => around.salesforce.data.records('Contact')[RESTRICTED]!['Title'];
const ask = (request: WireRequest, token = CLEAR) => send(house.proxy, { token, ...request });
const change = (title: string) => `Id,Title\n${textOf('Id')},${title}\n`;

async function create(path: string, body: object): Promise<string> {
  const { text } = await ask({ method: 'POST', path: JOBS + path, body: JSON.stringify(body) });
  return (JSON.parse(text) as { readonly id: string }).id;
}

const upload = (job: string, body: string) =>
  ask({
    method: 'PUT',
    path: `${JOBS}/ingest/${job}/batches`,
    headers: { 'content-type': 'text/csv' },
    body,
  });

const start = (job: string) =>
  ask({ method: 'PATCH', path: `${JOBS}/ingest/${job}`, body: '{"state":"UploadComplete"}' });

const results = (token?: string) => ask({ path: `${JOBS}/query/${jobs.query}/results` }, token);

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 20, jobPolls: 0 } });
  house = await openHouseWith(CONFIG, around.environment);
  jobs = {
    query: await create('/query', { operation: 'query', query: 'SELECT Id, Email FROM Contact' }),
    open: await create('/ingest', { object: 'Contact', operation: 'update' }),
    full: await create('/ingest', { object: 'Contact', operation: 'update' }),
  };
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
});

describe('a bulk job from before somebody was restricted, of whoever saw everything in clear', () => {
  it('passes unread as long as nobody is restricted', async () => {
    await ask({ path: `${JOBS}/query/${jobs.query}` });
    expect((await results()).text).toContain(textOf('Email'));
    expect((await upload(jobs.full, `${change('Unread')}"`)).status).toBe(201);
  });

  it('neither shows nor changes them from then on', async () => {
    const before = title();
    await append(CONFIG, around.environment, [event('restricted', { email: textOf('Email') })]);
    await expect.poll(async () => (await results()).status).toBe(403);
    expect((await results(PRINCIPALS.privacyOfficer)).text).toContain(textOf('Email'));
    expect((await upload(jobs.open, change('Changed'))).status).toBe(403);
    expect((await start(jobs.full)).status).toBe(403);
    expect(title()).toBe(before);
  });
});
