import type { VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import { isProvisional } from '../holder/holder.ts';
import { readStoredKey } from '../holder/stored-key.ts';
import { BONDS, CLAIMS, HOLDER_KEYS, lastSegment, MARKS, RECORDS, SWEPT } from '../places.ts';
import { decodeMark } from '../token/mark.ts';
import { decodeRecord } from '../token/record.ts';
import { type LastSweep, readSweep } from './housekeeping.ts';

/** Counts of what the vault holds. No value, token or data subject is in them. */
export interface VaultStats {
  readonly tokens: number;
  readonly tokensByDomain: Readonly<Record<string, number>>;
  readonly tokensByKind: Readonly<Record<string, number>>;
  /**
   * Data keys by the version of the ring's key that wraps them: all under the active one once `keys rewrap` is through.
   */
  readonly dataKeysByVersion: Readonly<Record<string, number>>;
  readonly dataKeysErased: number;
  /** Created for people whose id the CRM has not told yet. */
  readonly provisionalUnbound: number;
  /** Rows uploaded in bulk whose results nobody has read yet. */
  readonly rowsUnclaimed: number;
  readonly usesPending: number;
  readonly usesRefused: number;
  /** Absent before the first sweep. */
  readonly lastSweep?: LastSweep;
}

export async function vaultStats({ store, limits }: VaultReading): Promise<VaultStats> {
  const pageSize = limits.vaultBatchMax;
  let tokens = 0;
  const byDomain = new Map<string, number>();
  const byKind = new Map<string, number>();
  for await (const entries of readEntries(store, RECORDS, pageSize)) {
    tokens += entries.length;
    for (const { value } of entries) {
      const { domain, kind } = decodeRecord(value);
      count(byDomain, domain);
      count(byKind, kind);
    }
  }
  const byVersion = new Map<string, number>();
  const provisional = new Set<string>();
  let dataKeysErased = 0;
  for await (const entries of readEntries(store, HOLDER_KEYS, pageSize)) {
    for (const { key, value } of entries) {
      const { wrapped } = readStoredKey(value);
      if (wrapped === undefined) dataKeysErased++;
      else count(byVersion, String(wrapped.version));
      if (wrapped !== undefined && isProvisional(lastSegment(key))) provisional.add(lastSegment(key));
    }
  }
  for await (const entries of readEntries(store, BONDS, pageSize)) {
    for (const { key } of entries) provisional.delete(lastSegment(key));
  }
  let rowsUnclaimed = 0;
  for await (const entries of readEntries(store, CLAIMS, pageSize)) rowsUnclaimed += entries.length;
  const uses = new Map<string, number>();
  for await (const entries of readEntries(store, MARKS, pageSize)) {
    for (const { value } of entries) count(uses, decodeMark(value).state);
  }
  const swept = await store.get(SWEPT);
  return {
    tokens,
    tokensByDomain: Object.fromEntries(byDomain),
    tokensByKind: Object.fromEntries(byKind),
    dataKeysByVersion: Object.fromEntries(byVersion),
    dataKeysErased,
    provisionalUnbound: provisional.size,
    rowsUnclaimed,
    usesPending: uses.get('pending') ?? 0,
    usesRefused: uses.get('refused') ?? 0,
    ...(swept === undefined ? {} : { lastSweep: readSweep(swept) }),
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
