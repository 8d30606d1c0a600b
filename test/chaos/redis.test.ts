import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unseal } from '../../src/audit/chain.ts';
import type { AuditEvent } from '../../src/model/audit-event.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { textsIn, until } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { attempt, load } from './load.ts';
import { type Premises, premises } from './premises.ts';
import { asSupport, CANARY_QUERY, HIDDEN, headersOf } from './salesforce.ts';

const STREAM = 'privet:audit';

describe('Redis under load', () => {
  let crm: Sandbox;
  let redis: ThrowawayRedis;
  let house: Premises;

  beforeEach(async () => {
    crm = await startSandbox({ crm: 'salesforce', people: 50, canary: 0 });
    redis = await startRedis({ persistent: true, password: 'open-sesame' });
  });
  afterEach(async () => {
    redis.thaw();
    await house.close();
    await redis.stop();
    await crm.close();
  });

  async function streamed(): Promise<AuditEvent[]> {
    return (await textsIn(redis.client, STREAM))
      .map((text) => unseal(text))
      .filter((event) => event !== undefined);
  }

  async function stateOfRedis(): Promise<unknown> {
    const { status, body } = await house.readiness();
    expect(status).toBe(200);
    return body['redis'];
  }

  it('may stop, hang, die and refuse: no request notices, every event arrives once and in order', async () => {
    house = await premises(crm.url, {
      audit: { redis: { url: redis.url, stream: STREAM } },
      limits: { auditShipTimeoutMs: 300, auditReconnectMsMax: 200 },
      log: { level: 'debug' },
    });
    const privet = await house.start();
    await until(async () => (await stateOfRedis()) === 'up', 'Redis is up');
    const traffic = load(8, 200, (agent) => attempt(house.url + CANARY_QUERY, asSupport({ agent })));
    const goesOn = async (): Promise<void> => {
      const before = traffic.attempts.length;
      await until(() => traffic.attempts.length > before + 40, 'requests go on');
    };
    const comesBack = () => until(async () => (await stateOfRedis()) === 'up', 'Redis is up again');
    const isAway = () => until(async () => (await stateOfRedis()) === 'away', 'Redis is away');

    await goesOn();
    await redis.kill();
    await isAway();
    await goesOn();
    await redis.restart();
    await comesBack();

    redis.freeze();
    await isAway();
    await goesOn();
    redis.thaw();
    await comesBack();

    await redis.client.config('SET', 'maxmemory', '1');
    await isAway();
    await goesOn();
    await redis.client.config('SET', 'maxmemory', '0');
    await comesBack();

    for (let times = 0; times < 3; times += 1) {
      await redis.kill();
      await sleep(50);
      await redis.restart();
      await goesOn();
    }
    const attempts = await traffic.stop();
    expect(attempts.filter(({ status, isWhole }) => status !== 200 || !isWhole)).toEqual([]);
    for (const { body } of attempts) for (const value of HIDDEN) expect(body).not.toContain(value);
    await until(async () => (await house.metric('privet_spool_events')) === 0, 'all is shipped');

    const events = await streamed();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ phase }) => phase !== 'login')).toHaveLength(2 * attempts.length);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(await house.run(['audit', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });

    privet.kill('SIGTERM');
    expect(await privet.exited).toEqual({ code: 0, signal: null });
    expect(privet.output()).not.toContain('open-sesame');
  });

  it('may come back empty: what it had acknowledged is shipped again', async () => {
    house = await premises(crm.url, {
      audit: { redis: { url: redis.url, stream: STREAM } },
      limits: { auditReconnectMsMax: 200 },
    });
    await house.start();
    await attempt(house.url + CANARY_QUERY, asSupport());
    // A login, a decision and a completion.
    await until(async () => (await streamed()).length === 3, 'three events');
    await redis.client.flushall();
    await attempt(house.url + CANARY_QUERY, asSupport());
    await until(async () => (await streamed()).length === 5, 'all five');
    expect((await streamed()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(await house.run(['audit', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });
  });

  it('may be away until the spool is full: then nothing passes, and nothing is lost when it is back', async () => {
    await redis.kill();
    house = await premises(crm.url, {
      audit: { redis: { url: redis.url, stream: STREAM } },
      limits: { spoolBytesMax: 20_000, auditReconnectMsMax: 200 },
    });
    await house.start();
    const read = () => attempt(house.url + CANARY_QUERY, asSupport());
    await until(async () => (await read()).status === 403, 'the spool is full');
    const forwarded = crm.requests.length;
    const write = await attempt(`${house.url}/services/data/v59.0/sobjects/Contact`, {
      method: 'POST',
      headers: { ...headersOf('officer'), 'content-type': 'application/json' },
      body: '{"LastName":"Nobody"}',
    });
    for (const refused of [await read(), write]) {
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.body)).toMatchObject([
        { message: expect.stringContaining('The audit trail cannot be written, so nothing may pass.') },
      ]);
    }
    expect(crm.requests).toHaveLength(forwarded);
    expect(await house.readiness()).toMatchObject({ status: 503, body: { checks: { spool: false } } });

    await redis.restart();
    await until(async () => (await read()).status === 200, 'requests pass again');
    await until(async () => (await house.readiness()).status === 200, 'ready again');
    await until(async () => (await house.metric('privet_spool_events')) === 0, 'all is shipped');
    const events = await streamed();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(await house.run(['audit', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });
  });
});
