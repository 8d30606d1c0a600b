import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_DESCRIPTION } from '../../../src/admin/openapi.ts';
import { spoolDirectory } from '../../../src/audit/spool.ts';
import { tailEvents } from '../../../src/audit/tail.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { AuditEvent } from '../../../src/model/audit-event.ts';
import { openJournalReader } from '../../../src/store/journal-reader.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { privet } from '../command.ts';
import { type Desk, EVENTS, granted, type Known, LINKS, type Links, LOOK_UP, openDesk } from './desk.ts';

/** What the description says of bodies. */
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...API_DESCRIPTION, $id: 'privet' });
const isAs = (schema: string, value: unknown, list = false): boolean => {
  const $ref = `privet#/components/schemas/${schema}`;
  return ajv.compile(list ? { type: 'array', items: { $ref } } : { $ref })(value);
};

describe.each([
  ['the embedded store', 'test/e2e/consent/config.yaml'],
  ['Redis', 'test/e2e/consent/redis.yaml'],
])('consent in %s', (_, config) => {
  let redis: ThrowawayRedis;
  let desk: Desk;

  beforeAll(async () => {
    redis = await startRedis({ persistent: true });
    desk = await openDesk(config, { CONSENT_REDIS: redis.url });
  });
  afterAll(async () => {
    await desk.close();
    await redis.stop();
  });

  /** The path of a fresh link, as people reach it. */
  async function linkFor(order: object): Promise<string> {
    const { body } = await desk.call(LINKS, [{ purpose: 'marketing.email', ...order }]);
    return new URL((body as Links).links[0]!.url).pathname;
  }
  const stateOf = async (email: string) => {
    const { body } = await desk.call(LOOK_UP, { email });
    const { consents } = body as Known;
    return consents.find(({ purpose }) => purpose === 'marketing.email');
  };
  const historyOf = async (email: string) =>
    ((await desk.call(LOOK_UP, { email })).body as { history: readonly object[] }).history;

  describe('the admin API', () => {
    it('describes itself in OpenAPI 3.1, to who has a key', async () => {
      const address = `${desk.admin}/api/openapi.json`;
      expect((await fetch(address)).status).toBe(401);
      const reply = await fetch(address, { headers: { authorization: `Bearer ${desk.keys.reader}` } });
      expect(await reply.json()).toEqual(JSON.parse(JSON.stringify(API_DESCRIPTION)));
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    });

    it('takes events, each by itself, and says what became of each; the same again changes nothing', async () => {
      const events = [
        granted('api@acme.example', { id: 'sales:0035g000000001lAAA', basis: 'consent', source: 'form' }),
        { ...granted('api@acme.example'), state: 'withdrawn', at: '2026-11-02' },
        granted('api@acme.example', { purpose: 'Not a purpose' }),
        granted(''),
        'nothing',
      ];
      const first = await desk.call(EVENTS, events);
      expect(first.body).toEqual({
        appended: 2,
        known: 0,
        refused: 3,
        results: [
          { outcome: 'appended' },
          { outcome: 'appended' },
          { outcome: 'refused', problems: [expect.stringMatching(/a purpose that is none/)] },
          { outcome: 'refused', problems: [expect.stringMatching(/nobody/)] },
          { outcome: 'refused', problems: ['found no object, expected one'] },
        ],
      });
      expect(events.map((event) => isAs('Event', event))).toEqual([true, true, false, true, false]);
      const again = await desk.call(EVENTS, events.slice(0, 2));
      expect(again.body).toMatchObject({ appended: 0, known: 2, refused: 0 });
      expect([first, again].map(({ body }) => isAs('Appended', body))).toEqual([true, true]);
    });

    it('tells what is known of a person by any of their identifiers', async () => {
      await desk.call(EVENTS, [
        granted('known@acme.example', { phone: '600 222 333' }),
        { phone: '600222333', state: 'restricted', at: '2026-11-03', until: '2099-01-01' },
      ]);
      for (const who of [{ email: ' Known@acme.example' }, { phone: '+34600222333' }]) {
        const { status, body } = await desk.call(LOOK_UP, who, desk.keys.reader);
        expect(status).toBe(200);
        expect(isAs('Person', who)).toBe(true);
        expect(isAs('Known', body)).toBe(true);
        expect(body).toEqual({
          known: true,
          restricted: true,
          consents: [
            { purpose: 'marketing', state: 'unknown' },
            { purpose: 'marketing.email', state: 'granted', at: '2026-11-01T10:00:00.000Z', source: 'api' },
            { purpose: 'marketing.phone', state: 'unknown' },
            { purpose: 'support', state: 'unknown' },
          ],
          history: [
            { purpose: 'marketing.email', state: 'granted', at: '2026-11-01T10:00:00.000Z', source: 'api' },
            {
              state: 'restricted',
              at: '2026-11-03T00:00:00.000Z',
              source: 'api',
              until: '2099-01-02T00:00:00.000Z',
            },
          ],
        });
      }
      const { body } = await desk.call(LOOK_UP, { email: 'nobody@acme.example' });
      expect(body).toMatchObject({ known: false, restricted: false, history: [] });
      expect(new Set((body as Known).consents.map(({ state }) => state))).toEqual(new Set(['unknown']));
    });

    it('tells what follows for each purpose from what was said of all', async () => {
      const email = 'everything@acme.example';
      await desk.call(EVENTS, [granted(email), { email, state: 'objected', at: '2026-11-02' }]);
      const { body } = await desk.call(LOOK_UP, { email }, desk.keys.reader);
      expect(isAs('Known', body)).toBe(true);
      expect((body as Known).consents.map(({ purpose, state }) => [purpose, state])).toEqual([
        ['marketing', 'objected'],
        ['marketing.email', 'objected'],
        ['marketing.phone', 'objected'],
        ['support', 'objected'],
      ]);
    });

    it.each(['GET', 'PUT', 'DELETE'])('says of %s which method a path takes', async (method) => {
      const reply = await fetch(`${desk.admin}${EVENTS}`, {
        method,
        headers: { authorization: `Bearer ${desk.keys.website}` },
      });
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
      expect(isAs('Error', await reply.json())).toBe(true);
    });

    it.each<
      [what: string, path: string, body: unknown, key: string | undefined, status: number, code: string]
    >([
      ['no key', EVENTS, [], '', 401, 'UNAUTHENTICATED'],
      ['another key', EVENTS, [], 'guess', 401, 'UNAUTHENTICATED'],
      ['a key that may only read', EVENTS, [], 'reader', 403, 'FORBIDDEN'],
      ['a key that may only read, for links', LINKS, [], 'reader', 403, 'FORBIDDEN'],
      ['no list', EVENTS, {}, 'website', 400, 'BODY_INVALID'],
      [
        'too long a list',
        EVENTS,
        Array.from({ length: 1_001 }, () => ({})),
        'website',
        413,
        'BODY_TOO_LARGE',
      ],
      ['too large a body', EVENTS, ['x'.repeat(2_000_000)], 'website', 413, 'BODY_TOO_LARGE'],
      ['nobody to look up', LOOK_UP, {}, 'website', 400, 'BODY_INVALID'],
      ['a look-up by another name', LOOK_UP, { name: 'secret' }, 'website', 400, 'BODY_INVALID'],
      ['a look-up by no text', LOOK_UP, { email: 1 }, 'website', 400, 'BODY_INVALID'],
      ['another path', '/api/consent', [], 'website', 404, 'NOT_FOUND'],
    ])('refuses %s in one shape', async (_what, path, body, key, status, code) => {
      const held = key === 'reader' || key === 'website' ? desk.keys[key] : key;
      const answer = await desk.call(path, body, held);
      expect(answer).toEqual({ status, body: { error: { code, message: expect.any(String) } } });
      expect(isAs('Error', answer.body)).toBe(true);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    });

    it.each([
      ['a name twice', '{"email":"a@a.example","email":"b@b.example"}', 'application/json', 400],
      ['no JSON', '{', 'application/json', 400],
      ['nothing', '', 'application/json', 400],
      ['a form', 'email=a', 'application/x-www-form-urlencoded', 415],
      ['plain text', '{}', 'text/plain', 415],
    ])('refuses %s', async (_what, body, type, status) => {
      const reply = await fetch(`${desk.admin}${LOOK_UP}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${desk.keys.website}`, 'content-type': type },
        body,
      });
      expect(reply.status).toBe(status);
      expect(isAs('Error', await reply.json())).toBe(true);
    });

    it('is not on the proxy, and leaves health and metrics open', async () => {
      const reply = await fetch(`${desk.proxy}${LOOK_UP}`, { method: 'POST', body: '{}' });
      expect([400, 403, 404]).toContain(reply.status);
      expect(await (await fetch(`${desk.admin}/readyz`)).json()).toMatchObject({ consent: 'up' });
      expect((await fetch(`${desk.admin}/metrics`)).status).toBe(200);
    });

    it('says what is wrong with the order of a link', async () => {
      const orders = [
        { email: 'a@acme.example', purpose: 'research' },
        { purpose: 'marketing.email' },
        { email: 'a@acme.example', purpose: 'marketing.email', state: 'granted' },
        { email: 'a@acme.example', purpose: 'marketing.email', at: '2026-01-01' },
      ];
      const { body } = await desk.call(LINKS, orders);
      expect(isAs('Links', body)).toBe(true);
      expect(body).toEqual({
        links: [
          { problems: [expect.stringMatching(/expected one of marketing.email, marketing.phone/)] },
          { problems: [expect.stringMatching(/nobody/)] },
          { problems: [expect.stringMatching(/withdrawn or objected/)] },
          { problems: [expect.stringMatching(/another name/)] },
        ],
      });
    });
  });

  describe('a link to unsubscribe', () => {
    const post = (path: string, init: RequestInit = {}) =>
      fetch(`${desk.proxy}${path}`, { method: 'POST', ...init });

    it('comes with the headers of RFC 8058, and holds nothing that can be read', async () => {
      const order = { email: 'letter@acme.example', id: 'hub:contacts:17', purpose: 'marketing.email' };
      const { body } = await desk.call(LINKS, [order, order]);
      expect(isAs('LinkOrder', order)).toBe(true);
      expect(isAs('Links', body)).toBe(true);
      const [link, other] = (body as Links).links;
      expect(link).toEqual({
        url: expect.stringMatching(/^https:\/\/privacy\.acme\.example\/\.privet\/unsubscribe\/[\w-]+$/),
        expires: expect.stringMatching(/^20\d\d-/),
        headers: {
          'List-Unsubscribe': `<${link!.url}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
      expect(link!.url).not.toBe(other!.url);
      const token = Buffer.from(link!.url.split('/').at(-1)!, 'base64url').toString('latin1');
      expect(token).not.toMatch(/letter|acme|hub|contacts|marketing|withdrawn/);
    });

    it('shows a page and changes nothing when it is looked at', async () => {
      await desk.call(EVENTS, [granted('looks@acme.example')]);
      const path = await linkFor({ email: 'looks@acme.example' });
      for (const method of ['GET', 'HEAD']) {
        const reply = await fetch(`${desk.proxy}${path}`, { method });
        expect(reply.status).toBe(200);
        expect(Object.fromEntries(reply.headers)).toMatchObject({
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-robots-tag': 'noindex, nofollow',
          'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
        });
        const page = await reply.text();
        if (method === 'GET') {
          expect(page).toContain('Our &quot;letter&quot; &lt;b&gt;&amp;amp; more&lt;/b&gt;');
          expect(page).not.toMatch(/<script|src=|href=|looks@|acme\.example/);
        }
      }
      expect((await stateOf('looks@acme.example'))?.state).toBe('granted');
    });

    it.each([
      ['from the page', 'application/x-www-form-urlencoded', ''],
      ['at one click from a mail program', 'application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
      [
        'at one click, as multipart',
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      ],
    ])('withdraws %s, once', async (what, type, body) => {
      const email = `click.${what.length}@acme.example`;
      await desk.call(EVENTS, [granted(email)]);
      const path = await linkFor({ email });
      for (let click = 0; click < 3; click++) {
        const reply = await post(path, { headers: { 'content-type': type }, body });
        expect(reply.status).toBe(200);
        expect(await reply.text()).toContain('Done.');
      }
      expect(await stateOf(email)).toMatchObject({ state: 'withdrawn', source: 'unsubscribe' });
      expect(await historyOf(email)).toHaveLength(2);
    });

    it('may be an objection, which puts the person out of all marketing', async () => {
      const email = 'objector@acme.example';
      await desk.call(EVENTS, [granted(email)]);
      await post(await linkFor({ email, purpose: 'marketing.phone', state: 'objected' }));
      expect((await stateOf(email))?.state).toBe('objected');
    });

    it('works at every door, whatever the host', async () => {
      const email = 'host@acme.example';
      const path = await linkFor({ email });
      const reply = await post(`${path}?utm_source=letter`, { headers: { host: 'sales.example' } });
      expect(reply.status).toBe(200);
      expect((await stateOf(email))?.state).toBe('withdrawn');
    });

    it('is refused when it was changed, cut or made up, and by methods of other kinds', async () => {
      const path = await linkFor({ email: 'forged@acme.example' });
      const last = path.at(-2) === 'A' ? 'B' : 'A';
      const wrong = [path.slice(0, -2) + last + path.slice(-1), path.slice(0, -5), `${path}A`, `${path}=`];
      const madeUp = ['/.privet/unsubscribe/', '/.privet/unsubscribe/x', '/.privet/', '/.privet/other'];
      for (const target of [...wrong, ...madeUp])
        for (const method of ['GET', 'POST'])
          expect((await fetch(`${desk.proxy}${target}`, { method })).status).toBe(400);
      expect((await fetch(`${desk.proxy}${path}`, { method: 'DELETE' })).status).toBe(405);
      expect((await post(path, { body: 'x'.repeat(5_000) })).status).toBe(413);
      expect(await stateOf('forged@acme.example')).toMatchObject({ state: 'unknown' });
    });

    it.each([
      ['es-ES,es;q=0.9,en;q=0.8', 'es', 'Cancelar la suscripción'],
      ['pl', 'pl', 'Rezygnacja'],
      ['uk-UA', 'uk', 'Відписатися'],
      ['pt, de;q=0.5, en;q=0.1', 'de', 'Abbestellen'],
      ['fr', 'fr', 'Se désabonner'],
      ['it', 'it', 'Annulla'],
      ['zh, *', 'en', 'Unsubscribe'],
      ['es;q=0', 'en', 'Unsubscribe'],
    ])('speaks the language of %s', async (accepted, language, title) => {
      const reply = await fetch(`${desk.proxy}/.privet/unsubscribe/x`, {
        headers: { 'accept-language': accepted },
      });
      expect(reply.headers.get('content-language')).toBe(language);
      const page = await reply.text();
      expect(page).toContain(`<html lang="${language}">`);
      expect(page).toContain(title);
    });
  });

  it('is audited: an event for each change, of people as keyed HMACs alone', async () => {
    const { stdout } = await privet(['audit', 'verify', '--config', config], desk.environment);
    expect(stdout).toContain('the chain holds');
    const file = await auditTexts();
    const events = file.filter(({ phase }) => phase === 'consent');
    expect(events.length).toBeGreaterThan(8);
    expect(events).toContainEqual(
      expect.objectContaining({
        reason: 'marketing.email: withdrawn, by unsubscribe',
        dataSubjects: [expect.stringMatching(/^e[\w-]{22}$/)],
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        principal: { id: 'website', roles: [], purposes: [], via: 'admin' },
        reason: 'marketing.email: granted, by form',
      }),
    );
    // Whoever looks somebody up is on record as well.
    expect(events).toContainEqual(
      expect.objectContaining({
        reason: 'looked up',
        principal: expect.objectContaining({ via: 'admin' }),
        dataSubjects: [expect.stringMatching(/^e[\w-]{22}$/)],
      }),
    );
    expect(JSON.stringify(file)).not.toMatch(/@acme|600222333|600 222/);
  });

  async function auditTexts(): Promise<readonly AuditEvent[]> {
    const spool = openJournalReader(spoolDirectory(`${desk.environment['DATA']}/data`));
    const events: AuditEvent[] = [];
    const options = { from: 'start', follow: false, signal: new AbortController().signal } as const;
    try {
      for await (const event of tailEvents({ spools: [spool], limits: DEFAULT_LIMITS }, options))
        events.push(event);
      return events;
    } finally {
      spool.close();
    }
  }
});
