import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { openHouse } from '../../src/app/app.ts';
import { planHouse } from '../../src/app/plan.ts';
import { formatProblem } from '../../src/document/problem.ts';
import { type Sandbox, type SandboxOptions, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { JWKS } from './principals.ts';

export interface PremisesOptions {
  /** Configuration of the scenario, from the project's root; its `${NAME}`s are filled in. */
  readonly config: string;
  readonly sandbox?: Omit<SandboxOptions, 'crm' | 'port'>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Both CRMs, a Redis and what a Privet on disk needs, without the Privet. */
export interface Surroundings {
  readonly salesforce: Sandbox;
  readonly hubspot: Sandbox;
  readonly redis: ThrowawayRedis;
  /** Holds the store and whatever else the scenario writes. */
  readonly directory: string;
  /** What the scenario's configuration takes from the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** A running Privet. */
export interface OpenHouse {
  /** Origin of the proxy. */
  readonly proxy: string;
  /** Where HubSpot is on it. */
  readonly hubspotProxy: string;
  readonly admin: string;
  /** All that was logged so far. */
  readonly log: () => string;
  /** Closes Privet alone; the store and the stream stay. */
  readonly closeHouse: () => Promise<void>;
}

/** A running Privet between its callers and two sandbox CRMs. */
export interface Premises extends Surroundings, OpenHouse {}

/** Emma may see everything in both CRMs: what she does not get, Privet has kept back. */
const TOKENS = STAFF.find(({ key }) => key === 'emma');

export async function openSurroundings({
  sandbox,
  environment = {},
}: Omit<PremisesOptions, 'config'>): Promise<Surroundings> {
  const directory = mkdtempSync(join(tmpdir(), 'privet-e2e-'));
  const [salesforce, hubspot, redis] = await Promise.all([
    startSandbox({ ...sandbox, crm: 'salesforce' }),
    startSandbox({ ...sandbox, crm: 'hubspot' }),
    startRedis(),
  ]);
  mkdirSync(join(directory, 'store'));
  writeFileSync(join(directory, 'jwks.json'), JSON.stringify(JWKS));
  return {
    salesforce,
    hubspot,
    redis,
    directory,
    environment: {
      SALESFORCE_URL: salesforce.url,
      HUBSPOT_URL: hubspot.url,
      SALESFORCE_TOKEN: TOKENS?.salesforceToken ?? '',
      HUBSPOT_TOKEN: TOKENS?.hubspotToken ?? '',
      REDIS_URL: redis.url,
      POLICIES: resolve('policies'),
      DATA: directory,
      ...environment,
    },
    close: async () => {
      await Promise.all([salesforce.close(), hubspot.close(), redis.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Opens everything on free ports. */
export async function openPremises(options: PremisesOptions): Promise<Premises> {
  const around = await openSurroundings(options);
  const house = await openHouseWith(options.config, around.environment);
  return {
    ...around,
    ...house,
    close: async () => {
      await house.closeHouse();
      await around.close();
    },
  };
}

/** Opens a Privet alone. @param config from the project's root */
export async function openHouseWith(
  config: string,
  environment: Readonly<Record<string, string>>,
): Promise<OpenHouse> {
  const { plan, problems } = await planHouse(resolve(config), environment);
  if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  const { logger, text } = memoryLogger();
  const house = await openHouse(plan, logger);
  const proxy = `http://127.0.0.1:${house.proxy.port}`;
  let closing: Promise<void> | undefined;
  return {
    proxy,
    hubspotProxy: `${proxy}/hubspot`,
    admin: `http://127.0.0.1:${house.admin.port}`,
    log: text,
    closeHouse: () => {
      closing ??= house.close();
      return closing;
    },
  };
}

function memoryLogger(): { readonly logger: Logger; readonly text: () => string } {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  return { logger: pino({ level: 'debug', base: null }, sink), text: () => lines.join('') };
}
