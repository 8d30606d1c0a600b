import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandSpoolDirectory } from '../../src/audit/spool.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { directoryOf } from '../config/directory.ts';
import { run } from './run.ts';

const ANA = '0035g000000001lAAA';
let directory: string;
let config: string;

beforeEach(async () => {
  directory = directoryOf({
    'config.yaml': `upstreams:
  - { name: sales, crm: salesforce, url: "https://sales.example", match: { prefix: /sf } }
  - { name: hub, crm: hubspot, url: "https://hub.example", match: { prefix: /hs } }
identity: [{ crm: {} }]
policies: { path: ./policies, include: [packs/salesforce, packs/hubspot] }
store: { embedded: ./data }
keys: { ring: ./keys/ring.json, kek: { file: ./keys/kek } }
consent: { phoneRegion: ES }
`,
    'policies/own.yaml': 'policy: own\non: { operations: [export] }\ndeny: No.\n',
  });
  config = join(directory, 'config.yaml');
  await run('keys', 'init', '--config', config);
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (text: string): string => {
  const file = join(directory, 'consent.csv');
  writeFileSync(file, text);
  return file;
};
const importFile = (text: string) => run('consent', 'import', '--config', config, at(text));
const show = (value: string) => run('consent', 'show', '--config', config, value);

const GOOD = `\uFEFFstate,purpose,email,phone,id,at,source,basis,until\r
granted,marketing.email,ana@acme.example,,sales:${ANA},2026-01-01T10:00:00Z,form,consent,\r
withdrawn,marketing.email,ANA@acme.example,,,2026-02-01,,,\r
objected,,,600 100 200,hub:contacts:17,2026-03-01,letter,"Art. 21, in writing",\r
`;

describe('privet consent import', () => {
  it('imports a file once: doing it again changes nothing and says so', async () => {
    expect(await importFile(GOOD)).toEqual({ exitCode: 0, out: '3 events imported\n', err: '' });
    expect(await importFile(GOOD)).toEqual({
      exitCode: 0,
      out: 'nothing changed, 3 on record already\n',
      err: '',
    });
  });

  it.each([';', '\t', '|'])('says that columns are separated by commas, not by %j', async (separator) => {
    const { exitCode, err } = await importFile(['email', 'state', 'at'].join(separator));
    expect([exitCode, err.trim().split('\n')]).toEqual([
      1,
      [expect.stringMatching(/consent\.csv:1: .*expected commas between columns$/)],
    ]);
  });

  it('names every row that is wrong, by its line, and imports the good ones', async () => {
    const { exitCode, out, err } = await importFile(
      `email,phone,state,purpose,at
ana@acme.example,,granted,marketing.email,2026-01-01
not-an-address,,grantd,marketing.email,2026-01-01
ben@acme.example,,granted,marketing.email
"cas@acme.example
",,granted,marketing.email,tomorrow
dan"@acme.example,,granted,marketing.email,2026-01-01
eva@acme.example,,granted,marketing.email,2026-01-01
`,
    );
    const file = join(directory, 'consent.csv');
    expect(err.trimEnd().split('\n')).toEqual([
      `${file}:3: found an email that is no address, expected one such as name@example.com`,
      expect.stringMatching(/:3: found an unknown state, .* did you mean "granted"\?$/),
      `${file}:4: found 4 cells, expected 5 as in the header`,
      expect.stringMatching(/:5: found an at that is no time/),
      expect.stringMatching(/:7: found a quote/),
    ]);
    expect([exitCode, out]).toEqual([1, '2 events imported, 4 refused\n']);
  });

  it.each<[what: string, header: string, problem: RegExp]>([
    [
      'another column',
      'email,state,at,colour',
      /:1: found a column of another name, expected names of id, email/,
    ],
    ['a column twice', 'email,email,state,at', /:1: found a column twice/],
    ['no column for people', 'purpose,state,at', /:1: found none of the columns id, email and phone/],
    ['no column state', 'email,at', /:1: found no column state/],
    ['no header', '', /:1: found no header/],
  ])('refuses a file with %s', async (_, header, problem) => {
    const { exitCode, err } = await importFile(`${header}\n`);
    expect(exitCode).toBe(1);
    expect(err).toMatch(problem);
  });

  it('says how an id is written that may be of several CRMs or objects', async () => {
    const { err } = await importFile(`id,state,at\n${ANA},objected,2026-01-01\nhub:17,objected,2026-01-01\n`);
    expect(err).toMatch(/:2: found an id without an upstream, expected upstream:id with one of sales, hub\n/);
  });

  it('says what to do where a running instance has the store', async () => {
    const store = openEmbedded(join(directory, 'data'), DEFAULT_LIMITS);
    const { exitCode, err } = await importFile(GOOD);
    await store.close();
    expect(exitCode).toBe(1);
    expect(err).toMatch(/in use by a running `privet serve`: .*POST \/api\/consent\/events/);
  });

  it('names a file that cannot be read', async () => {
    const { exitCode, err } = await run('consent', 'import', '--config', config, join(directory, 'none.csv'));
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/none\.csv:1: cannot be read \(ENOENT\)/)]);
  });
});

