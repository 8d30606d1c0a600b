import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unseal } from '../../src/audit/chain.ts';
import { type AuditLog, openAuditLog } from '../../src/audit/log.ts';
import { readEventsAfter } from '../../src/audit/spool.ts';
import { PrivetError } from '../../src/errors.ts';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import type { JournalReader } from '../../src/store/journal-reader.ts';
import { entryOf, TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { disk, type Fault } from '../fixtures/faulty-disk.ts';
import { verifyChain } from './verify-chain.ts';

vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('../fixtures/faulty-disk.ts');
  return faultyDisk(await original());
});

/** Many files for few events. */
const SEGMENT_BYTES = 16_384;

async function textsOf(journal: Pick<JournalReader, 'after'>): Promise<string[]> {
  return (await readEventsAfter(journal, 0, 1_000_000)).map(({ text }) => text);
}

function requestsOf(texts: readonly string[]): (string | undefined)[] {
  return texts.map((text) => unseal(text)?.request?.id);
}

describe('the audit log', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let journal: Journal;
  const open = (limits = TEST_LIMITS): Promise<AuditLog> =>
    openAuditLog({ journal, clock: () => Date.UTC(2026, 0, 2), limits });
  const openDirectory = async (): Promise<void> => {
    directory = temporaryDirectory();
    journal = await openJournal(directory.path, TEST_LIMITS, SEGMENT_BYTES);
  };
  const leaveDirectory = async (): Promise<void> => {
    disk.next = () => 'none';
    await journal.close();
    directory.remove();
  };

  beforeEach(openDirectory);
  afterEach(leaveDirectory);

  it('has an event on disk, in the order of the calls, when record resolves', async () => {
    const log = await open();
    const ids = Array.from({ length: 200 }, (_, index) => `r${index}`);
    await Promise.all(ids.map((id) => log.record(entryOf(id))));
    const texts = await textsOf(journal);
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
    expect(verifyChain(await textsOf(journal))).toMatchObject([{ ok: true, events: 2 }]);
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
    expect(verifyChain(await textsOf(journal))).toMatchObject([{ ok: true, events: 20 - refused.length }]);
  });

  it('refuses while the disk is full, and goes on when there is room', async () => {
    const log = await open();
    await log.record(entryOf('a'));
    disk.next = () => 'before';
    await expect(log.record(entryOf('b'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(log.state().writable).toBe(false);
    disk.next = () => 'none';
    await log.record(entryOf('c'));
    expect(log.state().writable).toBe(true);
    expect(requestsOf(await textsOf(journal))).toEqual(['a', 'c']);
  });

  it('closes while the disk is full, and is whole when it is opened again', async () => {
    const full = { ...journal, writeNote: () => Promise.reject(new Error('No space left on device.')) };
    await (await open()).close();
    const log = await openAuditLog({ journal: full, clock: Date.now, limits: TEST_LIMITS });
    await log.record(entryOf('a'));
    await log.close();
    const next = await open();
    await next.record(entryOf('b'));
    expect(verifyChain(await textsOf(journal))).toMatchObject([{ ok: true, events: 2 }]);
  });

  it('refuses to record once closed, after writing what it had been given', async () => {
    const log = await open();
    const last = log.record(entryOf('last'));
    await log.close();
    await last;
    await expect(log.record(entryOf('late'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it.each([
    ['its last event is gone', (texts: string[]) => texts.slice(0, 1), /does not end with event 2/],
    [
      'its last event is another one',
      (texts: string[]) => texts.with(1, texts[0]!),
      /does not end with event 2/,
    ],
  ])('does not open on a spool when %s', async (_what, tamper, expected) => {
    const log = await open();
    await log.record(entryOf('a'));
    await log.record(entryOf('b'));
    await log.close();
    const [texts, note] = [await textsOf(journal), String(journal.note())];
    await leaveDirectory();
    await openDirectory();
    await journal.append(tamper(texts).map((text) => Buffer.from(text)));
    await journal.writeNote(note);
    await expect(open()).rejects.toThrow(expected);
  });

  it('does not open on a spool whose note is gone', async () => {
    await journal.append([Buffer.from('an event')]);
    await expect(open()).rejects.toThrow(/its note is missing/);
  });

  it('keeps every acknowledged event and a whole chain, whichever writes fail and however', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'before', 'half', 'after'), {
      maxLength: 20,
    });
    const groups = fc.array(fc.record({ size: fc.nat({ max: 8 }), reopens: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(faults, groups, async (plan, steps) => {
        await leaveDirectory();
        await openDirectory();
        let log = await open();
        const left = [...plan];
        disk.next = () => left.shift() ?? 'none';
        const acknowledged: string[] = [];
        let next = 0;
        for (const { size, reopens } of steps) {
          const group = Array.from({ length: size }, (_, index) => `r${next + index}`);
          next += size;
          const outcomes = await Promise.allSettled(group.map((request) => log.record(entryOf(request))));
          acknowledged.push(...group.filter((_, index) => outcomes[index]?.status === 'fulfilled'));
          if (!reopens) continue;
          // As after a crash: nothing is noted of what was recorded last.
          await journal.close();
          journal = await openJournal(directory.path, TEST_LIMITS, SEGMENT_BYTES);
          log = await open();
        }
        disk.next = () => 'none';
        await log.record(entryOf('last'));
        const texts = await textsOf(journal);
        expect(verifyChain(texts)).toMatchObject([{ ok: true, events: texts.length }]);
        const kept = requestsOf(texts);
        // After a crash those whose outcome was not known may be there as well; the order is that of the calls.
        expect(kept.filter((request) => acknowledged.includes(request ?? ''))).toEqual(acknowledged);
        expect(kept.at(-1)).toBe('last');
        expect(new Set(kept).size).toBe(kept.length);
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
    const journal = await openJournal(directory.path, TEST_LIMITS);
    const log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS });
    await log.record(entryOf('after'));
    const texts = await textsOf(journal);
    const kept = new Set(requestsOf(texts));
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(verifyChain(texts)).toMatchObject([{ ok: true, events: texts.length, lastSeq: texts.length }]);
    await log.close();
    await journal.close();
    directory.remove();
  });

  it('has acknowledged nothing that a disk refused to take, and goes on when it takes again', async () => {
    const directory = temporaryDirectory();
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'record-until-refused.ts'), directory.path],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    // With a limit on file sizes of 0 every write fails with EFBIG.
    const limitFiles = (size: string) =>
      execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${size}:unlimited`]);
    const closed = once(child, 'close');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const isFirstRefusal = line === 'AUDIT_UNAVAILABLE' && !lines.includes(line);
      lines.push(line);
      if (lines.length === 200) limitFiles('0');
      else if (isFirstRefusal) limitFiles('unlimited');
    }
    await closed;
    expect(lines).toContain('AUDIT_UNAVAILABLE');
    const acknowledged = lines.filter((line) => line !== 'AUDIT_UNAVAILABLE');
    expect(acknowledged.length).toBeGreaterThan(200);
    const journal = await openJournal(directory.path, TEST_LIMITS);
    const log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS });
    await log.record(entryOf('after'));
    const texts = await textsOf(journal);
    expect(requestsOf(texts)).toEqual([...acknowledged, 'after']);
    expect(verifyChain(texts)).toMatchObject([{ ok: true }]);
    await log.close();
    await journal.close();
    directory.remove();
  });
});
