import { type ChildProcess, spawn } from 'node:child_process';
import { hash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unseal } from '../../src/audit/chain.ts';
import { readEventsAfter, spoolDirectory } from '../../src/audit/spool.ts';
import type { AuditEvent } from '../../src/model/audit-event.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { freePort } from '../fixtures/redis.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'src', 'main.ts');

/** What callers of these tests send as their API key, and the roles it gives them. */
export const KEYS = { support: randomUUID(), officer: randomUUID() } as const;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Privet as operators run it: a process of its own. */
export interface PrivetProcess {
  readonly pid: number;
  /** All of standard output and standard error so far. */
  readonly output: () => string;
  readonly errors: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exited: Promise<Exit>;
  /** Open sockets of the process. */
  readonly sockets: () => number;
}

/** A directory with configuration, policies and data, and the address that goes with it. */
export interface Premises {
  readonly directory: string;
  readonly configFile: string;
  readonly policies: string;
  readonly url: string;
  readonly adminUrl: string;
  readonly proxyPort: number;
  /** Writes the configuration anew, with these sections in place of the usual ones. */
  readonly configure: (sections: Readonly<Record<string, unknown>>) => void;
  /** Begins `privet serve` and does not wait for it. */
  readonly begin: (environment?: NodeJS.ProcessEnv) => PrivetProcess;
  /** Starts `privet serve` and waits until it is ready. */
  readonly start: (environment?: NodeJS.ProcessEnv) => Promise<PrivetProcess>;
  /** Runs a command to its end. */
  readonly run: (
    command: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ) => Promise<Exit & { output: string }>;
  readonly readiness: () => Promise<{ status: number; body: Readonly<Record<string, unknown>> }>;
  /** Value of a metric without labels, or of one label set as it stands in the text. */
  readonly metric: (name: string) => Promise<number>;
  /** Events in the spool. */
  readonly spooled: () => Promise<readonly AuditEvent[]>;
  /** Ends what still runs and removes the directory. */
  readonly close: () => Promise<void>;
}

/** Premises in front of one Salesforce at `upstreamUrl`, with the example policies. */
export async function premises(
  upstreamUrl: string,
  sections: Readonly<Record<string, unknown>> = {},
): Promise<Premises> {
  const directory = mkdtempSync(join(tmpdir(), 'privet-chaos-'));
  const configFile = join(directory, 'config.yaml');
  const policies = join(directory, 'policies');
  mkdirSync(policies);
  cpSync(join(ROOT, 'policies', 'example'), policies, { recursive: true });
  for (const name of readdirSync(policies)) if (name.includes('_test.')) rmSync(join(policies, name));
  const [proxyPort, adminPort] = [await freePort(), await freePort()];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const running = new Set<ChildProcess>();

  const configure: Premises['configure'] = (changed) => {
    const keys = Object.entries(KEYS).map(([id, key]) => ({
      id,
      sha256: hash('sha256', key),
      roles: id === 'officer' ? ['privacy-officer', 'data-export-officer'] : [id],
      purposes: ['support'],
    }));
    const config = {
      listen: { port: proxyPort },
      admin: { port: adminPort },
      upstreams: [
        { name: 'sales', crm: 'salesforce', url: upstreamUrl },
        // The example policies speak of it; nobody is there.
        { name: 'news', crm: 'hubspot', url: 'http://127.0.0.1:9', match: { prefix: '/hubspot' } },
      ],
      identity: [{ apiKey: { keys } }],
      policies: { path: './policies', include: ['packs/salesforce', 'packs/hubspot'] },
      ...sections,
      ...changed,
    };
    // JSON is YAML.
    writeFileSync(configFile, JSON.stringify(config));
  };
  configure({});

  const launch = (command: readonly string[], environment: NodeJS.ProcessEnv = {}): Launched => {
    const child = spawn(process.execPath, [MAIN, ...command], {
      cwd: directory,
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'privet-chaos-code'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const texts = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
    const exited = once(child, 'close').then(([code, signal]: unknown[]) => {
      running.delete(child);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    return { child, texts, exited };
  };

  const readiness: Premises['readiness'] = async () => {
    const answer = await fetch(`${adminUrl}/readyz`);
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  };

  const begin: Premises['begin'] = (environment) => {
    const { child, texts, exited } = launch(['serve', '--config', configFile], environment);
    return {
      pid: child.pid ?? 0,
      output: () => texts.out + texts.err,
      errors: () => texts.err,
      kill: (signal) => child.kill(signal),
      exited,
      sockets: () => socketsOf(child.pid ?? 0),
    };
  };

  return {
    directory,
    configFile,
    policies,
    url: `http://127.0.0.1:${proxyPort}`,
    adminUrl,
    proxyPort,
    configure,
    readiness,
    begin,
    start: async (environment) => {
      const privet = begin(environment);
      let isOver = false;
      void privet.exited.then(() => (isOver = true));
      // The proxy's own port opens last.
      while (!privet.output().includes('"listening"') || !(await isReady(readiness))) {
        if (isOver) throw new Error(`Privet did not start: ${privet.output()}`);
        await sleep(10);
      }
      return privet;
    },
    run: async (command, environment) => {
      const { texts, exited } = launch(command, environment);
      return { ...(await exited), output: texts.out + texts.err };
    },
    metric: async (name) => {
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    spooled: () => eventsIn(join(directory, 'data')),
    close: async () => {
      for (const child of running) {
        child.kill('SIGCONT');
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly child: ChildProcess;
  readonly texts: { out: string; err: string };
  readonly exited: Promise<Exit>;
}

async function isReady(readiness: Premises['readiness']): Promise<boolean> {
  try {
    return (await readiness()).status === 200;
  } catch {
    return false;
  }
}

function socketsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  const kinds = readdirSync(directory).map((name) => {
    try {
      return readlinkSync(join(directory, name));
    } catch {
      return '';
    }
  });
  return kinds.filter((kind) => kind.startsWith('socket:')).length;
}

async function eventsIn(store: string): Promise<readonly AuditEvent[]> {
  const reading = openJournalReader(spoolDirectory(store));
  try {
    const events = (await readEventsAfter(reading, 0, 1_000_000)).map(({ text }) => unseal(text));
    return events.filter((event) => event !== undefined);
  } finally {
    reading.close();
  }
}
