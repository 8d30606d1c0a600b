import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { PrivetError } from '../../errors.ts';
import type { Entry, GuardedWrite, Store, Write } from '../../store/store.ts';
import { inTurns, type VaultContext } from '../context.ts';
import { readEntries } from '../entries.ts';
import { holderOf } from '../holder/holder.ts';
import { FIRST_VERSION } from '../keys/keyring.ts';
import {
  CLAIMS,
  claimKey,
  claimsOf,
  holdingsOf,
  lastSegment,
  markKey,
  RESULTS,
  resultKey,
} from '../places.ts';
import { decodeMark, encodeMark, pendingMark } from './mark.ts';
import { type Bonded, bondOf, dropRepeated } from './repeated.ts';

/** Salesforce keeps the results of a job for seven days. */
const CLAIM_MS = 7 * 86_400_000;
const UPLOAD_BYTES = 12;
/** Every round somebody gets further. */
const ROUNDS_MAX = 256;

/** Names a row of an upload among its results, which repeat what was uploaded. */
export interface RowName {
  /** The CRM's own id of the job. */
  readonly job: string;
  /** Column and token of each cell that was replaced, in the order of the row. */
  readonly tokens: readonly (readonly [column: string, token: string])[];
}

export interface UploadedRow {
  readonly row: RowName;
  readonly provisional: string;
  /** Id of the upload in which the row was sent. */
  readonly upload: string;
}

/** An id for one upload: a job may be uploaded to more than once. */
export function newUpload(): string {
  return randomBytes(UPLOAD_BYTES).toString('base64url');
}

export interface RowResult {
  readonly row: RowName;
  /**
   * All of the result as the CRM tells it: the same at every reading, and another than that of a row with the same
   * tokens.
   */
  readonly line: string;
  /** The data subject it has become; undefined when the CRM refused it. */
  readonly dataSubject: { readonly id: string } | undefined;
}

/** Remembers whose the tokens of uploaded rows are until the CRM tells their ids. */
export async function rememberRows(
  { store, clock }: { readonly store: Pick<Store, 'write'>; readonly clock: Clock },
  rows: readonly UploadedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const at = clock();
  await store.write(
    rows.map(({ row, provisional, upload }) => ({
      put: claimKey(digestOf(row), provisional),
      value: encode({ at, upload }),
    })),
  );
}

/**
 * Gives back the tokens of an upload of which no row has become a record. Its cost grows with the number of unclaimed
 * rows.
 */
export async function refuseRows(context: VaultContext, upload: string): Promise<void> {
  const { store, limits } = context;
  for await (const entries of readEntries(store, CLAIMS, limits.vaultBatchMax)) {
    const own = entries.filter(({ value }) => decode(value).upload === upload);
    const guarded = await Promise.all(own.map((claim) => settled(context, claim, undefined)));
    if (guarded.length > 0) await store.writeIf(guarded);
  }
}

/**
 * Takes the results of an upload: rows that have become records are bound to their data subjects, the tokens of rows
 * that were refused are given back. Rows with the same tokens can be taken for each other, since their values are the
 * same; but no result counts twice, or a row that the CRM took would lose its token by the refusal of another. A result
 * that is read twice changes nothing.
 */
export async function settleRows(context: VaultContext, results: readonly RowResult[]): Promise<void> {
  for (const turn of inTurns(results, context.limits.vaultBatchMax)) {
    let open = turn;
    for (let round = 0; open.length > 0; round++) {
      if (round === ROUNDS_MAX)
        throw new PrivetError('VAULT_UNAVAILABLE', 'Others read the same results all the time.');
      open = await settleTurn(context, open);
    }
  }
}

