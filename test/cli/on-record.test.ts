import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandSpoolDirectory } from '../../src/audit/spool.ts';
import { tailEvents } from '../../src/audit/tail.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { AuditEvent } from '../../src/model/audit-event.ts';
import { openJournal } from '../../src/store/journal.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { textsIn } from '../fixtures/audit.ts';
import { startRedis } from '../fixtures/redis.ts';
import { run } from './run.ts';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'privet-cli-'));
  config = join(folder, 'privet.yaml');
  configure('');
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'consent.csv'), CSV);
});
afterEach(() => rmSync(folder, { recursive: true }));

const CSV = `email,purpose,state,at
ana@acme.example,marketing.email,granted,2026-11-01
nobody,marketing.email,granted,2026-11-01
`;
const SALESFORCE_ID = '0035g000000001lAAA';

function configure(more: string): void {
  writeFileSync(
    config,
    `upstreams: [{ name: sales, crm: salesforce, url: "https://crm.example" }]
identity: [{ apiKey: { header: x-privet-key, keys: [{ id: a, sha256: "${'0'.repeat(64)}", roles: [a], purposes: [b] }] } }]
policies: { path: ./policies, include: [packs/salesforce] }
store: { embedded: ./data }
keys: { ring: ./keys/ring.json, kek: { file: ./keys/kek } }
${more}`,
  );
}

const privet = (...argv: string[]) => run(...argv, '--config', config);

async function onRecord(): Promise<readonly AuditEvent[]> {
  const spool = openJournalReader(commandSpoolDirectory(join(folder, 'data')));
  const events: AuditEvent[] = [];
  const options = { from: 'start', follow: false, signal: new AbortController().signal } as const;
  try {
    for await (const event of tailEvents({ spools: [spool], limits: DEFAULT_LIMITS }, options))
      events.push(event);
    return events;
  } finally {
    spool.close();
  }
}

const digestOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('commands that change something', () => {
  it('stand in the audit trail before they begin and when they are over, with who ran them and what came of it', async () => {
    const backup = join(folder, 'backup');
    for (const argv of [
      ['keys', 'init'],
      ['consent', 'import', join(folder, 'consent.csv')],
      ['keys', 'rotate'],
      ['keys', 'rewrap'],
      ['vault', 'backup', '--to', backup],
      ['vault', 'erase', '--upstream', 'sales', '--object', 'Contact', '--id', SALESFORCE_ID.slice(0, 15)],
    ]) {
      const { err } = await privet(...argv);
      expect(err, argv.join(' ')).not.toContain('privet:');
    }
    const events = await onRecord();
    const names = [
      'keys init',
      'consent import',
      'keys rotate',
      'keys rewrap',
      'vault backup',
      'vault erase',
    ];
    expect(events.map(({ phase, outcome, command }) => [phase, outcome, command?.name])).toEqual(
      names.flatMap((name) => [
        ['command', undefined, name],
        ['command', 'complete', name],
      ]),
    );
    expect(events.map(({ command }) => [command?.account, command?.host])).toEqual(
      events.map(() => [userInfo().username, hostname()]),
    );
    const done = (name: string) => events.find(({ outcome, command }) => outcome && command?.name === name);
    expect(done('consent import')).toMatchObject({
      policySet: expect.stringMatching(/^[0-9a-f]{64}$/),
      command: {
        counts: { appended: 1, known: 0, refused: 1 },
        files: [digestOf(join(folder, 'consent.csv'))],
      },
    });
    expect(done('keys rotate')?.command?.counts).toEqual({ version: 2 });
    expect(done('vault backup')?.command).toMatchObject({
      counts: { records: 0 },
      files: ['records.jsonl', 'keys.jsonl'].map((name) => digestOf(join(backup, name))),
    });
    expect(done('vault erase')?.dataSubjects).toHaveLength(1);
    expect(JSON.stringify(events)).not.toMatch(/ana@acme|0035g0000000/);
    expect((await privet('audit', 'verify')).out).toContain('the chain holds');
  });

  it('stand there as failed when they fail, and not at all when nothing was tried', async () => {
    await privet('keys', 'init');
    expect((await privet('keys', 'init')).exitCode).toBe(1);
    expect((await privet('consent', 'import', join(folder, 'missing.csv'))).exitCode).toBe(1);
    rmSync(join(folder, 'keys', 'kek'));
    expect((await privet('keys', 'rotate')).exitCode).toBe(1);
    const events = await onRecord();
    expect(events.map(({ command, outcome }) => [command?.name, outcome])).toEqual([
      ['keys init', undefined],
      ['keys init', 'complete'],
      ['keys rotate', undefined],
      ['keys rotate', 'failed'],
    ]);
  });

  it('are not run while the trail cannot be written, unless the posture allows it', async () => {
    await privet('keys', 'init');
    writeFileSync(join(folder, 'data', 'audit-commands', 'note'), 'damaged');
    const refused = await privet('keys', 'rotate');
    expect(refused).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('audit trail cannot be written'),
    });
    expect((await privet('keys', 'list')).out).not.toContain('2 ');
    configure('posture: { auditUnavailable: allow }');
    const allowed = await privet('keys', 'rotate');
    expect(allowed).toMatchObject({ exitCode: 0, err: expect.stringContaining('not on record') });
  });

  it('wait for each other', async () => {
    await privet('keys', 'init');
    const other = await openJournal(commandSpoolDirectory(join(folder, 'data')), DEFAULT_LIMITS);
    const rotating = privet('keys', 'rotate');
    await new Promise((done) => setTimeout(done, 120));
    await other.close();
    expect(await rotating).toMatchObject({ exitCode: 0 });
  });

  it('are shipped to the stream, where the chain verifies without the directory', async () => {
    const redis = await startRedis();
    configure(`audit: { redis: { url: "${redis.url}" } }`);
    await privet('keys', 'init');
    expect(await textsIn(redis.client, 'privet:audit')).toHaveLength(2);
    rmSync(join(folder, 'data'), { recursive: true });
    expect((await privet('audit', 'verify')).out).toContain('the chain holds');
    await redis.stop();
  });
});
