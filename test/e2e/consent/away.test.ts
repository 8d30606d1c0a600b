import { expect, it } from 'vitest';
import { until } from '../../fixtures/audit.ts';
import { startRedis } from '../../fixtures/redis.ts';
import { EVENTS, granted, type Known, LINKS, type Links, LOOK_UP, openDesk } from './desk.ts';

it('is refused while Redis is away, says so, and is back with Redis', async () => {
  const redis = await startRedis({ persistent: true });
  const desk = await openDesk('test/e2e/consent/redis.yaml', { CONSENT_REDIS: redis.url });
  const readiness = async () => (await fetch(`${desk.admin}/readyz`)).json();
  const order = { email: 'away@acme.example', purpose: 'marketing.email' };
  const { body } = await desk.call(LINKS, [order]);
  const { pathname } = new URL((body as Links).links[0]!.url);
  const click = () => fetch(`${desk.proxy}${pathname}`, { method: 'POST' });
  await redis.kill();
  expect(await desk.call(EVENTS, [granted('away@acme.example')])).toEqual({
    status: 503,
    body: { error: { code: 'CONSENT_UNAVAILABLE', message: expect.any(String) } },
  });
  expect((await click()).status).toBe(503);
  await until(async () => ((await readiness()) as { consent: string }).consent === 'away', 'it is known');
  await redis.restart();
  await until(async () => ((await readiness()) as { consent: string }).consent === 'up', 'it is back');
  expect((await click()).status).toBe(200);
  const { body: known } = await desk.call(LOOK_UP, { email: 'away@acme.example' });
  expect(known).toMatchObject({ known: true });
  expect((known as Known).consents).toContainEqual(expect.objectContaining({ state: 'withdrawn' }));
  await desk.close();
  await redis.stop();
});
