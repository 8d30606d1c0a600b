import type { DataSubjectRef } from '../vault/holder.ts';
import type { Issued, StoredRecord } from './store-values.ts';
import type { VaultAccess } from './vault-access.ts';

/**
 * The CRM has answered a write: its tokens stand, or are given back.
 * @throws PrivetError VAULT_UNAVAILABLE; then they stay pending, and readable
 */
export async function settleIssued(vault: VaultAccess, { uses }: Issued, status: number): Promise<void> {
  if (uses.length === 0) return;
  if (status < 300) await vault.confirm(uses);
  // Of a server error nobody knows whether the write has happened.
  else if (status < 500) await vault.release(uses);
}

/** A record of a write whose data subject has an id now. */
export interface Bond {
  readonly provisional: string;
  readonly dataSubject: Extract<DataSubjectRef, { readonly id: string }>;
}

/**
 * Who the records of a write were about, by the CRM's answer: one id, results in the order of the records (Salesforce), or results with
 * the properties that were written (HubSpot), whose order is not promised.
 */
export function bondsOf(
  { records }: Issued,
  answer: unknown,
  subjectId: (object: string, id: string) => string,
): readonly Bond[] {
  const bond = ({ provisional, object }: StoredRecord, id: string): Bond[] =>
    provisional === undefined ? [] : [{ provisional, dataSubject: { id: subjectId(object, id) } }];
  if (Array.isArray(answer)) {
    return records.flatMap((record, index) => {
      const id = idOf(answer[index]);
      return id === undefined ? [] : bond(record, id);
    });
  }
  const [only, ...more] = records;
  const id = idOf(answer);
  if (only !== undefined && more.length === 0 && id !== undefined) return bond(only, id);
  const results: unknown = isObject(answer) ? answer['results'] : undefined;
  if (!Array.isArray(results)) return [];
  const open = new Set(records);
  return results.flatMap((result: unknown) => {
    const own = idOf(result);
    const record = own === undefined ? undefined : [...open].find((one) => holds(result, one));
    if (own === undefined || record === undefined) return [];
    open.delete(record);
    return bond(record, own);
  });
}

/** Records with the same tokens can be taken for each other: their values are the same. */
function holds(result: unknown, { tokens }: StoredRecord): boolean {
  const properties = isObject(result) ? result['properties'] : undefined;
  return isObject(properties) && [...tokens].every(([field, token]) => properties[field] === token);
}

function idOf(result: unknown): string | undefined {
  const id = isObject(result) ? result['id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
