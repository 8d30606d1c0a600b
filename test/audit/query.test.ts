import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLog, openAuditLog } from '../../src/audit/log.ts';
import { type AuditSources, verifyAudit } from '../../src/audit/query.ts';
import { type TailOptions, tailEvents } from '../../src/audit/tail.ts';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { type JournalReader, openJournalReader } from '../../src/store/journal-reader.ts';
import { entryOf, TEST_LIMITS, temporaryDirectory, textsIn, until } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';

const STREAM = 'privet:audit';
/** Many files for few events. */
const SEGMENT_BYTES = 16_384;

let directory: ReturnType<typeof temporaryDirectory>;
let journal: Journal;
let reader: JournalReader;
let log: AuditLog;

const recordAll = (...ids: string[]) => Promise.all(ids.map((id) => log.record(entryOf(id))));
const ids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `r${from + index}`);

/** Ids of the requests of the first `count` events. */
async function take(sources: AuditSources, options: Omit<TailOptions, 'signal'>, count: number) {
  const stop = new AbortController();
  const seen: (string | undefined)[] = [];
  for await (const event of tailEvents(sources, { ...options, signal: stop.signal })) {
    seen.push(event.request?.id);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

beforeEach(async () => {
  directory = temporaryDirectory();
  journal = await openJournal(directory.path, TEST_LIMITS, SEGMENT_BYTES);
  reader = openJournalReader(directory.path);
});
afterEach(async () => {
  await log.close();
  reader.close();
  await journal.close();
  directory.remove();
});

const inSpool = (): AuditSources => ({ spools: [reader], limits: TEST_LIMITS });
const allShipped = () => until(() => log.state().depthEvents === 0, 'all shipped');

describe('events that stay in the spool', () => {
  beforeEach(async () => {
    log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS });
  });

  it('verify while they are being written', async () => {
    const writing = recordAll(...ids(1, 300));
    expect(await verifyAudit(inSpool())).toMatchObject({ ok: true });
    await writing;
    expect(await verifyAudit(inSpool())).toEqual({
      ok: true,
      instances: [{ instance: log.state().instance, events: 300, firstSeq: 1, lastSeq: 300, ok: true }],
    });
  });

  it('verify when there are none', async () => {
    expect(await verifyAudit(inSpool())).toEqual({ ok: true, instances: [] });
  });

  it.each([
    ['altered', 5, (texts: string[]) => texts.with(4, texts[4]!.replace('r5', 'r6'))],
    ['gap', 6, (texts: string[]) => texts.toSpliced(4, 1)],
    ['truncated-start', 2, (texts: string[]) => texts.slice(1)],
    ['truncated-end', 9, (texts: string[]) => texts.slice(0, 9)],
  ])('do not verify after tampering: %s at %i', async (kind, seq, tamper) => {
    await recordAll(...ids(1, 10));
    await log.close();
    const records = await reader.after(0, 10);
    const forged = temporaryDirectory();
    const forgery = await openJournal(forged.path, TEST_LIMITS, SEGMENT_BYTES);
    await forgery.append(
      tamper(records.map(({ value }) => value.toString())).map((text) => Buffer.from(text)),
    );
    await forgery.writeNote(String(reader.note()));
    await forgery.close();
    const spool = openJournalReader(forged.path);
    const { ok, instances } = await verifyAudit({ spools: [spool], limits: TEST_LIMITS });
    expect(ok).toBe(false);
    expect(instances.find((report) => !report.ok)?.break).toMatchObject({ kind, seq });
    spool.close();
    forged.remove();
  });

  it('do not verify when a file of theirs was damaged, and the place is named', async () => {
    for (const id of ids(1, 40)) await log.record(entryOf(id));
    const [file = ''] = readdirSync(directory.path).filter((name) => name.endsWith('.journal'));
    const bytes = readFileSync(join(directory.path, file));
    const at = bytes.indexOf('"r5"');
    writeFileSync(join(directory.path, file), bytes.fill('x', at, at + 1));
    const { ok, instances } = await verifyAudit(inSpool());
    expect(ok).toBe(false);
    expect(instances[0]?.break).toEqual({
      kind: 'unreadable',
      seq: 5,
      message: expect.stringMatching(/record 5 cannot be read \(0000000000000001\.journal, byte \d+\)/),
    });
  });

  it.each([
    ['gone', () => rmSync(join(directory.path, 'note')), 'its note is missing'],
    ['no JSON', () => writeFileSync(join(directory.path, 'note'), '{"x"'), 'its note cannot be read'],
    ['no note', () => writeFileSync(join(directory.path, 'note'), '{}'), 'its note cannot be read'],
  ])('do not verify when their note is %s', async (_, tamper, message) => {
    await recordAll('r1', 'r2');
    tamper();
    await expect(verifyAudit(inSpool())).rejects.toThrow(`The audit spool is damaged: ${message}.`);
  });

  it('are followed from the start or from now, until aborted', async () => {
    await recordAll('r1', 'r2');
    expect(await take(inSpool(), { from: 'start', follow: false }, 10)).toEqual(['r1', 'r2']);
    const following = take(inSpool(), { from: 'now', follow: true }, 2);
    await sleep(50);
    await recordAll('r3', 'r4');
    expect(await following).toEqual(['r3', 'r4']);
  });
});

