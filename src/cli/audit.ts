import { existsSync } from 'node:fs';
import { type AuditSources, verifyAudit } from '../audit/query.ts';
import { commandSpoolDirectory, spoolDirectory } from '../audit/spool.ts';
import { tailEvents } from '../audit/tail.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../document/problem.ts';
import { openJournalReader } from '../store/journal-reader.ts';
import type { ExitCode } from './exit-code.ts';

interface AuditOptions {
  readonly config: string;
}

/** `privet audit tail`: every event there is, then every event that comes, one a line. */
export function auditTail(options: AuditOptions): Promise<ExitCode> {
  return withSources(options, async (sources) => {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
    process.stdout.once('error', () => stop.abort());
    for await (const event of tailEvents(sources, { from: 'start', follow: true, signal: stop.signal })) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
    }
    return 0;
  });
}

/** `privet audit verify`: exit status 1 at the first break, naming it. */
export function auditVerify(options: AuditOptions): Promise<ExitCode> {
  return withSources(options, async (sources) => {
    const { ok, instances } = await verifyAudit(sources);
    for (const report of instances) process.stdout.write(`${JSON.stringify(report)}\n`);
    process.stdout.write(ok ? 'the chain holds\n' : 'the chain is broken\n');
    return ok ? 0 : 1;
  });
}

async function withSources(
  options: AuditOptions,
  use: (sources: AuditSources) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { config, problems } = loadConfig(options.config, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (config === undefined) return 1;
  const { store, audit, limits } = config;
  const directories = [spoolDirectory(store.embedded), commandSpoolDirectory(store.embedded)];
  if (audit.redis === undefined && !directories.some(existsSync)) {
    throw new Error(`There are no audit events in ${store.embedded}.`);
  }
  const spools = directories.map(openJournalReader);
  try {
    return await use({ spools, limits, ...audit });
  } finally {
    for (const spool of spools) spool.close();
  }
}
