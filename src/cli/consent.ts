import { createHash, type Hash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { consentOptions, consentReading, eventReading } from '../app/consent.ts';
import { ringPlace } from '../app/keyring.ts';
import { type Plan, planHouse } from '../app/plan.ts';
import { errorCode } from '../config/error-code.ts';
import type { ErasedHistory } from '../consent/erase.ts';
import { history, standings } from '../consent/look-up.ts';
import { type OpenConsentRegistry, openConsentRegistry } from '../consent/open-registry.ts';
import { describePerson } from '../consent/words.ts';
import { type Imported, importCsv } from '../consent/written/import-csv.ts';
import { peopleNamed } from '../consent/written/people-named.ts';
import { formatProblem } from '../document/problem.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import { openEmbedded } from '../store/embedded.ts';
import { openRedis } from '../store/redis.ts';
import type { Store } from '../store/store.ts';
import { StoreInUse } from '../store/writer-lock.ts';
import { type Keyring, openKeyring } from '../vault/keys/keyring.ts';
import { checkRing, compareRing } from '../vault/upkeep/ring-check.ts';
import type { ExitCode } from './exit-code.ts';
import { type Done, digestOf, onRecord } from './on-record.ts';
import { createProgress, type Progress } from './progress.ts';
import { readVaultStore } from './vault-store.ts';

interface ConsentOptions {
  readonly config: string;
}

/** `privet consent import`: exit status 1 when a row was refused; the good ones are imported anyway. */
export function importConsent(file: string, options: ConsentOptions): Promise<ExitCode> {
  return withPlan(options, async (plan, keyring) => {
    const bytes = sizeOf(file);
    if (bytes === undefined) return 1;
    const store = await openForWriting(
      plan,
      'stop it, or send the events to its admin API (POST /api/consent/events)',
    );
    if (store === undefined) return 1;
    try {
      await checkRing({ store, keyring });
      const change = {
        name: 'consent import',
        files: [await digestOf(file)],
        policySet: plan.policies.hash,
      };
      return await onRecord(plan.config, change, () => importFrom(file, bytes, plan, store, keyring));
    } finally {
      await store.close();
    }
  });
}

async function importFrom(
  file: string,
  bytes: number,
  plan: Plan,
  store: Store,
  keyring: Keyring,
): Promise<Done> {
  const registry = await openConsentRegistry({ ...consentOptions(plan.config, keyring), store });
  const progress = createProgress(bytes);
  // Of the bytes as they were read: the file may change meanwhile.
  const digest = createHash('sha256');
  try {
    const imported = await importCsv(chunksOf(file, progress, digest), {
      registry,
      reading: eventReading(plan, () => plan.policies, 'import'),
      limits: plan.config.limits,
      complain: (line, message) => progress.say(`${file}:${line}: ${message}`),
    });
    progress.end();
    process.stdout.write(`${summary(imported)}\n`);
    const exitCode = imported.refused === 0 ? 0 : 1;
    return { exitCode, counts: { ...imported }, files: [digest.digest('hex')] };
  } finally {
    progress.end();
    registry.close();
  }
}

async function* chunksOf(file: string, progress: Progress, digest: Hash): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    digest.update(chunk);
    yield chunk;
    done += chunk.length;
    progress.show(done);
  }
}

function events(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}

