import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../fixtures/redis.ts';
import { privet, startPrivet } from '../command.ts';
import { eventsIn } from '../events.ts';
import { openSurroundings, type Surroundings } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

const CONFIG = 'test/e2e/company/config.yaml';
let around: Surroundings;

beforeAll(async () => {
  around = await openSurroundings({ sandbox: { people: 30, pageSize: 50 } });
});

afterAll(() => around.close());

it('serves as a process of its own, lets running requests end at SIGTERM, and exits with 0', async () => {
  const [port, adminPort] = [await freePort(), await freePort()];
  const environment = { ...around.environment, PORT: String(port), ADMIN_PORT: String(adminPort) };
  const proxy = `http://127.0.0.1:${port}`;
  const running = startPrivet(['serve', '--config', CONFIG], environment);
  const ready = () =>
    send(`http://127.0.0.1:${adminPort}`, { path: '/readyz' }).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await ready())) await sleep(50);

  const request = {
    path: '/services/data/v59.0/query?q=SELECT+Id,Email+FROM+Contact',
    token: PRINCIPALS.support,
  };
  expect(await send(proxy, request)).toMatchObject({ status: 200, text: expect.stringContaining('***@') });
  around.salesforce.faults.delayMs = 500;
  const asked = around.salesforce.requests.length;
  const slow = send(proxy, request);
  while (around.salesforce.requests.length === asked) await sleep(10);
  running.kill('SIGTERM');
  expect(await slow).toMatchObject({ status: 200, text: expect.stringContaining('"done":true') });
  const { exitCode, stdout } = await running.ended;
  expect(exitCode).toBe(0);
  expect(stdout).not.toMatch(/"level":(50|60)/);

  await expect(send(proxy, request)).rejects.toThrow();
  const phases = (await eventsIn(around.redis.client)).map(({ phase }) => phase);
  expect(phases.filter((phase) => phase !== 'login')).toHaveLength(4);
  expect(await privet(['audit', 'verify', '--config', CONFIG], environment)).toMatchObject({ exitCode: 0 });
});
