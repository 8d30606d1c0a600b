import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unseal } from '../../src/audit/chain.ts';
import { type AuditLog, openAuditLog } from '../../src/audit/log.ts';
import { readEventsAfter } from '../../src/audit/spool.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { PrivetError } from '../../src/errors.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import type { Store } from '../../src/store/store.ts';
import { entryOf, TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { type Fault, faulty } from '../fixtures/faulty-store.ts';

async function textsOf(store: Store): Promise<string[]> {
  return (await readEventsAfter(store, 0, 1_000_000)).map(({ text }) => text);
}

function requestsOf(texts: readonly string[]): (string | undefined)[] {
  return texts.map((text) => unseal(text)?.request?.id);
}

describe('the audit log', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  const open = (limits = TEST_LIMITS, on = store): Promise<AuditLog> =>
    openAuditLog({ store: on, clock: () => Date.UTC(2026, 0, 2), limits });

  beforeEach(() => {
    directory = temporaryDirectory();
    store = openEmbedded(directory.path, TEST_LIMITS);
  });
  afterEach(async () => {
    await store.close();
    directory.remove();
  });

  it('has an event on disk, in the order of the calls, when record resolves', async () => {
    const log = await open();
    const ids = Array.from({ length: 200 }, (_, index) => `r${index}`);
    await Promise.all(ids.map((id) => log.record(entryOf(id))));
    const texts = await textsOf(store);
    expect(requestsOf(texts)).toEqual(ids);
    expect(verifyChain(texts)).toMatchObject([{ ok: true, events: 200, firstSeq: 1 }]);
    expect(unseal(texts[0]!)?.time).toBe('2026-01-02T00:00:00.000Z');
  });

  it('goes on behind the last event, as the same instance, after it was opened again', async () => {
    const first = await open();
    await first.record(entryOf('a'));
    await first.close();
    const second = await open();
    await second.record(entryOf('b'));
    expect(second.state()).toMatchObject({ instance: first.state().instance, depthEvents: 2, redis: 'off' });
    expect(verifyChain(await textsOf(store))).toMatchObject([{ ok: true, events: 2 }]);
  });

  it('refuses what the spool has no room for, and takes nothing from the chain by it', async () => {
    const log = await open({ ...TEST_LIMITS, spoolBytesMax: 3_000 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => log.record(entryOf(`r${index}`))),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) {
      expect(reason).toBeInstanceOf(PrivetError);
      expect(reason).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    }
    expect(log.state().full).toBe(true);
    expect(log.state().bytes).toBeLessThanOrEqual(3_000);
    expect(verifyChain(await textsOf(store))).toMatchObject([{ ok: true, events: 20 - refused.length }]);
  });

  it('refuses while the disk is full, and goes on when there is room', async () => {
    let isFull = false;
    const log = await open(
      TEST_LIMITS,
      faulty(store, () => (isFull ? 'before' : 'none')),
    );
    await log.record(entryOf('a'));
    isFull = true;
    await expect(log.record(entryOf('b'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    isFull = false;
    await log.record(entryOf('c'));
    expect(requestsOf(await textsOf(store))).toEqual(['a', 'c']);
  });

  it('refuses to record once closed, after writing what it had been given', async () => {
    const log = await open();
    const last = log.record(entryOf('last'));
    await log.close();
    await last;
    await expect(log.record(entryOf('late'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it('does not open on a spool whose last event is gone', async () => {
    const log = await open();
    await log.record(entryOf('a'));
    await log.record(entryOf('b'));
    await store.write([{ delete: 'audit/event/0000000000000002' }]);
    await expect(open()).rejects.toThrow(/damaged/);
  });

  it('keeps every acknowledged event and a whole chain, whichever writes fail and however', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'before', 'after'), { maxLength: 12 });
    const groups = fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(faults, groups, async (plan, sizes) => {
        await store.write([{ deleteRange: { from: 'audit/', to: 'audit/\x7f' } }]);
        const left = [...plan];
        const isArmed = { now: false };
        const log = await open(
          TEST_LIMITS,
          faulty(store, () => (isArmed.now ? (left.shift() ?? 'none') : 'none')),
        );
        isArmed.now = true;
        const acknowledged: string[] = [];
        let next = 0;
        for (const size of sizes) {
          const group = Array.from({ length: size }, (_, index) => `r${next + index}`);
          next += size;
          const outcomes = await Promise.allSettled(group.map((request) => log.record(entryOf(request))));
          acknowledged.push(...group.filter((_, index) => outcomes[index]?.status === 'fulfilled'));
        }
        isArmed.now = false;
        await log.record(entryOf('last'));
        const texts = await textsOf(store);
        expect(verifyChain(texts)).toMatchObject([{ ok: true, events: texts.length }]);
        const kept = requestsOf(texts);
        // Those whose outcome was not known may be there as well; the order is that of the calls.
        expect(kept.filter((request) => acknowledged.includes(request ?? ''))).toEqual(acknowledged);
        expect(kept.at(-1)).toBe('last');
      }),
      { numRuns: 60 },
    );
  });
});

describe('the audit log of a process that dies', () => {
  it('holds every event that was acknowledged before kill -9, and goes on', async () => {
    const directory = temporaryDirectory();
    const acknowledged = new Set<string>();
    for (let round = 1; round <= 3; round += 1) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'record-for-ever.ts'), directory.path, `round${round}`],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      createInterface({ input: child.stdout }).on('line', (id) => acknowledged.add(id));
      while (acknowledged.size < round * 2_000) await sleep(5);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const store = openEmbedded(directory.path, TEST_LIMITS);
    const log = await openAuditLog({ store, clock: Date.now, limits: TEST_LIMITS });
    await log.record(entryOf('after'));
    const texts = await textsOf(store);
    const kept = new Set(requestsOf(texts));
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(verifyChain(texts)).toMatchObject([{ ok: true, events: texts.length, lastSeq: texts.length }]);
    await log.close();
    await store.close();
    directory.remove();
  });

  it('has acknowledged nothing that a disk refused to take', async () => {
    const directory = temporaryDirectory();
    // A limit on file size: page writes beyond 1 MB fail.
    const child = spawn(
      'bash',
      [
        '-c',
        `trap "" XFSZ; ulimit -f 1024; exec "$0" "$@"`,
        process.execPath,
        join(import.meta.dirname, 'record-until-refused.ts'),
        directory.path,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await once(child, 'close');
    const acknowledged = lines.filter((line) => line !== 'AUDIT_UNAVAILABLE');
    expect(acknowledged.length).toBeGreaterThan(100);
    const store = openEmbedded(directory.path, TEST_LIMITS);
    const log = await openAuditLog({ store, clock: Date.now, limits: TEST_LIMITS });
    await log.record(entryOf('after'));
    const texts = await textsOf(store);
    expect(requestsOf(texts)).toEqual([...acknowledged, 'after']);
    expect(verifyChain(texts)).toMatchObject([{ ok: true }]);
    await log.close();
    await store.close();
    directory.remove();
  });
});
