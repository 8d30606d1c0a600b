import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../fixtures/audit.ts';
import { type BrokenCrm, CUT, GARBAGE, startBrokenCrm } from './broken-crm.ts';
import { attempt } from './load.ts';
import { type Premises, type PrivetProcess, premises } from './premises.ts';
import { asOfficer, asSupport, CANARY_QUERY, HIDDEN } from './salesforce.ts';

describe('an upstream that misbehaves', () => {
  let crm: BrokenCrm;
  let house: Premises;
  let privet: PrivetProcess;
  let socketsBefore: number;

  beforeAll(async () => {
    crm = await startBrokenCrm();
    house = await premises(crm.url, {
      limits: { upstreamHeadersTimeoutMs: 300, upstreamBodyTimeoutMs: 300, drainTimeoutMs: 2_000 },
      log: { level: 'debug' },
    });
    privet = await house.start();
    socketsBefore = privet.sockets();
  });
  afterAll(async () => {
    await house.close();
    await crm.close();
  });

  async function expectFailed(ask: typeof asSupport, hidden: readonly string[]): Promise<void> {
    const { status, headers, body, isWhole } = await attempt(house.url + CANARY_QUERY, ask());
    if (isWhole) {
      expect([502, 504]).toContain(status);
      expect(JSON.parse(body)).toMatchObject([
        { errorCode: expect.any(String), message: expect.any(String) },
      ]);
    } else {
      expect(status).toBe(200);
    }
    for (const value of isWhole ? HIDDEN : hidden) expect(body).not.toContain(value);
    const id = headers['x-privet-request-id'];
    const eventsOf = async () => (await house.spooled()).filter(({ request }) => request?.id === id);
    await until(async () => (await eventsOf()).length === 2, 'two events');
    expect(await eventsOf()).toMatchObject([
      { phase: 'decision' },
      { phase: 'completion', outcome: 'failed' },
    ]);
  }

  async function expectServing(): Promise<void> {
    crm.behaviour = (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}');
    // On a busy machine even this CRM may be too slow for the short time-outs at first.
    await expect
      .poll(() => attempt(house.url + CANARY_QUERY, asSupport()))
      .toMatchObject({ status: 200, body: '{}', isWhole: true });
  }

  it.each([...CUT, ...GARBAGE])(
    'that %s: no byte that was not inspected, no half answer for a whole one',
    async (_, behaviour) => {
      crm.behaviour = behaviour;
      await expectFailed(asSupport, HIDDEN);
      await expectServing();
    },
  );

  it.each(CUT)('that %s: nor for somebody who may see everything', async (_, behaviour) => {
    crm.behaviour = behaviour;
    await expectFailed(asOfficer, []);
    await expectServing();
  });

  it('leaves no connection behind, on neither side, and nothing of its answers in the log', async () => {
    await until(() => crm.connections() === 0, 'connections to the CRM end');
    await until(() => privet.sockets() <= socketsBefore, 'sockets of Privet end');
    for (const value of HIDDEN) expect(privet.output()).not.toContain(value);
    privet.kill('SIGTERM');
    expect(await privet.exited).toEqual({ code: 0, signal: null });
    expect(privet.output()).not.toMatch(/completion event lost/);
  });
});