/** @returns those that others came between, such as who reads the failed rows while the others are read */
async function settleTurn(context: VaultContext, results: readonly RowResult[]): Promise<RowResult[]> {
  const unread = Map.groupBy(await unreadResults(context, results), ({ digest }) => digest);
  const steps = await Promise.all(
    Array.from(unread, async ([digest, own]) => {
      const claims = await context.store.page(claimsOf(digest), own.length + 1);
      const isLast = claims.length <= own.length;
      return Promise.all(
        own.flatMap((one, index) => {
          const claim = claims[index];
          return claim === undefined ? [] : [settledOnce(context, claim, one, isLast)];
        }),
      );
    }),
  );
  const all = steps.flat();
  if (all.length === 0) return [];
  const conflicts = await context.store.writeIf(all.map(({ guarded }) => guarded));
  const done = all.filter((_, index) => conflicts[index] === undefined);
  await Promise.all(
    done.flatMap(({ bonded }) => (bonded === undefined ? [] : [dropRepeated(context, bonded)])),
  );
  return all.filter((_, index) => conflicts[index] !== undefined).map(({ result }) => result);
}

interface SettledRow {
  readonly result: RowResult;
  readonly guarded: GuardedWrite;
  /** Undefined when the CRM refused the row. */
  readonly bonded: Bonded | undefined;
}

interface UnreadResult {
  readonly digest: string;
  /** Where it is noted that the result was read. */
  readonly place: string;
  readonly result: RowResult;
}

async function unreadResults(
  { store, keyring }: VaultContext,
  results: readonly RowResult[],
): Promise<readonly UnreadResult[]> {
  const unread = new Map<string, UnreadResult>();
  for (const result of results) {
    const digest = digestOf(result.row);
    const place = resultKey(digest, keyring.hmac('vault upload result', FIRST_VERSION)(result.line));
    unread.set(place, { digest, place, result });
  }
  const read = await store.getMany([...unread.keys()]);
  return [...unread.values()].filter((_, index) => read[index] === undefined);
}

/** @param isLast no other row with these tokens waits for its result */
async function settledOnce(
  context: VaultContext,
  claim: Entry,
  { place, result }: UnreadResult,
  isLast: boolean,
): Promise<SettledRow> {
  const { dataSubject } = result;
  const bonded = dataSubject && {
    provisional: lastSegment(claim.key),
    holder: holderOf(context.keyring, dataSubject),
  };
  const { expect, writes } = await settled(context, claim, dataSubject);
  if (isLast) return { result, bonded, guarded: { expect, writes } };
  const guarded = {
    expect: [...expect, { key: place, value: undefined }],
    writes: [...writes, { put: place, value: claim.value }],
  };
  return { result, bonded, guarded };
}

async function settled(
  context: VaultContext,
  { key, value }: Entry,
  dataSubject: RowResult['dataSubject'],
): Promise<GuardedWrite> {
  const writes = await writesFor(context, lastSegment(key), dataSubject);
  return { expect: [{ key, value }], writes: [{ delete: key }, ...writes] };
}

async function writesFor(
  { store, keyring, clock, limits }: VaultContext,
  provisional: string,
  dataSubject: RowResult['dataSubject'],
): Promise<GuardedWrite['writes']> {
  if (dataSubject !== undefined) {
    return [bondOf({ holder: holderOf(keyring, dataSubject), provisional }, clock())];
  }
  const refused = encodeMark({ ...decodeMark(pendingMark(clock())), state: 'refused' });
  const holdings = await store.page(holdingsOf(provisional), limits.vaultBatchMax);
  return holdings.map(({ key }) => ({ put: markKey(lastSegment(key), provisional), value: refused }));
}

/** Forgets rows whose results were never read and are no longer kept by the CRM. */
export async function forgetRows({ store, clock, limits }: VaultContext): Promise<void> {
  const latest = clock() - CLAIM_MS;
  for (const range of [CLAIMS, RESULTS]) {
    for await (const entries of readEntries(store, range, limits.vaultBatchMax)) {
      const old = entries.filter(({ value }) => decode(value).at <= latest);
      if (old.length > 0) await store.write(old.map(({ key }): Write => ({ delete: key })));
    }
  }
}

interface Claim {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly upload: string;
}

function encode({ at, upload }: Claim): Buffer {
  return Buffer.from(`${at} ${upload}`);
}

function decode(value: Uint8Array): Claim {
  const [at, upload = ''] = Buffer.from(value).toString().split(' ');
  return { at: Number(at), upload };
}

function digestOf({ job, tokens }: RowName): string {
  return hash('sha256', JSON.stringify([job, tokens]), 'base64url');
}
