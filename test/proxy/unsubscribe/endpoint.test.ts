import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConsentRegistry } from '../../../src/consent/open-registry.ts';
import { createUnsubscribeTokens, type UnsubscribeLink } from '../../../src/consent/unsubscribe/link.ts';
import { PrivetError } from '../../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { AuditEntry } from '../../../src/model/audit-event.ts';
import type { ConsentEvent } from '../../../src/model/consent.ts';
import { withUnsubscribe } from '../../../src/proxy/unsubscribe/endpoint.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import type { Store } from '../../../src/store/store.ts';
import { TEST_LIMITS, temporaryDirectory } from '../../fixtures/audit.ts';
import { DAY, NOON, registryOver } from '../../fixtures/consent.ts';

const ANA = { email: 'ana@acme.example' };
const tokens = createUnsubscribeTokens(Buffer.alloc(32, 7));

describe('the unsubscribe endpoint', () => {
  let remove: () => void;
  let store: Store;
  let registry: OpenConsentRegistry;
  let server: Server;
  let base: string;
  let now: number;
  let audited: Omit<AuditEntry, 'policySet'>[];
  let logged: unknown[];
  let auditIsAway: boolean;
  /** Addresses from which requests seem to come, in turn. */
  let from: string[];

  beforeEach(async () => {
    const directory = temporaryDirectory();
    ({ remove } = directory);
    store = openEmbedded(directory.path, TEST_LIMITS);
    now = NOON;
    registry = await registryOver(store, { now: () => now });
    audited = [];
    logged = [];
    auditIsAway = false;
    from = [];
    await serve(registry);
  });
  afterEach(async () => {
    server.close();
    registry.close();
    await store.close();
    remove();
  });

  async function serve(
    own: Pick<OpenConsentRegistry, 'append' | 'history' | 'pseudonyms'>,
    limits: Partial<typeof DEFAULT_LIMITS> = {},
  ): Promise<void> {
    server?.close();
    const handle = withUnsubscribe(
      {
        tokens,
        purposes: { 'marketing.email': 'News' },
        registry: own,
        record: async (entry) => {
          if (auditIsAway) throw new PrivetError('AUDIT_UNAVAILABLE');
          audited.push(entry);
        },
        clock: () => now,
        limits: { ...DEFAULT_LIMITS, ...limits },
        log: { error: (facts: unknown) => logged.push(facts) } as never,
      },
      async (_, res) => {
        res.end('next');
      },
    );
    server = createServer((req, res) => {
      const address = from.shift();
      if (address !== undefined)
        Object.defineProperty(req.socket, 'remoteAddress', { value: address, configurable: true });
      void handle(req, res, 0);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  const pathOf = (link: Partial<UnsubscribeLink> = {}) =>
    `/.privet/unsubscribe/${tokens.seal({ who: ANA, purpose: 'marketing.email', state: 'withdrawn', expires: NOON + DAY, ...link })}`;
  const click = (path: string) => fetch(`${base}${path}`, { method: 'POST' });
  const state = async () => (await registry.standings([ANA]))[0]?.consent('marketing.email');

  it('leaves all other requests to the proxy', async () => {
    for (const path of ['/', '/services/data', '/x/.privet/unsubscribe/', '/%2Eprivet/unsubscribe/'])
      expect(await (await click(path)).text()).toBe('next');
  });

  it('puts a withdrawal on record with the time of the click, audited once', async () => {
    const path = pathOf();
    expect((await click(path)).status).toBe(200);
    now += 5_000;
    expect((await click(path)).status).toBe(200);
    expect(await state()).toEqual({ state: 'withdrawn', at: NOON, source: 'unsubscribe' });
    expect(audited).toEqual([
      {
        phase: 'consent',
        reason: 'marketing.email: withdrawn, by unsubscribe',
        dataSubjects: [expect.stringMatching(/^e[\w-]{22}$/)],
      },
    ]);
  });

  it('puts another one on record when they have agreed again meanwhile', async () => {
    await click(pathOf());
    await registry.append([
      { who: ANA, purpose: 'marketing.email', state: 'granted', at: now + 1, source: 'form' },
    ]);
    now += 2;
    await click(pathOf());
    expect((await state())?.state).toBe('withdrawn');
    expect(audited).toHaveLength(2);
  });

  it.each<[what: string, before: readonly Partial<ConsentEvent>[], after: readonly Partial<ConsentEvent>[]]>([
    ['a withdrawal that ends by itself', [{ state: 'withdrawn', until: NOON + 5 }], []],
    [
      'an objection that is taken back',
      [{ state: 'objected', purpose: 'marketing.phone' }],
      [{ state: 'objection-ended', purpose: 'marketing.phone' }],
    ],
    [
      'a withdrawal from more that is taken back',
      [
        { state: 'granted', at: NOON - 9 },
        { state: 'withdrawn', purpose: 'marketing' },
      ],
      [{ state: 'granted', purpose: 'marketing' }],
    ],
    ['consent from a clock that is ahead', [{ state: 'granted', at: NOON + 3 }], []],
  ])('outlasts %s', async (_, before, after) => {
    const said = (one: Partial<ConsentEvent>, at: number): ConsentEvent => ({
      who: ANA,
      purpose: 'marketing.email',
      state: 'granted',
      at,
      source: 'form',
      ...one,
    });
    await registry.append(before.map((one) => said(one, NOON - 1)));
    for (let clicks = 0; clicks < 2; clicks++) expect((await click(pathOf())).status).toBe(200);
    await registry.append(after.map((one) => said(one, NOON + 5)));
    now += 10;
    expect(await state()).toMatchObject({ state: 'withdrawn', source: 'unsubscribe' });
    expect(audited).toHaveLength(1);
  });

  it('does not say that it is done for somebody who cannot be known', async () => {
    expect((await click(pathOf({ who: { phone: 'none' } }))).status).toBe(503);
  });

  it('says when a link has expired', async () => {
    const reply = await click(pathOf({ expires: NOON }));
    expect([reply.status, await reply.text()]).toEqual([410, expect.stringContaining('expired')]);
    expect((await state())?.state).toBe('unknown');
  });

  it('is not kept from a withdrawal by an audit trail that is away', async () => {
    auditIsAway = true;
    expect((await click(pathOf())).status).toBe(200);
    expect((await state())?.state).toBe('withdrawn');
    expect(logged).toHaveLength(1);
  });

  it('says that it could not be recorded while the registry is away, and means it', async () => {
    const away = async () => {
      throw new PrivetError('CONSENT_UNAVAILABLE');
    };
    await serve({ ...registry, append: away, history: away });
    const reply = await click(pathOf());
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await reply.text()).toContain('could not be recorded');
    expect(audited).toEqual([]);
  });

  it('records no more at once than it may, and asks the others to come again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await serve(
      { ...registry, history: (who) => promise.then(() => registry.history(who)) },
      { unsubscribesRunningMax: 2 },
    );
    const clicks = ['a', 'b', 'c'].map((email) => click(pathOf({ who: { email: `${email}@acme.example` } })));
    const first = await Promise.race(clicks);
    resolve();
    const statuses = (await Promise.all(clicks)).map(({ status }) => status);
    expect(first.status).toBe(503);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 503]);
  });

  it('holds up who tries many links that open nothing, for a minute, and never a good link', async () => {
    await serve(registry, { badUnsubscribesPerMinuteMax: 3 });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) statuses.push((await click('/.privet/unsubscribe/x')).status);
    expect(statuses).toEqual([400, 400, 400, 429, 429]);
    expect((await click(pathOf())).status).toBe(200);
    now += 60_000;
    expect((await click('/.privet/unsubscribe/x')).status).toBe(400);
  });
  it('takes all addresses of one subscriber for one', async () => {
    await serve(registry, { badUnsubscribesPerMinuteMax: 1 });
    const statusFrom = async (address: string): Promise<number> => {
      from = [address];
      return (await fetch(`${base}/.privet/unsubscribe/x`)).status;
    };
    const subscriber = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:DB8:1:2::3'];
    const statuses: number[] = [];
    for (const address of [...subscriber, '2001:db8:1:3::1']) statuses.push(await statusFrom(address));
    expect(statuses).toEqual([400, 429, 429, 400]);
  });
});
