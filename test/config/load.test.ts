import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/document/problem.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { directoryOf } from './directory.ts';

const MINIMAL =
  'upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]\nidentity: [{ crm: {} }]\n';

function load(text: string | Buffer, environment: Record<string, string> = {}) {
  const directory = directoryOf({ 'config.yaml': text });
  const { config, problems } = loadConfig(join(directory, 'config.yaml'), environment);
  return {
    directory,
    config,
    problems: problems.map(formatProblem).map((line) => line.replace(/^.*config\.yaml:/, '')),
  };
}

describe('a configuration', () => {
  it('needs upstreams and identity only, and gets defaults for the rest', () => {
    const { config, problems, directory } = load(MINIMAL);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      admin: { host: '127.0.0.1', port: 8081 },
      upstreams: [{ credentials: 'passthrough' }],
      mode: 'enforce',
      posture: {
        unknownOperation: 'deny',
        unclassifiedField: 'show',
        unreadableBody: 'deny',
        unidentified: 'deny',
        auditUnavailable: 'deny',
      },
      policies: { path: join(directory, 'policies'), include: [], reload: true },
      store: { embedded: join(directory, 'data') },
      audit: {},
      log: { level: 'info' },
      limits: DEFAULT_LIMITS,
    });
    expect(config?.keys).toBeUndefined();
  });

  it('is UTF-8, with or without a mark of it: roles in other bytes would be given to nobody', () => {
    const text = MINIMAL.replace('crm: {}', 'crm: { roles: { Geschäftsführung: [management] } }');
    const roles = { identity: [{ crm: { roles: { Geschäftsführung: ['management'] } } }] };
    for (const marked of [text, `\ufeff${text}`]) expect(load(marked).config).toMatchObject(roles);
    for (const encoding of ['latin1', 'utf16le'] as const) {
      expect(
        load(Buffer.from(`\ufeff${text}`.slice(encoding === 'latin1' ? 1 : 0), encoding)).problems,
      ).toEqual(['1:1 found bytes that are not UTF-8, expected UTF-8 text']);
    }
  });

  it('has paths relative to its own directory, and URLs as they are', () => {
    const { config, directory } = load(`
listen: { tls: { cert: tls/cert.pem, key: /etc/key.pem, clientCa: ../ca.pem } }
upstreams:
  - { name: a, crm: generic, descriptor: ./a.yaml, url: https://a.example, match: { prefix: /a }, tls: { ca: ca.pem } }
  - { name: b, crm: hubspot, url: https://b.example, match: { prefix: /b } }
identity:
  - jwt: { issuer: i, audience: [a, b], jwks: ./jwks.json }
  - jwt: { issuer: i, audience: a, jwks: https://login.example/jwks.json }
policies: { path: rules }
store: { embedded: store }
keys: { ring: ring.json, kek: { file: kek } }
`);
    expect(config).toMatchObject({
      listen: {
        tls: {
          cert: join(directory, 'tls/cert.pem'),
          key: '/etc/key.pem',
          clientCa: join(directory, '../ca.pem'),
        },
      },
      upstreams: [{ descriptor: join(directory, 'a.yaml'), tls: { ca: join(directory, 'ca.pem') } }, {}],
      identity: [
        { jwt: { jwks: join(directory, 'jwks.json') } },
        { jwt: { jwks: 'https://login.example/jwks.json' } },
      ],
      policies: { path: join(directory, 'rules') },
      store: { embedded: join(directory, 'store') },
      keys: { ring: join(directory, 'ring.json'), kek: { file: join(directory, 'kek') } },
    });
  });

  it('takes environment variables, as numbers and booleans too', () => {
    const { config } = load(
      `${MINIMAL}listen: { port: "\${PORT}" }\npolicies: { reload: "\${RELOAD:-false}" }\n`,
      {
        PORT: '9999',
      },
    );
    expect(config).toMatchObject({ listen: { port: 9999 }, policies: { reload: false } });
  });

  it.each([
    ['an unknown key', `${MINIMAL}listne: {}`, ['3:1 found unknown key "listne"', 'did you mean "listen"?']],
    [
      'an unknown limit',
      `${MINIMAL}limits: { depthMaxx: 3 }`,
      ['3:11 found unknown key "depthMaxx"', '"depthMax"?'],
    ],
    ['a limit of nothing', `${MINIMAL}limits: { depthMax: 0 }`, ['3:21 found a number']],
    [
      'another mode',
      `${MINIMAL}mode: enforced`,
      ['3:7 found text, expected one of enforce, observe', '"enforce"?'],
    ],
    ['no upstream', 'upstreams: []\nidentity: [{ crm: {} }]', ['1:12 found an empty list']],
    [
      'no identity',
      'upstreams: [{ name: s, crm: salesforce, url: https://a.example }]',
      ['found no "identity"'],
    ],
    [
      'two ways to be recognised in one',
      MINIMAL.replace('{ crm: {} }', '{ crm: {}, apiKey: { keys: [] } }'),
      ['2:12'],
    ],
    [
      'a descriptor for a CRM that has an adapter',
      MINIMAL.replace('url:', 'descriptor: d.yaml, url:'),
      ['expected a descriptor with crm: generic or none with any other CRM'],
    ],
    [
      'a generic CRM without a descriptor',
      MINIMAL.replace('salesforce', 'generic'),
      ['expected a descriptor with crm: generic'],
    ],
    [
      'a host with a port, which no request has',
      MINIMAL.replace('url:', 'match: { host: "a.example:8080" }, url:'),
      ['expected a host such as crm.acme.example, without scheme, port and path'],
    ],
    [
      'a host and a prefix',
      MINIMAL.replace('url:', 'match: { host: a.example, prefix: /a }, url:'),
      ['found 2 keys in it, expected one of host, prefix alone'],
    ],
    [
      'one port for clients and for the admin API',
      `${MINIMAL}listen: { port: 8081 }`,
      ['found the address of listen, expected another port'],
    ],
    [
      'one key for two callers',
      MINIMAL.replace(
        '{ crm: {} }',
        `{ apiKey: { keys: [{ id: a, sha256: "${'a'.repeat(64)}" }, { id: b, sha256: "${'A'.repeat(64)}" }] } }`,
      ),
      ['found the hash of another key, expected each once'],
    ],
    [
      'a variable that is not set',
      `${MINIMAL}log: { level: "\${LEVEL}" }`,
      ['3:15 found ${LEVEL}', '${LEVEL:-default}'],
    ],
    [
      'a CRM nobody knows',
      MINIMAL.replace('salesforce', 'salesfroce'),
      ['1:33 found text, expected one of salesforce, hubspot, generic', '"salesforce"?'],
    ],
    [
      'a limit nobody knows: those most alike, and not all there are',
      `${MINIMAL}limits: { spoolBytesMaximum: 1 }`,
      ['found unknown key "spoolBytesMaximum", expected one of ', ' keys, such as spoolBytesMax, '],
    ],
    [
      'everything that is wrong, at once',
      MINIMAL.replace('salesforce', 'salesfroce').replace('https:', 'ftp:').replace('crm: {}', 'cmr: {}'),
      ['"salesforce"?', 'expected a URL such as https://acme.my.salesforce.com', '"crm"?'],
    ],
    [
      'a shared store without shared keys',
      `${MINIMAL}store: { redis: "redis://r" }`,
      ['3:17 found a Redis store without a section "keys", expected both'],
    ],
    [
      'a key that ends on a day there is not',
      MINIMAL.replace(
        '{ crm: {} }',
        `{ apiKey: { keys: [{ id: a, sha256: "${'a'.repeat(64)}", until: 2026-02-30 }] } }`,
      ),
      ['found a day or time that the calendar does not have'],
    ],
    [
      'a key that ends some time',
      MINIMAL.replace(
        '{ crm: {} }',
        `{ apiKey: { keys: [{ id: a, sha256: "${'a'.repeat(64)}", until: soon }] } }`,
      ),
      ['found text, expected a date (2026-12-31) or a date-time'],
    ],
    [
      'an admin key with the hash of another',
      `${MINIMAL}admin: { keys: [{ id: a, sha256: "${'a'.repeat(64)}", may: [consent.read] }, { id: b, sha256: "${'A'.repeat(64)}", may: [consent.write] }] }`,
      ['found the hash of another key, expected each once'],
    ],
    ['two documents', `${MINIMAL}---\n${MINIMAL}`, ['1:1 found 2 documents, expected one']],
    ['nothing at all', '', ['1:1 found nothing in it, expected one configuration']],
    ['broken YAML', 'upstreams: [', ['found malformed YAML']],
    ['an alias', `a: &a 1\nb: *a`, ['found an anchor', 'found an alias']],
  ])('is refused with its place: %s', (_, text, expected) => {
    const { config, problems } = load(text);
    expect(config).toBeUndefined();
    for (const words of expected) expect(problems.join('\n')).toContain(words);
  });

  it.each([
    [
      'a name twice',
      'a',
      'a',
      '{ prefix: /a }',
      '{ prefix: /b }',
      '3:13 found a name that another upstream has',
    ],
    [
      'a prefix twice',
      'a',
      'b',
      '{ prefix: /a }',
      '{ prefix: /a }',
      '3:5 found the same match as another upstream',
    ],
    ['a host twice', 'a', 'b', '{ host: CRM.example }', '{ host: crm.example }', '3:5 found the same match'],
  ])('is refused where it contradicts itself: %s', (_, first, second, firstMatch, secondMatch, expected) => {
    const upstream = (name: string, match: string) =>
      `  - { name: ${name}, crm: salesforce, url: https://a.example, match: ${match} }`;
    const { problems } = load(
      `upstreams:\n${upstream(first, firstMatch)}\n${upstream(second, secondMatch)}\nidentity: [{ crm: {} }]`,
    );
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('is refused for everything that is wrong in it at once, in reading order', () => {
    const { problems } = load(`listen: { port: high }
mode: off
upstreams: [{ crm: salesforce, url: "ftp://x" }]
identity: [{ apiKey: { keys: [{ id: a, sha256: short }] } }]
log: { level: "\${NONE}" }
`);
    expect(problems.map((line) => line.replace(/ .*/, ''))).toEqual([
      '1:17',
      '2:7',
      '3:13',
      '3:37',
      '4:48',
      '5:15',
    ]);
  });

  it('never has a value repeated in a problem, because values may be secrets', () => {
    const secret = 'S3CRET';
    const { problems } = load(
      `upstreams: [{ name: ${secret}, crm: { ${secret}: 1 }, url: ${secret}, credentials: { bearer: [${secret}] } }]
identity: [{ apiKey: { keys: [{ id: 1, sha256: ${secret} }] } }]
audit: { redis: { url: "\${URL}" } }
mode: ${secret}
store: ${secret}
`,
      { URL: `http://${secret}@redis` },
    );
    expect(problems.length).toBeGreaterThan(5);
    expect(problems.join('\n')).not.toContain(secret);
  });

  it('is refused when it is not there, is a directory or is too large', () => {
    const directory = directoryOf({});
    const missing = loadConfig(join(directory, 'none.yaml'), {});
    expect(missing.problems[0]?.message).toBe('cannot be read (ENOENT), expected a configuration file');
    expect(loadConfig(directory, {}).problems[0]?.message).toContain('cannot be read (EISDIR)');
    writeFileSync(join(directory, 'large.yaml'), `# ${'x'.repeat(1_048_577)}`);
    expect(loadConfig(join(directory, 'large.yaml'), {}).problems[0]?.message).toContain('over 1 MiB');
  });
});
