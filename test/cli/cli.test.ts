import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config, GOOD } from './good.ts';
import { run } from './run.ts';

function directoryListing(file: string): string[] {
  return readdirSync(dirname(file)).sort();
}

describe('exit status', () => {
  it.each([
    ['help', ['--help'], 0],
    ['help of a command', ['try', '--help'], 0],
    ['the version', ['--version'], 0],
    ['no command', [], 2],
    ['an unknown command', ['serv'], 2],
    ['an unknown option', ['demo', '--twice'], 2],
    ['a missing option', ['check'], 2],
    ['an option without its value', ['check', '--config'], 2],
    ['an argument too many', ['generate', 'this'], 2],
    ['audit without a command', ['audit'], 2],
  ])('is right for %s', async (_, argv, expected) => {
    expect((await run(...argv)).exitCode).toBe(expected);
  });
});

describe('check', () => {
  it('says that all is well, and warns on the other channel', async () => {
    const file = config(GOOD);
    const { exitCode, out, err } = await run('check', '--config', file);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${file}: all well\n` });
    const [line, hint, ...more] = err.trimEnd().split('\n');
    expect(line).toMatch(/\.yaml:\d+:\d+ found \d+ categories of the packs .*: special\..* \(warning\)$/);
    expect([hint, more]).toEqual(['`privet check --details` names the fields', []]);
    const named = await run('check', '--config', file, '--details');
    const lines = named.err.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const one of lines)
      expect(one).toMatch(
        /\.yaml:\d+:\d+ found fields of category .* that no policy treats: .* \(warning\)$/,
      );
  });

  it('warns of what ends by itself soon, or has, and takes it for no mistake', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const key = (id: string, until: string) => `{ id: ${id}, sha256: "${id.repeat(64)}", until: "${until}" }`;
    const file = config({
      ...GOOD,
      'config.yaml': `upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]
identity:
  - apiKey:
      keys:
        - ${key('a', inDays(13))}
        - ${key('b', inDays(15))}
policies: { path: ./policies, include: [packs/salesforce] }
`,
      'policies/support.yaml': `policy: support-sees-no-addresses
for: { roles: [support], except: { ids: [ana], until: 2026-01-31 } }
show: { contact.email: { mask: email } }
`,
    });
    const { exitCode, out, err } = await run('check', '--config', file);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${file}: all well\n` });
    const warnings = err.split('\n').filter((line) => / ends at | has ended at /.test(line));
    expect(warnings.map((line) => line.replace(/^.*\/(?=[^/]+\.yaml)/, ''))).toEqual([
      expect.stringMatching(/^config\.yaml:5:\d+ the key of "a" ends at \S+ \(warning\)$/),
      'support.yaml:2:55 the exception for ids ana from policy "support-sees-no-addresses" has ended at 2026-02-01T00:00:00.000Z (warning)',
    ]);
  });

  it.each([
    ['packs/salesfroce', '; did you mean "packs/salesforce"?'],
    ['salesforce', '; did you mean "packs/salesforce"?'],
    ['crm', 'or a path that begins with . or /\n'],
  ])('names the packs there are, and not %s', async (name, words) => {
    const file = config({ ...GOOD, 'config.yaml': GOOD['config.yaml'].replace('packs/salesforce', name) });
    const { exitCode, out } = await run('check', '--config', file);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/config\.yaml:\d+:\d+ found no pack of this name, expected one of packs\/hubspot, /);
    expect(out).toContain(words);
  });

  it('names mistakes in the configuration and in what it names at once', async () => {
    const file = config({
      ...GOOD,
      'config.yaml': `upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]
identity: [{ crm: { roles: { "Standard User": [suport] } } }]
mode: observ
limits: { depthMax: "\${UNSET_HERE}" }
policies: { path: ./policies, include: [packs/salesforce], roles: [support] }
`,
      'policies/support.yaml': 'policy: p\non: { operations: [reed] }\nshow: { contact.emial: redact }\n',
    });
    const { exitCode, out } = await run('check', '--config', file);
    expect(exitCode).toBe(1);
    expect(
      out
        .replaceAll(/^.*\/(?=[^/]+\.yaml:)|(?<=:\d+:\d+) .*$/gm, '')
        .trim()
        .split('\n'),
    ).toEqual([
      'config.yaml:3:7',
      'config.yaml:4:21',
      'config.yaml:2:48',
      'support.yaml:2:20',
      'support.yaml:3:9',
    ]);
  });

  it('blames no policy for a mistake in where policies are', async () => {
    const file = config({
      ...GOOD,
      'config.yaml': `upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]
identity: [{ crm: { roles: {} } }]
policies: { path: ./policies, include: 3 }
`,
    });
    const { exitCode, out } = await run('check', '--config', file);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: `${file}:3:40 found a number, expected a list\n` });
  });

  it('holds the configuration to what the policies declare, and repeats nothing of it', async () => {
    const file = config({
      ...GOOD,
      'config.yaml': `upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]
identity:
  - crm: { roles: { "Standard User": [suport] }, purposes: { "Standard User": [support] } }
  - apiKey: { keys: [{ id: a, sha256: "${'a'.repeat(64)}", level: boss, purposes: [suport], region: Eu }] }
  - jwt: { issuer: a, audience: b, jwks: ./jwks.json, regions: { tool: US } }
policies: { path: ./policies, include: [packs/salesforce] }
`,
      'policies/company.yaml': `roles: { support: {} }
---
levels: [public]
---
purpose: support
lawfulBasis: contract
---
region: EU
countries: [ES]
`,
    });
    const { exitCode, out } = await run('check', '--config', file);
    expect(exitCode).toBe(1);
    expect(
      out.replaceAll(/^.*config\.yaml/gm, ''),
    ).toBe(`:3:39 found a role that is not declared, expected one of support; did you mean "support"?
:4:114 found a level that is not declared, expected one of public
:4:131 found a purpose that is not declared, expected one of support; did you mean "support"?
:4:148 found a region that is not declared, expected one of EU; did you mean "EU"?
:5:72 found a region that is not declared, expected one of EU
`);
  });

  it('names every problem of configuration files', async () => {
    const { exitCode, out } = await run('check', '--config', config({ 'config.yaml': 'mode: off\n' }));
    expect(exitCode).toBe(1);
    expect(out.split('\n').map((line) => line.replace(/^.*config\.yaml/, ''))).toEqual([
      ':1:1 found no "identity", expected one here',
      ':1:1 found no "upstreams", expected one here',
      ':1:7 found text, expected one of enforce, observe',
      '',
    ]);
  });

  it('names every problem of policies', async () => {
    const files = {
      ...GOOD,
      'policies/support.yaml': GOOD['policies/support.yaml'].replace('contact.email', 'contact.emial'),
      'policies/more.yaml': 'policy: More\ndeny: no\n',
    };
    const { exitCode, out } = await run('check', '--config', config(files));
    expect(exitCode).toBe(1);
    expect(out).toMatch(/support\.yaml:3:9 .*"contact\.email"/);
    expect(out).toMatch(/more\.yaml:1:9 /);
  });

  it('names a file that is not there', async () => {
    const { exitCode, out } = await run('check', '--config', '/nowhere/config.yaml');
    expect({ exitCode, out }).toEqual({
      exitCode: 1,
      out: '/nowhere/config.yaml:1:1 cannot be read (ENOENT), expected a configuration file\n',
    });
  });

  it('opens and writes nothing', async () => {
    const file = config(GOOD);
    await run('check', '--config', file);
    expect(directoryListing(file)).toEqual(['config.yaml', 'policies']);
  });
});

