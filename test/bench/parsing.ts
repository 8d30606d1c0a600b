/**
 * The usual way: the same plugin, with the answer parsed, masked and written anew. It does what the policies ask of Privet with the
 * same transforms, and nothing else: no identity, no query, no audit. Arguments: the upstream's URL, Privet's configuration.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { planHouse } from '../../src/app/plan.ts';
import type { View } from '../../src/model/decision.ts';
import type { Operation } from '../../src/model/operation.ts';
import { compileTransform } from '../../src/transform/compile.ts';
import type { Transform } from '../../src/transform/transform.ts';
import { createKeyedHash } from '../../src/vault/keys/keyed-hash.ts';
import { decide } from '../policy/fixture.ts';
import { serveUsage } from './worker.ts';

type Json = string | number | boolean | null | Json[] | JsonObject;
interface JsonObject {
  [name: string]: Json;
}

const [, , upstream = '', config = ''] = process.argv;
const { plan } = await planHouse(config, process.env);
const adapter = plan?.adapters.get('crm');
if (plan === undefined || adapter === undefined) throw new Error('The configuration of the bench is wrong.');
const { limits } = plan.config;
const keyedHash = createKeyedHash(randomBytes(32), { cacheMax: 1_000 });
const view = viewOf(plan.policies, adapter);
const transforms = new Map<string, Map<string, Transform | undefined>>();

function viewOf(policies: Parameters<typeof decide>[0], crm: Parameters<typeof decide>[1]): View {
  const request = { method: 'GET', path: '/', segments: [], query: [], contentType: '', accept: '' };
  const operation: Operation = {
    route: 'query',
    kind: 'read',
    objects: ['Contact', 'Account'],
    uses: [],
    aggregates: false,
    body: { format: 'opaque' },
    answer: { format: 'plain', error: { is: 'plain' } },
    request,
  };
  const principal = { id: 'support-desk', roles: ['support'], purposes: ['support'], via: 'apiKey' } as const;
  return decide(policies, crm, principal, operation, { now: Date.now(), anyRestricted: false }).view;
}

function transformOf(object: string, name: string): Transform | undefined {
  let known = transforms.get(object);
  if (known === undefined) {
    known = new Map();
    transforms.set(object, known);
  }
  if (known.has(name)) return known.get(name);
  const field = view.of(object).field(name);
  const hash = (_field: string, text: string): string => keyedHash(text);
  const transform =
    field === undefined ? undefined : compileTransform(field.treatment, { field: name, hash, limits });
  known.set(name, transform);
  return transform;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function treat(transform: Transform, value: Json): Json {
  if (value === null) return null;
  if (typeof value === 'string') return transform.string(value);
  if (typeof value !== 'number') return null;
  const shown = transform.number(String(value));
  return shown === null ? null : Number(shown);
}

function mask(record: JsonObject): void {
  const { ['attributes']: attributes } = record;
  const type = isObject(attributes) ? attributes['type'] : undefined;
  const object = typeof type === 'string' ? type : '*';
  for (const name in record) {
    const value = record[name] ?? null;
    if (name === 'attributes') continue;
    if (isObject(value) && isObject(value['attributes'])) {
      mask(value);
      continue;
    }
    const transform = transformOf(object, name);
    if (transform === undefined) continue;
    if (transform.structure === 'remove') delete record[name];
    else record[name] = transform.structure === 'null' ? null : treat(transform, value);
  }
}

const app = fastify();
await app.register(httpProxy, {
  upstream,
  replyOptions: {
    onResponse: (_request, reply, response) => {
      const chunks: Buffer[] = [];
      const body = response.stream as Readable;
      body.on('data', (chunk: Buffer) => chunks.push(chunk));
      body.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as { records: JsonObject[] };
        for (const record of answer.records) mask(record);
        reply.removeHeader('content-length');
        reply.send(JSON.stringify(answer));
      });
    },
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
serveUsage((app.server.address() as AddressInfo).port);
