import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../fixtures/audit.ts';
import { attempt, load } from './load.ts';
import { type Premises, premises } from './premises.ts';
import { asSupport, CANARY_QUERY, HIDDEN } from './salesforce.ts';

describe('kill -9 under load', () => {
  let crm: Sandbox;
  let house: Premises;
  afterEach(async () => {
    await house.close();
    await crm.close();
  });

  it('loses no decision whose answer had begun, and the chain goes on', async () => {
    crm = await startSandbox({ crm: 'salesforce', people: 50, canary: 0 });
    house = await premises(crm.url);
    const answered = new Set<string>();
    let cut = 0;
    for (let round = 1; round <= 4; round += 1) {
      const privet = await house.start();
      const before = answered.size;
      const traffic = load(24, 2_000, (agent, index) =>
        attempt(house.url + (index % 3 === 0 ? '/nowhere' : CANARY_QUERY), asSupport({ agent })),
      );
      await until(() => traffic.attempts.length > 300, 'load');
      privet.kill('SIGKILL');
      await privet.exited;
      for (const { status, headers, isWhole } of await traffic.stop()) {
        const id = headers['x-privet-request-id'];
        if (status === undefined) cut += 1;
        else if (typeof id === 'string') answered.add(id);
        expect(isWhole || status === undefined || status === 200).toBe(true);
      }
      expect(answered.size).toBeGreaterThan(before + 200);
    }
    expect(cut).toBeGreaterThan(0);
    const privet = await house.start();
    const { status, body } = await attempt(house.url + CANARY_QUERY, asSupport());
    expect(status).toBe(200);
    for (const value of HIDDEN) expect(body).not.toContain(value);
    privet.kill('SIGTERM');
    expect(await privet.exited).toEqual({ code: 0, signal: null });
    const events = await house.spooled();
    const decided = new Set(
      events.filter(({ phase }) => phase === 'decision').map(({ request }) => request?.id),
    );
    expect([...answered].filter((id) => !decided.has(id))).toEqual([]);
    expect(new Set(events.map(({ instance }) => instance)).size).toBe(1);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(await house.run(['audit', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });
  });
});
