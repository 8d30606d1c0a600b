import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../fixtures/audit.ts';
import { type BrokenCrm, startBrokenCrm } from './broken-crm.ts';
import { attempt, load } from './load.ts';
import { type Premises, premises } from './premises.ts';
import { asOfficer, asSupport, CANARY_QUERY } from './salesforce.ts';

const GOOD = { code: 0, signal: null };

describe('SIGTERM', () => {
  describe('under load', () => {
    let crm: Sandbox;
    let house: Premises;
    beforeEach(async () => {
      crm = await startSandbox({ crm: 'salesforce', people: 50, canary: 0, delayMs: 100 });
      house = await premises(crm.url, { limits: { drainTimeoutMs: 600_000 } });
    });
    afterEach(async () => {
      await house.close();
      await crm.close();
    });

    it.each(['SIGTERM', 'SIGINT'] as const)(
      'lets running requests end, takes no more, and ends well (%s)',
      async (signal) => {
        const privet = await house.start();
        const traffic = load(16, 400, (agent, index) =>
          attempt(house.url + CANARY_QUERY, index % 2 === 0 ? asSupport({ agent }) : asOfficer({ agent })),
        );
        await until(() => traffic.attempts.length > 100, 'load');
        privet.kill(signal);
        expect(await privet.exited).toEqual(GOOD);
        await until(() => traffic.attempts.some(({ error }) => error !== undefined), 'a refused connection');
        const attempts = await traffic.stop();
        // Whatever had begun to be answered was answered whole; the rest was refused a connection or met one that was closed.
        const broken = attempts.filter(({ status, isWhole }) => status !== undefined && !isWhole);
        expect(broken).toEqual([]);
        for (const { error } of attempts.filter((one) => one.error !== undefined))
          expect(error?.code).toMatch(/^ECONN(REFUSED|RESET)$/);
        const events = await house.spooled();
        const completed = new Set(
          events.filter(({ phase }) => phase === 'completion').map(({ request }) => request?.id),
        );
        const answered = attempts.filter(({ status }) => status === 200);
        expect(
          answered.filter(({ headers }) => !completed.has(String(headers['x-privet-request-id']))),
        ).toEqual([]);
        expect(privet.output()).not.toMatch(/event lost|Error/);
        expect(await house.run(['audit', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });
      },
    );
  });

  describe('while it starts', () => {
    it.each(['SIGTERM', 'SIGINT'] as const)('lets it start, and end well (%s)', async (signal) => {
      const house = await premises('http://127.0.0.1:9');
      const config = readFileSync(house.configFile);
      rmSync(house.configFile);
      execFileSync('mkfifo', [house.configFile]);
      const privet = house.begin();
      // Opens when Privet opens its end, and then waits for its configuration.
      const pipe = await open(house.configFile, 'w');
      privet.kill(signal);
      await sleep(100);
      await pipe.writeFile(config);
      await pipe.close();
      expect(await privet.exited).toEqual(GOOD);
      await house.close();
    });
  });

  describe('while somebody hangs', () => {
    let crm: BrokenCrm;
    let house: Premises;
    beforeEach(async () => {
      crm = await startBrokenCrm();
      crm.behaviour = () => undefined;
      house = await premises(crm.url, { limits: { drainTimeoutMs: 1_000 } });
    });
    afterEach(async () => {
      await house.close();
      await crm.close();
    });

    it.each([
      ['the CRM', async () => void attempt(house.url + CANARY_QUERY, asSupport())],
      [
        'a client within its headers',
        async () => {
          const socket = connect(house.proxyPort, '127.0.0.1').on('error', () => undefined);
          await once(socket, 'connect');
          socket.write('GET / HTTP/1.1\r\n');
        },
      ],
      [
        'a client within its body',
        async () => {
          const socket = connect(house.proxyPort, '127.0.0.1').on('error', () => undefined);
          await once(socket, 'connect');
          const { headers } = asOfficer();
          const lines = Object.entries(headers as Record<string, string>).map(
            ([name, value]) => `${name}: ${value}`,
          );
          socket.write(
            `POST /services/data/v59.0/sobjects/Contact HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n${lines.join('\r\n')}\r\n\r\n{`,
          );
        },
      ],
    ])('cuts it off after limits.drainTimeoutMs: %s', async (_, hang) => {
      const privet = await house.start();
      await hang();
      await sleep(200);
      privet.kill('SIGTERM');
      expect(await privet.exited).toEqual(GOOD);
      expect(privet.output()).not.toMatch(/event lost/);
      const outcomes = (await house.spooled()).flatMap(({ outcome }) => outcome ?? []);
      expect(outcomes.filter((outcome) => outcome !== 'aborted')).toEqual([]);
    });

    it('cuts it off at once at a second signal', async () => {
      house.configure({ limits: { drainTimeoutMs: 600_000 } });
      const privet = await house.start();
      const hanging = attempt(house.url + CANARY_QUERY, asSupport());
      await until(() => crm.requests() === 1, 'a request');
      privet.kill('SIGTERM');
      await until(
        async () => (await attempt(house.url)).error?.code === 'ECONNREFUSED',
        'no new connections',
      );
      // Who asks whether it lives is still told.
      expect((await fetch(`${house.adminUrl}/healthz`)).status).toBe(200);
      privet.kill('SIGTERM');
      expect(await privet.exited).toEqual(GOOD);
      expect((await hanging).error?.code).toBe('ECONNRESET');
      const first = (await house.spooled()).find(({ phase }) => phase === 'decision');
      const own = (await house.spooled()).filter(({ request }) => request?.id === first?.request?.id);
      expect(own.map(({ phase, outcome }) => [phase, outcome])).toEqual([
        ['decision', undefined],
        ['completion', 'aborted'],
      ]);
    });
  });
});
