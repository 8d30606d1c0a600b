import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { directoryOf } from './directory.ts';

/** The configuration that is promised from the first release on. What it says must not change without a deprecation. */
const PROMISED = `
listen: { host: 127.0.0.1, port: 8080 }
admin:  { host: 127.0.0.1, port: 8081 }
upstreams:
  - name: sales
    crm: salesforce
    url: https://acme.my.salesforce.com
    match: { host: crm.acme.example }
    credentials: passthrough
    tls: { ca: /etc/privet/crm-ca.pem }
  - name: desk
    crm: hubspot
    url: https://api.hubapi.com
    match: { prefix: /hs }
    credentials: { bearer: "\${CRM_TOKEN}" }
identity:
  - jwt:
      header: authorization
      issuer: https://login.acme.example
      audience: privet
      jwks: https://login.acme.example/jwks.json
      claims: { id: sub, roles: groups, purposes: purposes, region: region }
  - apiKey:
      header: x-privet-key
      keys:
        - { id: support-desk, sha256: "${'ab'.repeat(32)}", roles: [support], purposes: [support] }
  - crm: { cacheMs: 300000, roles: { "Standard User": [sales] } }
mode: enforce
posture: { unknownOperation: deny, unclassifiedField: show, unreadableBody: deny, unidentified: deny, auditUnavailable: deny }
policies: { path: ./policies, reload: true, include: [packs/salesforce] }
store: { embedded: ./data }
keys: { ring: ./keys/ring.json, kek: { env: PRIVET_KEK } }
audit:
  redis: { url: "redis://127.0.0.1:6379", stream: "privet:audit" }
log: { level: info }
limits: {}
`;

function load(text: string) {
  return loadConfig(join(directoryOf({ 'config.yaml': text }), 'config.yaml'), { CRM_TOKEN: 'token' });
}

describe('the promised configuration', () => {
  it('is read as it is written', () => {
    const { config, problems } = load(PROMISED);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      upstreams: [
        {
          match: { host: 'crm.acme.example' },
          credentials: 'passthrough',
          tls: { ca: '/etc/privet/crm-ca.pem' },
        },
        { match: { prefix: '/hs' }, credentials: { bearer: 'token' } },
      ],
      identity: [
        { jwt: { header: 'authorization', claims: { id: 'sub', roles: 'groups' } } },
        { apiKey: { keys: [{ id: 'support-desk', roles: ['support'], purposes: ['support'] }] } },
        { crm: { cacheMs: 300000, roles: { 'Standard User': ['sales'] } } },
      ],
      policies: { include: ['packs/salesforce'] },
      keys: { kek: { env: 'PRIVET_KEK' } },
      audit: { redis: { url: 'redis://127.0.0.1:6379', stream: 'privet:audit' } },
    });
  });

  it.each([
    [
      'TLS for clients',
      'listen: { host: 127.0.0.1, port: 8080 }',
      'listen: { tls: { cert: a, key: b, clientCa: c } }',
    ],
    ['a key from a file', 'kek: { env: PRIVET_KEK }', 'kek: { file: /run/secrets/privet-kek }'],
    ['observe mode', 'mode: enforce', 'mode: observe'],
    ['a file of signing keys', 'jwks: https://login.acme.example/jwks.json', 'jwks: ./jwks.json'],
  ])('also takes %s', (_, from, to) => {
    expect(PROMISED).toContain(from);
    expect(load(PROMISED.replace(from, to)).problems).toEqual([]);
  });
});
