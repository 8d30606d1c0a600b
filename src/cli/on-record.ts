import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditLog, openAuditLog } from '../audit/log.ts';
import { commandSpoolDirectory } from '../audit/spool.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { PrivetError } from '../errors.ts';
import type { AuditEntry, Command } from '../model/audit-event.ts';
import { type Journal, openJournal } from '../store/journal.ts';
import { StoreInUse } from '../store/writer-lock.ts';
import type { ExitCode } from './exit-code.ts';

/** What a command is about to do. */
export interface Change
  extends Pick<Command, 'name' | 'files'>,
    Pick<AuditEntry, 'dataSubjects' | 'policySet'> {}

/** What came of it. */
export interface Done extends Pick<Command, 'counts' | 'files'> {
  readonly exitCode: ExitCode;
}

/** Commands leave few events. */
const SEGMENT_BYTES = 65_536;
/** How long to wait while another command writes its event. */
const LOCK_WAIT_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Runs a command's work between two events of the audit trail: one before it, so that nothing is done that is not on
 * record, and one after it, with the result. They are in a chain of their own beside that of a running Privet, to which
 * no other process can write.
 * @throws PrivetError AUDIT_UNAVAILABLE, unless `posture.auditUnavailable` is `allow`
 */
export async function onRecord(
  config: Config,
  { name, files, ...about }: Change,
  run: () => Promise<Done>,
): Promise<ExitCode> {
  const command: Command = { name, account: account(), host: hostname(), ...(files && { files }) };
  const say = (more: Partial<AuditEntry>): Promise<void> =>
    record(config, { phase: 'command', ...about, command, ...more });
  await say({});
  let done: Done;
  try {
    done = await run();
  } catch (error) {
    await say({ outcome: 'failed' });
    throw error;
  }
  const { exitCode, ...result } = done;
  await say({ outcome: 'complete', command: { ...command, ...result } });
  return exitCode;
}

/** SHA-256 of a file, hex. */
export async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) digest.update(chunk);
  return digest.digest('hex');
}

async function record({ store, audit, limits, posture }: Config, entry: AuditEntry): Promise<void> {
  try {
    const journal = await openAlone(commandSpoolDirectory(store.embedded), limits);
    try {
      const log = await openAuditLog({ journal, clock: systemClock, limits, ...audit });
      try {
        await log.record(entry);
        await shipped(log, limits.auditShipTimeoutMs);
      } finally {
        await log.close();
      }
    } finally {
      await journal.close();
    }
  } catch (cause) {
    if (posture.auditUnavailable === 'deny')
      throw cause instanceof PrivetError ? cause : new PrivetError('AUDIT_UNAVAILABLE', undefined, { cause });
    process.stderr.write(
      `${entry.command?.name ?? ''}: the audit trail cannot be written, so it is not on record\n`,
    );
  }
}

/** Events that Redis does not take in time wait for the next command. */
async function shipped({ state }: AuditLog, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const { redis, awayBecause, depthEvents } = state();
    const isAway = redis === 'away' && awayBecause !== 'CONNECTING';
    if (depthEvents === 0 || redis === 'off' || isAway || performance.now() > end) return;
    await sleep(PAUSE_MS);
  }
}

async function openAlone(directory: string, limits: Config['limits']): Promise<Journal> {
  const end = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await openJournal(directory, limits, SEGMENT_BYTES);
    } catch (error) {
      if (!(error instanceof StoreInUse) || performance.now() > end) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** A container's account may have no name. */
function account(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