describe('privet consent show', () => {
  it.each(['ana@acme.example', `sales:${ANA}`, `sales:${ANA.slice(0, 15)}`])(
    'tells what is known of %s',
    async (value) => {
      await importFile(GOOD);
      const { exitCode, out } = await show(value);
      expect(exitCode).toBe(0);
      expect(out.split('\n').slice(1)).toEqual([
        'not restricted',
        'marketing.email: withdrawn since 2026-02-01T00:00:00.000Z, by import',
        'history:',
        '  2026-01-01T10:00:00.000Z granted marketing.email, by form, basis: consent',
        '  2026-02-01T00:00:00.000Z withdrawn marketing.email, by import',
        '',
      ]);
    },
  );

  it('tells what follows for each declared purpose from what was said of all', async () => {
    writeFileSync(
      join(directory, 'policies', 'purposes.yaml'),
      ['marketing.email', 'support']
        .map((id) => `purpose: ${id}\ndescription: Why not.\nlawfulBasis: consent\n`)
        .join('---\n'),
    );
    await importFile(GOOD);
    const { out } = await show('600100200');
    expect(out.split('\n').slice(2, 4)).toEqual([
      'marketing.email: objected since 2026-03-01T00:00:00.000Z, by letter',
      'support: objected since 2026-03-01T00:00:00.000Z, by letter',
    ]);
  });

  it('tells of everything that was objected to, by a number in any spelling', async () => {
    await importFile(GOOD);
    const { out } = await show('+34 600 10 02 00');
    expect(out).toContain('known by this phone');
    expect(out).toContain(
      '2026-03-01T00:00:00.000Z objected everything, by letter, basis: Art. 21, in writing',
    );
    expect((await show('hub:contact:17')).out).toContain('objected everything');
  });

  it('says when nothing is known', async () => {
    await importFile(GOOD);
    for (const value of ['nobody@acme.example', '699999999', 'sales:0035g000000002lAAA', 'what'])
      expect(await show(value)).toMatchObject({ exitCode: 1, out: '' });
  });
});

describe('the progress bar', () => {
  it('is written to a terminal alone, and makes room for what is said', () => {
    const written: string[] = [];
    const stream = (isTTY: boolean) =>
      ({ isTTY, write: (text: string) => written.push(text) > 0 }) as unknown as NodeJS.WriteStream;
    const none = createProgress(100, stream(false));
    none.show(50);
    none.end();
    expect(written).toEqual([]);
    const bar = createProgress(100, stream(true));
    bar.show(50);
    bar.say('said');
    bar.end();
    expect(written).toEqual([
      `\r[${'='.repeat(15)}${' '.repeat(15)}] 50 %`,
      '\r\u001b[K',
      `said\n[${'='.repeat(15)}${' '.repeat(15)}] 50 %`,
      '\r\u001b[K',
    ]);
  });
});

describe('privet consent erase', () => {
  const erase = (value: string, ...more: string[]) =>
    run('consent', 'erase', '--config', config, ...more, value);

  it('erases what somebody has agreed to, says what stays and why, and takes that out when it is told to', async () => {
    await importFile(GOOD);
    expect(await erase('ANA@acme.example')).toEqual({
      exitCode: 0,
      out: '1 event erased\n1 event kept, under keyed hashes alone, so that what was withdrawn, objected to and restricted is respected; --all erases them too\n',
      err: '',
    });
    expect((await show(`sales:${ANA}`)).out).toContain('marketing.email: withdrawn since 2026-02-01');
    expect(await erase(`sales:${ANA}`, '--all')).toMatchObject({ exitCode: 0, out: '1 event erased\n' });
    expect((await show('ana@acme.example')).exitCode).toBe(1);
    expect((await show('600 100 200')).exitCode).toBe(0);
    expect(await erase('ana@acme.example')).toMatchObject({ exitCode: 1, out: '' });
  });

  it('erases nothing of somebody whose processing is restricted, and says how to end that', async () => {
    await importFile('email,state,at\neva@acme.example,restricted,2026-01-01\n');
    expect(await erase('eva@acme.example', '--all')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('restriction-ended'),
    });
    expect((await show('eva@acme.example')).out).toContain('restricted');
  });

  it('says that a running instance must be stopped for it', async () => {
    const store = openEmbedded(join(directory, 'data'), DEFAULT_LIMITS);
    const { exitCode, err } = await erase('ana@acme.example');
    await store.close();
    expect([exitCode, err]).toEqual([
      1,
      'the embedded store is in use by a running `privet serve`: stop it first\n',
    ]);
  });

  it('is on record, without the value that named them', async () => {
    await importFile(GOOD);
    await erase('ana@acme.example');
    const { out } = await run('audit', 'verify', '--config', config);
    expect(out).toContain('the chain holds');
    const spool = openJournalReader(commandSpoolDirectory(join(directory, 'data')));
    const events = (await spool.after(0, 100)).map(({ value }) => String(value));
    spool.close();
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      command: { name: 'consent erase', counts: { erased: 1, kept: 1 } },
      dataSubjects: [expect.stringMatching(/^e[\w-]{22}$/)],
    });
    expect(events.join('')).not.toContain('acme.example');
  });
});
