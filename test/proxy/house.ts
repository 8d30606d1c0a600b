import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { CrmAdapter } from '../../src/crm/adapter.ts';
import { createHubspotAdapter } from '../../src/crm/hubspot/adapter.ts';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { createEnforcement } from '../../src/enforce/enforcement.ts';
import { createIdentifier } from '../../src/identity/identifier.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { AuditEntry } from '../../src/model/audit-event.ts';
import type { Mode, Posture } from '../../src/model/posture.ts';
import { publicBaseOf } from '../../src/proxy/door.ts';
import type { House } from '../../src/proxy/house.ts';
import type { MeteredRequest } from '../../src/proxy/meter.ts';
import { createPipeline } from '../../src/proxy/pipeline.ts';
import { createLinks } from '../../src/proxy/wire/links.ts';
import { createListener } from '../../src/proxy/wire/listener.ts';
import { createUpstream } from '../../src/proxy/wire/upstream.ts';
import { until } from '../fixtures/audit.ts';
import { FACTS, snapshotOf } from '../policy/fixture.ts';
import { closeAfterTest, startCrm } from './loopback.ts';

const STRICT: Posture = {
  unknownOperation: 'deny',
  unclassifiedField: 'show',
  unreadableBody: 'deny',
  unidentified: 'deny',
  auditUnavailable: 'deny',
};

/** Keys of the callers below, sent as `x-privet-key`: SHA-256 of `ana` and so on. */
const KEYS = [
  {
    id: 'ana',
    sha256: '24d4b96f58da6d4a8512313bbd02a28ebf0ca95dec6e4c86ef78ce7f01e788ac',
    roles: ['support'],
    crmUserId: '0055g00000AAAAAAAA',
  },
  {
    id: 'emma',
    sha256: 'f4aa0655cdb8d4fcf6f719c7a786de10556783c70bfb8ef1d78923482fe6ebbc',
    roles: ['privacy-officer'],
  },
];

export interface HouseOptions {
  readonly crm?: 'salesforce' | 'hubspot';
  readonly policies: string;
  readonly maps?: string;
  readonly mode?: Mode;
  readonly posture?: Partial<Posture>;
  readonly publicUrl?: string;
  /** A token of Privet's own for the CRM. */
  readonly bearer?: string;
  readonly limits?: Partial<Limits>;
  readonly record?: (entry: AuditEntry) => Promise<void>;
}

export interface RunningHouse {
  readonly port: number;
  readonly url: string;
  readonly events: AuditEntry[];
  readonly logs: unknown[][];
  readonly measured: readonly MeteredRequest[];
  readonly upstreamLoad: () => { readonly running: number; readonly waiting: number };
  /** Events of a phase, as soon as there are so many of them. */
  readonly seen: (phase: AuditEntry['phase'], count?: number) => Promise<AuditEntry[]>;
}

/** A whole pipeline before a CRM on loopback that answers as the handler says. */
export async function startHouse(
  options: HouseOptions,
  crm: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<RunningHouse> {
  const limits: Limits = { ...DEFAULT_LIMITS, drainTimeoutMs: 1_000, ...options.limits };
  const { url } = await startCrm(crm);
  const upstream = createUpstream({ name: 'crm', url, limits });
  const adapter: CrmAdapter =
    options.crm === 'hubspot' ? createHubspotAdapter() : createSalesforceAdapter(limits);
  const posture = { ...STRICT, ...options.posture };
  const snapshot = snapshotOf(
    options.policies,
    { unclassifiedField: posture.unclassifiedField },
    options.maps,
  );
  const events: AuditEntry[] = [];
  const logs: unknown[][] = [];
  const measured: MeteredRequest[] = [];
  const log = {
    ...Object.fromEntries(
      ['info', 'warn', 'error'].map((level) => [
        level,
        (...what: unknown[]) => void logs.push([level, ...what]),
      ]),
    ),
    isLevelEnabled: (level: string) => level !== 'debug',
  } as unknown as Logger;
  const identifier = createIdentifier([{ apiKey: { keys: KEYS } }], {
    clock: Date.now,
    limits,
    keyedHash: (text) => text,
    lookUp: () => Promise.reject(new Error('none')),
    upstreamName: 'crm',
    warn: () => undefined,
  });
  const house: House = {
    doors: [
      {
        name: 'crm',
        adapter,
        upstream,
        identifier,
        host: undefined,
        prefix: '',
        publicBase: publicBaseOf(options.publicUrl),
        bearer: options.bearer,
        links: createLinks(url, adapter.publicHosts),
        varyOn: ['authorization', 'x-privet-key'],
      },
    ],
    isTls: false,
    enforcement: createEnforcement({
      mode: options.mode ?? 'enforce',
      posture,
      limits,
      keyring: { derive: (use) => Buffer.alloc(32, use) },
    }),
    policies: () => snapshot,
    facts: () => FACTS,
    record: async (entry) => {
      await options.record?.(entry);
      events.push(entry);
    },
    auditIsWell: () => true,
    meter: { request: (request) => void measured.push(request) },
    log,
  };
  const listener = await createListener({
    listen: { host: '127.0.0.1', port: 0 },
    limits,
    logger: log,
    handle: createPipeline(house),
  });
  const { port } = await listener.listen();
  closeAfterTest(async () => {
    await listener.close();
    await upstream.destroy();
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    events,
    logs,
    measured,
    upstreamLoad: upstream.load,
    seen: async (phase, count = 1) => {
      const found = () => events.filter((event) => event.phase === phase);
      await until(() => found().length >= count, `${count} events of phase ${phase}`);
      return found();
    },
  };
}
