import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unseal } from '../../src/audit/chain.ts';
import { cursorKey, formatCursor } from '../../src/audit/cursor.ts';
import { type AuditLog, openAuditLog } from '../../src/audit/log.ts';
import { verifyAudit } from '../../src/audit/query.ts';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { entryOf, TEST_LIMITS, temporaryDirectory, textsIn, until } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { unreliableLine } from '../fixtures/unreliable-line.ts';
import { verifyChain } from './verify-chain.ts';

const STREAM = 'privet:audit';
/** Many files for few events. */
const SEGMENT_BYTES = 131_072;

/** Numbers of the records that still lie in the journal. */
async function readAll(path: string): Promise<number[]> {
  const reader = openJournalReader(path);
  const records = await reader.after(0, 10_000);
  reader.close();
  return records.map(({ number }) => number);
}

async function seqsIn(redis: ThrowawayRedis): Promise<(number | undefined)[]> {
  return (await textsIn(redis.client, STREAM)).map((text) => unseal(text)?.seq);
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('shipping to a Redis stream', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let journal: Journal;
  let redis: ThrowawayRedis;
  let log: AuditLog;
  let recorded: number;

  const open = async (url = redis.url, limits = TEST_LIMITS) => {
    log = await openAuditLog({ journal, clock: Date.now, limits, redis: { url, stream: STREAM } });
  };
  const record = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => {
        recorded += 1;
        return log.record(entryOf(`r${recorded}`));
      }),
    );
  const allShipped = () =>
    until(() => log.state().depthEvents === 0 && log.state().redis === 'up', 'all shipped');
  const away = (because?: string) =>
    until(
      () => log.state().redis === 'away' && (because === undefined || log.state().awayBecause === because),
      `away because of ${because ?? 'anything'}`,
    );

  beforeEach(async () => {
    recorded = 0;
    directory = temporaryDirectory();
    journal = await openJournal(directory.path, TEST_LIMITS, SEGMENT_BYTES);
    redis = await startRedis({ persistent: true });
  });
  afterEach(async () => {
    await log.close();
    await journal.close();
    await redis.stop();
    directory.remove();
  });

  it('brings every event to the stream, in order and once, and then removes it from the spool', async () => {
    await open();
    for (let group = 0; group < 25; group += 1) await record(20);
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(500));
    expect(verifyChain(await textsIn(redis.client, STREAM))).toMatchObject([{ ok: true, events: 500 }]);
    expect(log.state()).toMatchObject({ shipped: 500, bytes: 0, redis: 'up' });
    const left = await readAll(directory.path);
    expect(left.length).toBeLessThan(SEGMENT_BYTES / 500 + TEST_LIMITS.auditShippedKeptMin);
    expect(left.at(-1)).toBe(500);
  });

  it('goes on behind what was shipped when the log is opened again', async () => {
    await open();
    await record(30);
    await allShipped();
    await log.close();
    await open();
    await record(30);
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(60));
  });

  it('keeps the cursor in the slot of the stream', async () => {
    await open();
    await record(1);
    await allShipped();
    expect(await redis.client.keys('*')).toContain(`{${STREAM}}:shipped:${log.state().instance}`);
  });

  it('records while Redis is away, and ships in order when it is back', async () => {
    await redis.kill();
    await open();
    await record(100);
    await away('ECONNREFUSED');
    expect(log.state()).toMatchObject({ depthEvents: 100, shipped: 0 });
    await redis.restart();
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(100));
  });

  it('records while Redis hangs, and sends nothing twice when it wakes up', async () => {
    await open();
    await record(50);
    await allShipped();
    redis.freeze();
    // Redis says nothing, so this waits for none of its answers.
    await record(50);
    await away('TIMEOUT');
    await record(50);
    await sleep(800);
    redis.thaw();
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(150));
  });

  it('notices that an idle line is lost, and mends it', async () => {
    await open();
    await record(1);
    await allShipped();
    await redis.kill();
    await away('ECONNREFUSED');
    await redis.restart();
    await until(() => log.state().redis === 'up', 'Redis is up');
    await record(1);
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(2));
  });

  it('ships what was recorded last before it closes', async () => {
    await open();
    await until(() => log.state().redis === 'up', 'up');
    await record(50);
    await log.close();
    expect(await seqsIn(redis)).toEqual(upTo(50));
  });

  it('closes soon while Redis hangs', async () => {
    redis.freeze();
    await open(redis.url, { ...TEST_LIMITS, auditShipTimeoutMs: 600_000 });
    await record(5);
    await sleep(50);
    await log.close();
    redis.thaw();
  });

  describe('sends again what Redis had acknowledged and lost', () => {
    /** Takes Redis back to when it had `seq` events of those in the stream. */
    const takeBackTo = async (seq: number) => {
      const entries = await redis.client.xrange(STREAM, '-', '+');
      for (const [id] of entries.slice(seq)) await redis.client.xdel(STREAM, id);
      const last = unseal(entries[seq - 1]?.[1][1] ?? '');
      const key = cursorKey(STREAM, log.state().instance);
      if (last === undefined) await redis.client.del(key);
      else await redis.client.set(key, formatCursor(last));
    };

    it.each([0, 1, 29, 30])('when it goes on from event %i of 30', async (seq) => {
      await open();
      await record(30);
      await allShipped();
      await takeBackTo(seq);
      await record(30);
      await until(async () => (await seqsIn(redis)).length === 60, 'all there again');
      expect(await seqsIn(redis)).toEqual(upTo(60));
      expect(verifyChain(await textsIn(redis.client, STREAM))).toMatchObject([{ ok: true, events: 60 }]);
      expect(log.state()).toMatchObject({ shipped: 60, bytes: 0 });
    });

    it('when it was killed while it kept nothing on disk, and Privet meanwhile', async () => {
      await open();
      await record(30);
      await allShipped();
      await redis.client.flushall();
      await log.close();
      await open();
      await record(1);
      await allShipped();
      expect(await seqsIn(redis)).toEqual(upTo(31));
    });

    it.each([
      ['alone', () => undefined],
      ['and may not be looked for', () => redis.client.call('acl', 'setuser', 'default', '-xrevrange')],
    ])('and nothing else where the cursor is gone %s', async (how, meanwhile) => {
      await open();
      await record(30);
      await allShipped();
      await redis.client.del(cursorKey(STREAM, log.state().instance));
      await meanwhile();
      await record(30);
      await allShipped();
      expect(await seqsIn(redis)).toEqual(how === 'alone' ? upTo(60) : [...upTo(30), ...upTo(60)]);
      expect(verifyChain(await textsIn(redis.client, STREAM))).toMatchObject([{ ok: true, lastSeq: 60 }]);
    });

    it('as far as it still lies on disk', async () => {
      await open();
      for (let group = 0; group < 25; group += 1) await record(20);
      await allShipped();
      await takeBackTo(0);
      const [first = 0] = await readAll(directory.path);
      expect(first).toBeGreaterThan(1);
      expect(first).toBeLessThanOrEqual(500 - TEST_LIMITS.auditShippedKeptMin + 1);
      await record(1);
      await allShipped();
      expect(await seqsIn(redis)).toEqual(upTo(501, first));
    });

    it('and nothing where its last event is another than that in the spool', async () => {
      await open();
      await record(30);
      await allShipped();
      const key = cursorKey(STREAM, log.state().instance);
      await redis.client.set(key, formatCursor({ seq: 20, hash: 'f'.repeat(64) }));
      await record(1);
      await away('DIVERGED');
      expect(await seqsIn(redis)).toEqual(upTo(30));
    });
  });

  it.each([
    ['is a read-only replica', 'READONLY', ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
    ['is out of memory', 'OOM', ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '0']],
    [
      'wants more replicas than there are',
      'NOREPLICAS',
      ['config', 'set', 'min-replicas-to-write', '1'],
      ['config', 'set', 'min-replicas-to-write', '0'],
    ],
    [
      'wants a password',
      'NOAUTH',
      ['config', 'set', 'requirepass', 'secret'],
      ['config', 'set', 'requirepass', ''],
    ],
    [
      'may not add to the stream',
      'ERR',
      ['acl', 'setuser', 'default', '-xadd'],
      ['acl', 'setuser', 'default', '+xadd'],
    ],
    [
      'may not set the cursor',
      'ERR',
      ['acl', 'setuser', 'default', '-set'],
      ['acl', 'setuser', 'default', '+set'],
    ],
    ['has another type under the key', 'WRONGTYPE', ['set', STREAM, 'x'], ['del', STREAM]],
  ])(
    'loses and repeats nothing when Redis %s',
    async (_what, code, [break_, ...breakArgs], [mend, ...mendArgs]) => {
      const admin = redis.client;
      await admin.call(break_!, ...breakArgs);
      await open();
      await record(60);
      await away(code);
      expect(log.state().depthEvents).toBe(60);
      await admin.call(mend!, ...mendArgs);
      await allShipped();
      expect(await seqsIn(redis)).toEqual(upTo(60));
    },
  );

  it('denies when the spool is full, and records again once Redis has taken the events', async () => {
    await redis.kill();
    await open(redis.url, { ...TEST_LIMITS, spoolBytesMax: 20_000 });
    await expect(record(100)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(log.state().full).toBe(true);
    const kept = log.state().depthEvents;
    await redis.restart();
    await allShipped();
    expect(log.state()).toMatchObject({ full: false, bytes: 0 });
    await log.record(entryOf('again'));
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(kept + 1));
  });

  it('ships nothing under ids that the stream knows with other content', async () => {
    await open();
    await record(20);
    await allShipped();
    const cursor = `{${STREAM}}:shipped:${log.state().instance}`;
    const right = await redis.client.get(cursor);
    await log.close();
    await redis.client.set(cursor, `25 ${'f'.repeat(64)}`);
    await open();
    await record(10);
    await away('DIVERGED');
    expect(log.state().depthEvents).toBe(10);
    await redis.client.set(cursor, right!);
    await allShipped();
    expect(await seqsIn(redis)).toEqual(upTo(30));
  });

  it('never shows the password of the URL', async () => {
    await log?.close();
    await redis.client.config('SET', 'requirepass', 'right');
    await open(`redis://someone:s3cret-pass@127.0.0.1:${redis.port}`);
    await record(1);
    await away('WRONGPASS');
    expect(JSON.stringify(log.state())).not.toContain('s3cret');
    await redis.client.config('SET', 'requirepass', '');
  });

  it('loses, repeats and reorders nothing, wherever the line is cut and whenever Redis dies', async () => {
    const line = await unreliableLine(redis.port);
    await open(`redis://127.0.0.1:${line.port}`, { ...TEST_LIMITS, auditReconnectMsMax: 100 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('record' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({
        do: fc.constantFrom('up' as const, 'down' as const),
        count: fc.integer({ min: 1, max: 40_000 }),
      }),
      fc.record({ do: fc.constantFrom('kill' as const, 'reopen' as const), count: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        for (const { do: what, count } of steps) {
          if (what === 'record') await record(count);
          else if (what === 'up' || what === 'down') line.cutAfter(what, count);
          else if (what === 'kill') {
            await redis.kill();
            await redis.restart();
          } else {
            await log.close();
            await open(`redis://127.0.0.1:${line.port}`, { ...TEST_LIMITS, auditReconnectMsMax: 100 });
          }
        }
        line.cutAfter('up', undefined);
        line.cutAfter('down', undefined);
        await record(1);
        await allShipped();
        expect(await seqsIn(redis)).toEqual(upTo(recorded));
      }),
      { numRuns: 30 },
    );
    const spool = openJournalReader(directory.path);
    expect(
      await verifyAudit({ spools: [spool], redis: { url: redis.url, stream: STREAM }, limits: TEST_LIMITS }),
    ).toMatchObject({ ok: true });
    spool.close();
    await line.close();
  });
});
