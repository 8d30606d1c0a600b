import type { DataSubjectRef } from '../../vault/holder/holder.ts';
import type { TokenUse } from '../../vault/token/tokenize.ts';
import type { Issued, StoredRecord } from './store-values.ts';
import type { VaultAccess } from './vault-access.ts';

/** The CRM's answer to a write. */
export interface WriteAnswer {
  readonly status: number;
  /** The JSON document; undefined where it is not known. */
  readonly document?: unknown;
}

/**
 * Settles the tokens of a write by the CRM's answer, record by record: those of written records are confirmed, those of
 * refused ones given back. When in doubt they are confirmed, because a token that is in the CRM must not be lost.
 * @throws PrivetError VAULT_UNAVAILABLE; then they stay pending, and readable
 */
export async function settleIssued(vault: VaultAccess, issued: Issued, answer: WriteAnswer): Promise<void> {
  const { uses, records } = issued;
  const { status, document } = answer;
  // After a server error it is not known whether the write has happened.
  if (uses.length === 0 || status >= 500) return;
  if (status >= 300) return vault.release(uses);
  const refused = new Set(refusedRecords(records, document).flatMap((record) => record.uses));
  const taken = uses.filter((use) => !refused.has(use));
  // The same use may have been accepted in one record and refused in another.
  const standing = new Set(taken.map(nameOf));
  await Promise.all([
    vault.confirm(taken),
    vault.release([...refused].filter((use) => !standing.has(nameOf(use)))),
  ]);
}

/** Gives back the tokens of a write that the CRM did not receive. If the vault is away they stay pending. */
export async function giveBack(vault: VaultAccess, uses: readonly TokenUse[]): Promise<void> {
  if (uses.length > 0) await vault.release(uses).catch(() => undefined);
}

function nameOf({ record, holder }: TokenUse): string {
  return `${record}/${holder}`;
}

/** A record of a write whose data subject has an id now. */
export interface Bond {
  readonly provisional: string;
  readonly dataSubject: Extract<DataSubjectRef, { readonly id: string }>;
}

/** The ids that the CRM's answer gives to the records of a write. */
export function bondsOf(
  { records }: Issued,
  document: unknown,
  dataSubjectIdOf: (object: string, id: string) => string,
): readonly Bond[] {
  return resultsOf(records, document).flatMap(({ record: { object, provisional }, result }) => {
    const id = idOf(result);
    if (provisional === undefined || id === undefined || isRefusal(result)) return [];
    return [{ provisional, dataSubject: { id: dataSubjectIdOf(object, id) } }];
  });
}

interface Result {
  readonly record: StoredRecord;
  readonly result: unknown;
}

/**
 * The result of each record in the answer: the answer itself for a single record, results in the order of the records
 * (Salesforce), or results with the written properties in no promised order (HubSpot).
 */
function resultsOf(records: readonly StoredRecord[], document: unknown): readonly Result[] {
  if (Array.isArray(document)) {
    return records.flatMap((record, index) =>
      index in document ? [{ record, result: document[index] }] : [],
    );
  }
  const [only, ...more] = records;
  if (only !== undefined && more.length === 0 && idOf(document) !== undefined) {
    return [{ record: only, result: document }];
  }
  // Records with the most tokens first: one with few could match the result of another that has them too.
  const open = new Set(records.toSorted((one, other) => other.tokens.size - one.tokens.size));
  return listIn(document, 'results').flatMap((result) => {
    const all = [...open];
    const own = idOf(result);
    const record =
      own === undefined
        ? undefined
        : (all.find(({ id }) => id === own) ?? all.find((one) => holds(result, one)));
    if (record === undefined) return [];
    open.delete(record);
    return [{ record, result }];
  });
}

/**
 * Records that the CRM has refused: each by its own result (Salesforce), or by errors beside the results of the others
 * (HubSpot).
 */
function refusedRecords(records: readonly StoredRecord[], document: unknown): readonly StoredRecord[] {
  const results = resultsOf(records, document);
  if (Array.isArray(document)) {
    return results.filter(({ result }) => isRefusal(result)).map(({ record }) => record);
  }
  // A result that matches no single record may be of any of them.
  const isWhole = results.length === listIn(document, 'results').length;
  if (!isWhole || listIn(document, 'errors').length === 0) return [];
  const taken = new Set(results.map(({ record }) => record));
  return records.filter((record) => !taken.has(record));
}

function isRefusal(result: unknown): boolean {
  return isObject(result) && result['success'] === false;
}

/** Records with the same tokens can be taken for each other: their values are the same. */
function holds(result: unknown, { id, tokens }: StoredRecord): boolean {
  const properties = isObject(result) ? result['properties'] : undefined;
  if (id !== undefined || !isObject(properties)) return false;
  return [...tokens].every(([field, token]) => properties[field] === token);
}

function idOf(result: unknown): string | undefined {
  const id = isObject(result) ? result['id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function listIn(document: unknown, name: string): readonly unknown[] {
  const list = isObject(document) ? document[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