describe('events that are shipped to a stream', () => {
  let redis: ThrowawayRedis;
  const config = () => ({ url: redis.url, stream: STREAM });
  const sources = (): AuditSources => ({ spools: [reader], redis: config(), limits: TEST_LIMITS });

  beforeEach(async () => {
    redis = await startRedis();
    log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS, redis: config() });
  });
  afterEach(async () => {
    await redis.stop();
  });

  it('verify across stream and spool while they move from one to the other', async () => {
    const writing = (async () => {
      for (let round = 0; round < 40; round += 1) await recordAll(...ids(1, 50));
    })();
    const verifying = (async () => {
      for (let round = 0; round < 20; round += 1) {
        expect(await verifyAudit(sources())).toMatchObject({ ok: true });
      }
    })();
    await Promise.all([writing, verifying]);
    await allShipped();
    expect(await verifyAudit(sources())).toMatchObject({ ok: true, instances: [{ events: 2_000 }] });
  });

  /** Holds events back from the stream while `record` runs; then a spool whose reader is told of each read. */
  async function withheld(record: () => Promise<unknown>, tell: (isEnd: boolean) => Promise<void>) {
    await redis.client.config('SET', 'min-replicas-to-write', '1');
    await record();
    const after: JournalReader['after'] = async (number, limit) => {
      const records = await reader.after(number, limit);
      await tell(records.length < limit);
      return records;
    };
    return { ...reader, after };
  }
  const shipAll = async () => {
    await redis.client.config('SET', 'min-replicas-to-write', '0');
    await allShipped();
  };

  it('verify when files in the middle of what is being read are shipped and removed', async () => {
    const spool = await withheld(() => recordAll(...ids(1, 60)), shipAll);
    const after: JournalReader['after'] = async (number, limit) =>
      (await spool.after(number, limit)).filter((record) => record.number < 8 || record.number > 15);
    expect(await verifyAudit({ ...sources(), spools: [{ ...spool, after }] })).toEqual({
      ok: true,
      instances: [{ instance: log.state().instance, events: 60, firstSeq: 1, lastSeq: 60, ok: true }],
    });
  });

  it('verify when the stream follows far behind what was read in the spool', async () => {
    const record = async () => {
      for (let round = 0; round < 100; round += 1) await recordAll(...ids(1, 50));
    };
    const spool = await withheld(record, async (isEnd) => {
      if (isEnd) await shipAll();
    });
    expect(await verifyAudit({ ...sources(), spools: [spool] })).toMatchObject({
      ok: true,
      instances: [{ events: 5_000 }],
    });
  });

  it('verify from the stream alone, where there is no store', async () => {
    await recordAll(...ids(1, 50));
    await allShipped();
    expect(await verifyAudit({ spools: [], redis: config(), limits: TEST_LIMITS })).toMatchObject({
      ok: true,
      instances: [{ events: 50 }],
    });
  });

  it('verify when the rest waits in the spool', async () => {
    await recordAll(...ids(1, 50));
    await allShipped();
    await redis.client.config('SET', 'min-replicas-to-write', '1');
    await recordAll(...ids(51, 80));
    expect(log.state().depthEvents).toBe(30);
    expect(await verifyAudit(sources())).toMatchObject({
      ok: true,
      instances: [{ events: 80, lastSeq: 80 }],
    });
  });

  it('verify for several instances', async () => {
    const other = temporaryDirectory();
    const otherJournal = await openJournal(other.path, TEST_LIMITS);
    const otherLog = await openAuditLog({
      journal: otherJournal,
      clock: Date.now,
      limits: TEST_LIMITS,
      redis: config(),
    });
    await Promise.all(
      [...ids(1, 50)].flatMap((id) => [log.record(entryOf(id)), otherLog.record(entryOf(id))]),
    );
    await allShipped();
    await until(() => otherLog.state().depthEvents === 0, 'all of the other shipped');
    const { ok, instances } = await verifyAudit(sources());
    expect(ok).toBe(true);
    expect(instances.map(({ events }) => events)).toEqual([50, 50]);
    await otherLog.close();
    await otherJournal.close();
    other.remove();
  });

  it.each([
    ['altered', 5, (texts: string[]) => texts.with(4, texts[4]!.replace('allow', 'deny'))],
    ['gap', 6, (texts: string[]) => texts.toSpliced(4, 1)],
    ['reordered', 5, (texts: string[]) => texts.with(4, texts[5]!).with(5, texts[4]!)],
    ['truncated-start', 3, (texts: string[]) => texts.slice(2)],
    ['truncated-end', 8, (texts: string[]) => texts.slice(0, 8)],
  ])('do not verify after tampering with the stream: %s at %i', async (kind, seq, tamper) => {
    await recordAll(...ids(1, 10));
    await allShipped();
    const texts = tamper(await textsIn(redis.client, STREAM));
    await redis.client.del(STREAM);
    for (const text of texts) await redis.client.xadd(STREAM, '*', 'event', text);
    const { ok, instances } = await verifyAudit(sources());
    expect(ok).toBe(false);
    expect(instances[0]?.break).toMatchObject({ kind, seq });
  });

  it('do not verify when the whole stream is gone, even where there is no store', async () => {
    await recordAll(...ids(1, 10));
    await allShipped();
    await redis.client.del(STREAM);
    for (const spools of [[reader], []]) {
      const { ok, instances } = await verifyAudit({ ...sources(), spools });
      expect(ok).toBe(false);
      expect(instances[0]?.break).toMatchObject({ kind: 'truncated-end', seq: 0 });
    }
  });

  it('verify where an access list forbids to search for cursors', async () => {
    await recordAll('r1');
    await allShipped();
    await redis.client.acl('SETUSER', 'auditor', 'on', '>secret', '~*', '+@all', '-scan');
    const url = redis.url.replace('redis://', 'redis://auditor:secret@');
    const asAuditor = { ...sources(), spools: [], redis: { ...config(), url } };
    expect(await verifyAudit(asAuditor)).toMatchObject({ ok: true, instances: [{ events: 1 }] });
  });

  it('do not verify when somebody else wrote into the stream', async () => {
    await recordAll('r1');
    await allShipped();
    await redis.client.xadd(STREAM, '*', 'other', 'thing');
    expect(await verifyAudit(sources())).toMatchObject({ ok: false });
  });

  it('are followed from the start or from now, until aborted', async () => {
    await recordAll('r1', 'r2');
    await allShipped();
    expect(await take(sources(), { from: 'start', follow: false }, 10)).toEqual(['r1', 'r2']);
    const following = take(sources(), { from: 'now', follow: true }, 2);
    await sleep(100);
    await recordAll('r3', 'r4');
    expect(await following).toEqual(['r3', 'r4']);
  });

  it('cannot be read while Redis is away, and that is said', async () => {
    await recordAll('r1');
    await redis.kill();
    await expect(verifyAudit(sources())).rejects.toThrow('Redis is away: ECONNREFUSED');
  });
});
