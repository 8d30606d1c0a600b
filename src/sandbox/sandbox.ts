import { systemClock } from '../clock.ts';
import { hubspotHandler } from './hubspot/routes.ts';
import { seedHubspot } from './hubspot/seed.ts';
import { hubspotStore } from './hubspot/store.ts';
import { createOutbox, type SentMail } from './outbox.ts';
import { CANARIES, plantCanaries } from './people/canary.ts';
import { type Person, writePopulation } from './people/people.ts';
import { keepingDocuments } from './salesforce/documents.ts';
import { salesforceHandler } from './salesforce/routes.ts';
import { SCHEMAS } from './salesforce/schema.ts';
import { seedSalesforce } from './salesforce/seed.ts';
import { salesforceStore } from './salesforce/store.ts';
import { STAFF } from './staff.ts';
import type { Handler } from './wire/message.ts';
import { type Faults, listen, type RecordedRequest } from './wire/server.ts';

export { CANARIES, type Faults, type RecordedRequest, type SentMail, STAFF };

export interface SandboxOptions {
  readonly crm: 'salesforce' | 'hubspot';
  /** A free port when left out. */
  readonly port?: number;
  readonly people?: number;
  readonly seed?: number;
  /** Records in a page: of a Salesforce query, or of a HubSpot list that asks for no limit. */
  readonly pageSize?: number;
  readonly delayMs?: number;
  readonly cut?: Faults['cut'];
  /** Status requests that an asynchronous job answers with "in progress" before it is done. */
  readonly jobPolls?: number;
  /** Index of a person who gets a canary in every classified field. */
  readonly canary?: number;
  /** Origin that HubSpot's absolute links name instead of the sandbox's own, e.g. `https://api.hubapi.com`. */
  readonly publicHost?: string;
}

/** What the sandbox CRM stores right now. */
export interface SandboxData {
  /** The people it was seeded with. */
  readonly people: readonly Person[];
  readonly objects: readonly string[];
  /** Every record of an object as stored, deleted ones too. */
  readonly records: (object: string) => readonly Readonly<Record<string, unknown>>[];
  /** All of it as one JSON text, for searching. */
  readonly text: () => string;
}

export interface Sandbox {
  readonly url: string;
  readonly data: SandboxData;
  /** Every mail it has sent, oldest first. */
  readonly outbox: readonly SentMail[];
  /** The last 1,000 requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** May be changed while it runs. */
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

interface Crm {
  readonly handler: Handler;
  readonly objects: readonly string[];
  readonly records: SandboxData['records'];
  readonly outbox: readonly SentMail[];
}

function populate(options: SandboxOptions) {
  const population = writePopulation(options.people ?? 2_500, options.seed ?? 1, STAFF.length);
  const people = population.people.map((person, index) =>
    index === options.canary ? plantCanaries(person) : person,
  );
  return { ...population, people };
}

function openCrm(
  options: SandboxOptions,
  population: ReturnType<typeof populate>,
  baseUrl: () => string,
): Crm {
  const jobPolls = options.jobPolls ?? 0;
  const outbox = createOutbox();
  if (options.crm === 'salesforce') {
    const store = keepingDocuments(salesforceStore(systemClock));
    seedSalesforce(store, population);
    const objects = [...SCHEMAS.values()].map((schema) => schema.name);
    const handler = salesforceHandler({
      store,
      outbox,
      now: systemClock,
      baseUrl,
      pageSize: options.pageSize ?? 2_000,
      jobPolls,
    });
    return { handler, objects, records: store.all, outbox: outbox.mails };
  }
  const store = hubspotStore(systemClock);
  seedHubspot(store, population);
  const publicUrl = (): string => options.publicHost ?? baseUrl();
  const handler = hubspotHandler({
    store,
    outbox,
    people: population.people,
    now: systemClock,
    publicUrl,
    pageSize: options.pageSize ?? 10,
    jobPolls,
  });
  return { handler, objects: store.types, records: store.all, outbox: outbox.mails };
}

/** Starts a CRM of synthetic people on the loopback interface, good enough for the vendor's own SDK. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const faults: Faults = { delayMs: options.delayMs ?? 0, cut: options.cut ?? 'none' };
  let url = '';
  const population = populate(options);
  const { handler, objects, records, outbox } = openCrm(options, population, () => url);
  const server = await listen(handler, faults, options.port ?? 0);
  url = server.url;
  return {
    url,
    data: {
      people: population.people,
      objects,
      records,
      text: () => JSON.stringify(Object.fromEntries(objects.map((object) => [object, records(object)]))),
    },
    outbox,
    requests: server.requests,
    faults,
    close: server.close,
  };
}