function summary({ appended, known, refused }: Imported): string {
  const parts = [
    appended === 0 ? 'nothing changed' : `${events(appended)} imported`,
    ...(known > 0 ? [`${known} on record already`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
  ];
  return parts.join(', ');
}

/**
 * `privet consent show`: exit status 1 when nothing is known of anybody by that e-mail address, telephone number or id.
 */
export function showConsent(value: string, options: ConsentOptions): Promise<ExitCode> {
  return withPlan(options, async (plan, keyring) => {
    const store = await readVaultStore(plan.config);
    try {
      await compareRing({ store, keyring });
      const reading = consentReading(plan.config, keyring, store);
      const written = eventReading(plan, () => plan.policies, 'import');
      let isKnown = false;
      for (const { as, who } of peopleNamed(value, written)) {
        const said = await history(reading, who);
        if (said.length === 0) continue;
        const [standing] = await standings(reading, [who]);
        isKnown = true;
        if (standing === undefined) continue;
        const lines = describePerson(as, { standing, said }, written.purposes(), reading.clock());
        process.stdout.write(`${lines.join('\n')}\n`);
      }
      if (!isKnown) process.stderr.write('nothing is known of anybody by that e-mail, phone or id\n');
      return isKnown ? 0 : 1;
    } finally {
      await store.close();
    }
  });
}

export interface EraseConsentOptions extends ConsentOptions {
  /** Withdrawals and objections too. */
  readonly all?: boolean;
}

/**
 * `privet consent erase`: exit status 1 when nothing is known of anybody by that value, or when they are restricted.
 */
export function eraseConsent(
  value: string,
  { all = false, ...options }: EraseConsentOptions,
): Promise<ExitCode> {
  return withPlan(options, async (plan, keyring) => {
    const store = await openForWriting(plan, 'stop it first');
    if (store === undefined) return 1;
    try {
      await checkRing({ store, keyring });
      const registry = await openConsentRegistry({ ...consentOptions(plan.config, keyring), store });
      const reading = eventReading(plan, () => plan.policies, 'erase');
      const people = peopleNamed(value, reading).map(({ who }) => who);
      const change = {
        name: 'consent erase',
        dataSubjects: people.flatMap((who) => registry.pseudonyms(who)),
        policySet: plan.policies.hash,
      };
      return await onRecord(plan.config, change, () => eraseAll(registry, people, all)).finally(
        registry.close,
      );
    } finally {
      await store.close();
    }
  });
}

async function eraseAll(
  registry: Pick<OpenConsentRegistry, 'erase'>,
  people: readonly DataSubjectKeys[],
  all: boolean,
): Promise<Done> {
  const done: ErasedHistory[] = [];
  for (const who of people) done.push(await registry.erase(who, { all }));
  if (done.some(({ isRestricted }) => isRestricted === true)) {
    process.stderr.write(
      'nothing is erased: their processing is restricted, and they may need what is on record (GDPR Art. 18). End that first, by an event restriction-ended\n',
    );
    return { exitCode: 1 };
  }
  const erased = done.reduce((sum, one) => sum + one.erased, 0);
  const kept = done.reduce((sum, one) => sum + one.kept, 0);
  if (erased + kept === 0) process.stderr.write('nothing is known of anybody by that e-mail, phone or id\n');
  else process.stdout.write(`${events(erased)} erased\n`);
  if (kept > 0) {
    process.stdout.write(
      `${events(kept)} kept, under keyed hashes alone, so that what was withdrawn, objected to and restricted is respected; --all erases them too\n`,
    );
  }
  return { exitCode: erased + kept === 0 ? 1 : 0, counts: { erased, kept } };
}

/** Ids are resolved by the data maps, so everything that the configuration names is read and must be valid. */
async function withPlan(
  { config }: ConsentOptions,
  use: (plan: Plan, keyring: Keyring) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { plan, problems } = await planHouse(config, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  return plan === undefined ? 1 : use(plan, await openKeyring(ringPlace(plan.config)));
}

function sizeOf(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch (error) {
    process.stderr.write(`${file}:1: cannot be read (${errorCode(error)}), expected a CSV file\n`);
    return undefined;
  }
}

/** @param remedy what to do about a running Privet, which has the embedded store to itself */
async function openForWriting({ config }: Plan, remedy: string): Promise<Store | undefined> {
  const { embedded, redis } = config.store;
  if (redis !== undefined) return openRedis(redis, config.limits);
  try {
    return openEmbedded(embedded, config.limits);
  } catch (error) {
    if (!(error instanceof StoreInUse)) throw error;
    process.stderr.write(`the embedded store is in use by a running \`privet serve\`: ${remedy}\n`);
    return undefined;
  }
}
