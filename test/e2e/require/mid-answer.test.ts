import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const CONFIG = 'test/e2e/require/redis.yaml';
const WINDOW = 8_192;
const PARTS = 3;
/** Each part of the answer is several windows. */
const RECORDS_A_PART = 200;
const PATH = '/services/data/v59.0/query?q=SELECT+Id,LastName,Email,Phone,HasOptedOutOfEmail+FROM+Contact';

let crm: Server;
let answering: (response: ServerResponse) => Promise<void>;
let around: RegistrySurroundings;
let house: OpenHouse;

beforeAll(async () => {
  crm = createServer((_, response) => void answering(response)).listen(0, '127.0.0.1');
  await once(crm, 'listening');
  around = await openRegistrySurroundings({
    environment: {
      SALESFORCE_URL: `http://127.0.0.1:${(crm.address() as AddressInfo).port}`,
      WINDOW: String(WINDOW),
      STORE_TIMEOUT_MS: '1000',
    },
  });
  await append(CONFIG, around.environment, [
    event('withdrawn', { email: 'p1@example.com' }, 'marketing.email'),
    event('withdrawn', { email: `p${RECORDS_A_PART + 1}@example.com` }, 'marketing.email'),
  ]);
  house = await openHouseWith(CONFIG, around.environment);
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
  crm.closeAllConnections();
  crm.close();
});

/** One part of the CRM's long answer. */
function part(index: number): string {
  const records = Array.from({ length: RECORDS_A_PART }, (_, place) => {
    const number = index * RECORDS_A_PART + place;
    return JSON.stringify({
      attributes: { type: 'Contact' },
      Id: `003${String(number).padStart(12, '0')}AAA`,
      LastName: `Name${number}.`,
      Email: `p${number}@example.com`,
      Phone: null,
      HasOptedOutOfEmail: false,
    });
  });
  const head = index === 0 ? '{"done":true,"records":[' : ',';
  return head + records.join(',') + (index === PARTS - 1 ? ']}' : '');
}

interface Received {
  readonly status: number;
  readonly text: string;
  /** False: the connection was cut before the end of the message. */
  readonly isComplete: boolean;
}

/** @param onData what has arrived so far */
async function ask(onData: (text: string) => void = () => undefined): Promise<Received> {
  const asked = request(house.proxy + PATH, {
    agent: false,
    headers: { authorization: `Bearer ${PRINCIPALS.marketing}` },
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    onData(text);
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  // A connection that is cut is an error before it is closed.
  response.on('error', () => undefined).on('close', resolve);
  await closed;
  return { status: response.statusCode ?? 0, text, isComplete: response.complete };
}

async function whole(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (let index = 0; index < PARTS; index++) {
    response.write(part(index));
    await new Promise(setImmediate);
  }
  response.end();
}

const namesIn = (text: string) => text.match(/Name\d+(?=\.)/g) ?? [];
/** All but the two who have withdrawn. */
const SHOWN = Array.from({ length: PARTS * RECORDS_A_PART }, (_, index) => index)
  .filter((index) => index !== 1 && index !== RECORDS_A_PART + 1)
  .map((index) => `Name${index}`);

it.each([
  ['killed', () => around.registry.kill(), () => around.registry.restart()],
  ['frozen', () => Promise.resolve(around.registry.freeze()), () => Promise.resolve(around.registry.thaw())],
])(
  'cuts a long answer off when the registry is %s in the middle, and shows all of it when it is back',
  async (_, away, back) => {
    const first = Promise.withResolvers<void>();
    answering = async (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(part(0));
      await first.promise;
      await away();
      for (let index = 1; index < PARTS; index++) response.write(part(index));
      response.end();
    };
    const cut = await ask((text) => {
      if (text.includes('Name0.')) first.resolve();
    });
    expect(cut).toMatchObject({ status: 200, isComplete: false });
    expect(() => JSON.parse(cut.text) as unknown).toThrow(SyntaxError);
    const names = namesIn(cut.text);
    expect(names).not.toHaveLength(0);
    // What was looked up before, and nothing of what came after.
    expect(names).toEqual(SHOWN.slice(0, names.length));
    expect(names.length).toBeLessThan(RECORDS_A_PART);

    answering = whole;
    const refused = await ask();
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('CONSENT_UNAVAILABLE');
    expect(namesIn(refused.text)).toEqual([]);

    await back();
    await vi.waitFor(
      async () => {
        const again = await ask();
        expect(again).toMatchObject({ status: 200, isComplete: true });
        expect(namesIn(again.text)).toEqual(SHOWN);
        expect(JSON.parse(again.text)).toMatchObject({ done: true });
      },
      { timeout: 60_000 },
    );
  },
);
