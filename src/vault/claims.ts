import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { GuardedWrite, Store, Write } from '../store/store.ts';
import { inTurns, type VaultContext } from './context.ts';
import { readEntries } from './entries.ts';
import { holderOf } from './holder.ts';
import { decodeMark, encodeMark, pendingMark } from './mark.ts';
import { bondKey, CLAIMS, claimKey, claimsOf, holdingsOf, lastSegment, markKey } from './places.ts';

/** Salesforce keeps the results of a job for seven days. */
const CLAIM_MS = 7 * 86_400_000;

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
}

export interface RowResult {
  readonly row: RowName;
  /** The data subject it has become; undefined when the CRM refused it. */
  readonly dataSubject: { readonly id: string } | undefined;
}

/** Remembers whose the tokens of uploaded rows are until the CRM tells their ids. */
export async function rememberRows(
  { store, clock }: { readonly store: Pick<Store, 'write'>; readonly clock: Clock },
  rows: readonly UploadedRow[],
): Promise<void> {
  const value = Buffer.from(String(clock()));
  if (rows.length === 0) return;
  await store.write(
    rows.map(({ row, provisional }) => ({ put: claimKey(digestOf(row), provisional), value })),
  );
}

/**
 * Takes the results of an upload: rows that have become records are bound to their data subjects, the tokens of rows that were refused are given
 * back. Rows with the same tokens can be taken for each other, since their values are the same. A result that is read twice changes
 * nothing.
 */
export async function settleRows(context: VaultContext, results: readonly RowResult[]): Promise<void> {
  for (const turn of inTurns(results, context.limits.vaultBatchMax)) await settleTurn(context, turn);
}

async function settleTurn(context: VaultContext, results: readonly RowResult[]): Promise<void> {
  const byRow = Map.groupBy(results, ({ row }) => digestOf(row));
  const guarded = await Promise.all(
    Array.from(byRow, async ([digest, own]) => {
      const claims = await context.store.page(claimsOf(digest), own.length);
      return Promise.all(
        claims.map(async ({ key, value }, index): Promise<GuardedWrite> => {
          const writes = await writesFor(context, lastSegment(key), own[index]?.dataSubject);
          return { expect: [{ key, value }], writes: [{ delete: key }, ...writes] };
        }),
      );
    }),
  );
  const all = guarded.flat();
  if (all.length > 0) await context.store.writeIf(all);
}

async function writesFor(
  { store, keyring, clock, limits }: VaultContext,
  provisional: string,
  dataSubject: RowResult['dataSubject'],
): Promise<GuardedWrite['writes']> {
  if (dataSubject !== undefined) {
    return [{ put: bondKey(holderOf(keyring, dataSubject), provisional), value: Buffer.alloc(0) }];
  }
  const refused = encodeMark({ ...decodeMark(pendingMark(clock())), state: 'refused' });
  const holdings = await store.page(holdingsOf(provisional), limits.vaultBatchMax);
  return holdings.map(({ key }) => ({ put: markKey(lastSegment(key), provisional), value: refused }));
}

/** Forgets rows whose results nobody has read and the CRM has no more. */
export async function forgetRows({ store, clock, limits }: VaultContext): Promise<void> {
  const latest = clock() - CLAIM_MS;
  for await (const entries of readEntries(store, CLAIMS, limits.vaultBatchMax)) {
    const old = entries.filter(({ value }) => Number(Buffer.from(value).toString()) <= latest);
    if (old.length > 0) await store.write(old.map(({ key }): Write => ({ delete: key })));
  }
}

function digestOf({ job, tokens }: RowName): string {
  return hash('sha256', JSON.stringify([job, tokens]), 'base64url');
}