describe('serve', () => {
  it('does not start on a wrong configuration, and says why', async () => {
    const { exitCode, err } = await run('serve', '--config', config({ 'config.yaml': 'mode: off\n' }));
    expect(exitCode).toBe(1);
    expect(err).toContain('config.yaml:1:7 found text, expected one of enforce, observe');
  });

  it('names the certificate and the key that it cannot use', async () => {
    const tls = '{ cert: ./c.pem, key: ./k.pem }';
    const file = config({
      ...GOOD,
      'config.yaml': `${GOOD['config.yaml']}listen: { port: 0, tls: ${tls} }\nadmin: { port: 0 }\n`,
      'c.pem': 'none',
      'k.pem': 'none',
    });
    const { exitCode, err } = await run('serve', '--config', file);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/listen\.tls: the certificate \S+c\.pem and the key \S+k\.pem cannot be used\.\n$/);
  });
});

describe('audit', () => {
  it('says that there is no store to read where there is none, and makes none', async () => {
    const file = config(GOOD);
    const { exitCode, err } = await run('audit', 'verify', '--config', file);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^privet: /);
    expect(directoryListing(file)).toEqual(['config.yaml', 'policies']);
  });
});

describe('audit verify, where events go to a stream', () => {
  it('needs no store beside it', async () => {
    const away = `${GOOD['config.yaml']}audit: { redis: { url: "redis://127.0.0.1:9" } }\n`;
    const { exitCode, err } = await run(
      'audit',
      'verify',
      '--config',
      config({ ...GOOD, 'config.yaml': away }),
    );
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: 'privet: Redis is away: ECONNREFUSED\n' });
  });
});
