import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryOf } from '../config/directory.ts';
import { config, GOOD } from './good.ts';
import { run } from './run.ts';

describe('try', () => {
  const answer = {
    attributes: { type: 'Contact', url: '/services/data/v64.0/sobjects/Contact/0035g000000001lAAA' },
    Id: '0035g000000001lAAA',
    Email: 'ana.lopez@example.com',
    AnnualRevenue: 5,
  };
  const request = 'GET /services/data/v64.0/sobjects/Contact/0035g000000001lAAA';
  const support = '{"id":"ana","roles":["support"]}';

  async function tried(as: string, line: string, response: string | null = JSON.stringify(answer)) {
    const directory = directoryOf({
      ...GOOD,
      ...(response === null ? {} : { 'answer.json': response }),
    });
    return run(
      'try',
      '--config',
      join(directory, 'config.yaml'),
      '--as',
      as,
      '--request',
      line,
      ...(response === null ? [] : ['--response', join(directory, 'answer.json')]),
    );
  }

  it('shows exactly what the client would get, and on the other channel why', async () => {
    const { exitCode, out, err } = await tried(support, request);
    expect(exitCode).toBe(0);
    expect(out).toBe(JSON.stringify({ ...answer, Email: 'a***@example.com' }));
    expect(err).toContain('operation: read (read) on Contact');
    expect(err).toContain('policy applied: support-sees-no-addresses');
    expect(err).toContain('Contact.Email: mask in 1 of 1 records, because of support-sees-no-addresses');
  });

  it('says how an answer is given to it that it could show', async () => {
    const { exitCode, out, err } = await tried(support, request, null);
    expect([exitCode, out]).toEqual([0, '']);
    expect(err).toMatch(/: --response FILE shows what becomes of one\n$/);
  });

  it.each(['--response', '--request-body'])('names the file of %s that cannot be read', async (option) => {
    const config = join(directoryOf(GOOD), 'config.yaml');
    expect(
      await run('try', '--config', config, '--as', support, '--request', request, option, 'none.json'),
    ).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining(`privet: ${option} none.json cannot be read (ENOENT)\n`),
    });
  });

  it('shows the answer as it is to whom no policy concerns', async () => {
    const { out, err } = await tried('{"id":"emma"}', request);
    expect(out).toBe(JSON.stringify(answer));
    expect(err).toContain('no policy applied');
  });

  it('shows a denial and ends with 1', async () => {
    const query = "GET /services/data/v64.0/query?q=SELECT+Id+FROM+Contact+WHERE+Email='a@example.com'";
    const { exitCode, out, err } = await tried(support, query);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY', message: expect.stringContaining('Email of Contact') },
    ]);
    expect(err).toContain('refused: support-sees-no-addresses');
  });

  it.each([
    ['an unknown operation', 'GET /services/apexrest/x', 'posture.unknownOperation'],
    ['an ambiguous target', 'GET /services/data/v64.0/%2e%2e/query', 'TARGET_AMBIGUOUS'],
  ])('refuses %s and ends with 1', async (_, line, words) => {
    const { exitCode, err } = await tried(support, line);
    expect(exitCode).toBe(1);
    expect(err).toContain(words);
  });

  it('decides without an answer, too', async () => {
    const { exitCode, out, err } = await tried(support, request, null);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toContain('policy applied');
  });

  it.each([
    ['no JSON', 'ana', request],
    ['no object', '[]', request],
    ['no id', '{"roles":["support"]}', request],
    ['an unknown attribute', '{"id":"ana","role":"support"}', request],
    ['roles that are no list', '{"id":"ana","roles":"support"}', request],
    ['no method', support, '/services/data'],
    ['a level that is no text', '{"id":"ana","level":1}', request],
    ['no target', support, 'GET '],
  ])('is wrong usage with %s', async (_, as, line) => {
    const { exitCode, err } = await tried(as, line);
    expect(exitCode).toBe(2);
    expect(err).toContain('expects');
  });

  it('says which attribute it does not know, and the nearest one', async () => {
    const { err } = await tried('{"id":"ana","role":["support"]}', request);
    expect(err).toMatch(/^privet try: --as found "role", expects one of id, .*; did you mean "roles"\?\n$/);
  });

  it.each([
    ['{"id":"ana","roles":["suport"]}', 'role "suport"; did you mean "support"?'],
    ['{"id":"ana","roles":["support","accounting"]}', 'role "accounting"\n'],
  ])('says of %s that nothing names the role', async (as, words) => {
    expect((await tried(as, request)).err).toContain(
      `--as: neither a policy nor the configuration names the ${words}`,
    );
  });

  it('says nothing of words that are known, nor of kinds of words that nothing names', async () => {
    expect(
      (await tried('{"id":"ana","roles":["support"],"purposes":["x"],"level":"y"}', request)).err,
    ).not.toContain('--as');
  });

  it('takes a query as one writes it', async () => {
    const { exitCode, err } = await tried(
      support,
      'GET /services/data/v64.0/query?q=SELECT Id, Name FROM Contact',
      null,
    );
    expect({ exitCode, err }).toEqual({
      exitCode: 0,
      err: expect.stringContaining('operation: query (read) on Contact'),
    });
  });

  it('says that a write has no body', async () => {
    const { err } = await tried(support, request.replace('GET', 'PATCH'), null);
    expect(err).toContain('--request-body');
  });

  it('names an answer that is not there', async () => {
    const { exitCode, err } = await run(
      'try',
      '--config',
      config(GOOD),
      '--as',
      support,
      '--request',
      request,
      '--response',
      join(mkdtempSync(join(tmpdir(), 'privet-')), 'none.json'),
    );
    expect(exitCode).toBe(1);
    expect(err).toContain('none.json');
  });
});
