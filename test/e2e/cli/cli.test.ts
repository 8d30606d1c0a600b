import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { privet } from '../command.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

const CONFIG = resolve('test/e2e/company/config.yaml');
const EMMA = STAFF.find(({ key }) => key === 'emma')!;
const SUPPORT = '{"id":"ana","roles":["support"],"purposes":["support"]}';
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({ config: CONFIG, sandbox: { people: 12, pageSize: 50, canary: 3 } });
});

afterAll(() => premises.close());

function file(name: string, text: string): string {
  const path = join(premises.directory, name);
  writeFileSync(path, text);
  return path;
}

describe('privet check', () => {
  it('finds nothing wrong with the example company', async () => {
    expect(await privet(['check', '--config', CONFIG], premises.environment)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('all well'),
    });
  });

  it('finds nothing wrong with the example configuration', async () => {
    const { exitCode, stdout } = await privet(['check', '--config', 'config.example.yaml'], {
      CRM_TOKEN: 'x',
    });
    expect(stdout).toContain('all well');
    expect(exitCode).toBe(0);
  });

  it('names every mistake in a configuration by file, line and column', async () => {
    const path = file(
      'broken.yaml',
      'upstreams:\n  - { name: sales, crm: salesforce, url: "nowhere" }\nidentity:\n  - apiKey: { keys: [] }\nmodee: enforce\n',
    );
    const { exitCode, stdout } = await privet(['check', '--config', path]);
    expect(exitCode).toBe(1);
    const places = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ .*/, ''));
    expect(places).toEqual([`${path}:2:42`, `${path}:4:21`, `${path}:5:1`]);
  });

  it('names every mistake in policies by file, line and column', async () => {
    const policies = join(premises.directory, 'policies');
    mkdirSync(policies);
    const path = file(
      'policies/wrong.yaml',
      'policy: wrong\nshow:\n  contact.emial: { mask: email }\n---\npolicy: wrong\ndeny: No.\n',
    );
    const config = file(
      'config.yaml',
      [
        'upstreams: [{ name: sales, crm: salesforce, url: "http://127.0.0.1:1" }]',
        `identity: [{ apiKey: { keys: [{ id: a, sha256: "${'0'.repeat(64)}" }] } }]`,
        'policies: { path: ./policies, include: [packs/salesforce] }',
      ].join('\n'),
    );
    const { exitCode, stdout } = await privet(['check', '--config', config]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${path}:3:3 .*contact.email`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${path}:5:\\d+ `, 'm'));
  });

  it.each([[['check']], [['check', '--confg', 'x']], [['chek']]])(
    'says what is wrong with the usage of %j',
    async (args) => {
      expect(await privet(args)).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining('error:'),
      });
    },
  );
});

describe('privet try', () => {
  const tryOut = (...args: string[]) => privet(['try', '--config', CONFIG, ...args], premises.environment);

  it.each([
    [
      'Salesforce',
      '/services/data/v59.0/query?q=SELECT+Id,+Email,+Phone,+NIF__c,+Description+FROM+Contact',
      '',
    ],
    ['HubSpot', '/crm/v3/objects/contacts?limit=100&properties=email,phone,nif,message', '/hubspot'],
  ])('shows exactly the body that the proxy gives: %s', async (name, path, prefix) => {
    const [sandbox, token] =
      name === 'HubSpot'
        ? [premises.hubspot, EMMA.hubspotToken]
        : [premises.salesforce, EMMA.salesforceToken];
    const direct = await send(sandbox.url, { path, token });
    const wire = await send(premises.proxy + prefix, { path, token: PRINCIPALS.support });
    const response = file(`${name}.json`, direct.text);
    const tried = await tryOut('--as', SUPPORT, '--request', `GET ${prefix}${path}`, '--response', response);
    expect(tried).toMatchObject({ exitCode: 0, stdout: wire.text });
    expect(tried.stderr).toMatch(/operation: \w+ \(read\) on/);
    expect(tried.stderr).toContain('support-sees-no-contact-details');
    expect(tried.stderr).toMatch(/(Email|email): mask/);
  });

  it('shows the denial, and why', async () => {
    const path = '/services/data/v59.0/query?q=SELECT+MAX(Email)+FROM+Contact';
    const wire = await send(premises.proxy, { path, token: PRINCIPALS.support });
    const tried = await tryOut('--as', SUPPORT, '--request', `GET ${path}`);
    const withoutId = (text: string) => text.replace(/request [^)]*/, 'request');
    expect(tried.exitCode).toBe(1);
    expect(withoutId(tried.stdout)).toBe(withoutId(wire.text));
    expect(tried.stderr).toContain('support-sees-no-contact-details');
  });

  it('takes no half-said principal', async () => {
    expect(await tryOut('--as', '{"roles":"support"}', '--request', 'GET /')).toMatchObject({ exitCode: 2 });
  });
});
