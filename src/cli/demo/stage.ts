import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { openHouse, type RunningPrivet } from '../../app/app.ts';
import { planHouse } from '../../app/plan.ts';
import { formatProblem } from '../../document/problem.ts';
import { type Sandbox, STAFF, startSandbox } from '../../sandbox/sandbox.ts';
import { type Addresses, DESK_KEY } from './desk.ts';
import { keyEntry, OFFICER, PRINCIPALS } from './principals.ts';

const POLICIES = fileURLToPath(new URL('../../../policies', import.meta.url));

/** Where each CRM stands behind the proxy. */
export const PREFIXES = { salesforce: '/sf', hubspot: '/hs' } as const;

/** Ports to take where they are free; 0 takes any. */
export interface Ports {
  readonly proxy: number;
  readonly admin: number;
}
export const USUAL_PORTS: Ports = { proxy: 8080, admin: 8081 };
export const ANY_PORTS: Ports = { proxy: 0, admin: 0 };

/** Two CRMs, Privet in front of them, and a temporary directory with all it keeps. */
export interface Stage extends Addresses {
  /** The configuration file, for `privet audit --config`. */
  readonly config: string;
  readonly salesforce: Sandbox;
  readonly hubspot: Sandbox;
  /** Drains and closes Privet: what it has recorded is then on disk. */
  readonly closeProxy: () => Promise<void>;
  /** Closes everything and removes the directory. */
  readonly close: () => Promise<void>;
}

/** @throws Error when the example configuration does not hold, or a port cannot be had */
export async function openStage(wanted: Ports): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'privet-demo-'));
  const sandboxes: Sandbox[] = [];
  let house: RunningPrivet | undefined;
  let closed: Promise<void> | undefined;
  const closeProxy = (): Promise<void> => {
    closed ??= house?.close() ?? Promise.resolve();
    return closed;
  };
  const close = async (): Promise<void> => {
    await closeProxy();
    await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const salesforce = await startSandbox({ crm: 'salesforce' });
    const hubspot = await startSandbox({ crm: 'hubspot' });
    sandboxes.push(salesforce, hubspot);
    const config = join(directory, 'config.yaml');
    const ports = { proxy: await freePort(wanted.proxy), admin: await freePort(wanted.admin) };
    writeFileSync(config, stringify(configuration(ports, { salesforce, hubspot })));
    const { plan, problems } = await planHouse(config, {});
    if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'));
    house = await openHouse(plan);
    return {
      config,
      proxyUrl: urlOf(house.proxy),
      adminUrl: urlOf(house.admin),
      salesforce,
      hubspot,
      closeProxy,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The privacy officer's own credential in the Salesforce sandbox. */
export function officerToken(): string {
  return STAFF.find(({ key }) => key === OFFICER.id)?.salesforceToken ?? '';
}

/** The privacy officer's account reaches the CRMs, so that one header is all a reader has to type. */
function configuration(ports: Ports, crms: { readonly salesforce: Sandbox; readonly hubspot: Sandbox }) {
  const officer = STAFF.find(({ key }) => key === OFFICER.id);
  const upstream = (crm: keyof typeof crms, bearer: string) => ({
    name: crm,
    crm,
    url: crms[crm].url,
    match: { prefix: PREFIXES[crm] },
    credentials: { bearer },
  });
  return {
    listen: { host: '127.0.0.1', port: ports.proxy },
    admin: { host: '127.0.0.1', port: ports.admin, keys: [DESK_KEY] },
    upstreams: [upstream('salesforce', officerToken()), upstream('hubspot', officer?.hubspotToken ?? '')],
    identity: [{ apiKey: { keys: PRINCIPALS.map(keyEntry) } }],
    policies: {
      path: join(POLICIES, 'example'),
      include: ['packs/salesforce', 'packs/hubspot', 'packs/vault', join(POLICIES, 'demo')],
      reload: false,
    },
    restriction: { visibleTo: [OFFICER.role] },
    unsubscribe: {
      publicUrl: `http://127.0.0.1:${ports.proxy}`,
      purposes: { 'marketing.email': 'Our newsletter' },
    },
    store: { embedded: './data' },
    // What a reader should see is written by the demo itself.
    log: { level: 'error' },
  };
}

/** The port wanted where it is free, else 0. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(wanted, '127.0.0.1');
  try {
    await listening;
  } catch {
    return 0;
  }
  server.close();
  await once(server, 'close');
  return wanted;
}

function urlOf({ address, port }: AddressInfo): string {
  return `http://${address}:${port}`;
}
