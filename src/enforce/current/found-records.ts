import type { CrmAdapter, FoundRecord, RecordRead } from '../../crm/adapter.ts';
import type { View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { CrmRequest } from '../../model/request.ts';
import type { VaultAccess } from '../stored/vault-access.ts';
import { type CurrentRecord, revealCurrent } from './current-values.ts';

/** What is needed to read the records that a request names. */
export interface RecordTools {
  readonly adapter: CrmAdapter;
  readonly operation: Operation;
  readonly view: View;
  readonly vault: VaultAccess;
  /** Reads from the CRM with the client's own credentials; undefined when it does not answer with JSON. */
  readonly read: (request: CrmRequest) => Promise<unknown>;
}

/** Records of one object that a request names, by their ids or by a field. */
export interface Sought {
  readonly object: string;
  /** Undefined: by id. */
  readonly field?: string;
  readonly values: readonly string[];
  /** See `SoughtBy`. */
  readonly isShared?: true;
}

/** A record that is there. */
export interface Found {
  /** The value it was sought by; undefined: one of them, but it does not tell which. */
  readonly asked: string | undefined;
  /** Its own id; undefined: the CRM does not tell. */
  readonly id: string | undefined;
  readonly current: CurrentRecord;
  /** The fields as texts; undefined: not known. */
  readonly facts: RecordFacts;
}

/**
 * The sought records that exist, with the wanted fields. Undefined when the CRM does not tell.
 * @throws PrivetError VAULT_UNAVAILABLE
 */
export async function findRecords(
  sought: Sought,
  fields: readonly string[],
  tools: RecordTools,
): Promise<readonly Found[] | undefined> {
  const { adapter, operation, view, vault, read } = tools;
  const { object, field, isShared } = sought;
  const spellings = await spellingsOf(sought, tools);
  if (spellings === undefined) return undefined;
  const records: FoundRecord[] = [];
  for (let rest = [...spellings.keys()]; rest.length > 0; ) {
    const by = {
      values: rest,
      ...(field === undefined ? {} : { field }),
      ...(isShared === undefined ? {} : { isShared }),
    };
    const asked = adapter.findRecords?.(operation, object, by, fields);
    const answered = asked && (await readPages(asked, read));
    if (asked === undefined || answered === undefined) return undefined;
    records.push(...answered);
    rest = rest.slice(asked.covers);
  }
  const numbered = records.map(({ values }, index) => [String(index), values] as const);
  const current = await revealCurrent(numbered, object, view, vault);
  return records.map(({ asked, id }, index) => {
    const own: CurrentRecord = current.get(String(index)) ?? new Map();
    return {
      asked: asked === undefined ? undefined : spellings.get(asked),
      id,
      current: own,
      facts: (name) => textOf(own.get(name)?.value),
    };
  });
}

/** So many pages are read of one answer: what has more than these is not told. */
const PAGES_MAX = 10;

/** The records of an answer, page by page; undefined when it does not tell all of them. */
async function readPages(
  { request, next, records }: RecordRead,
  read: RecordTools['read'],
): Promise<readonly FoundRecord[] | undefined> {
  const found: FoundRecord[] = [];
  let page: CrmRequest | undefined = request;
  for (let pages = 0; page !== undefined; pages++) {
    const answer: unknown = pages < PAGES_MAX ? await read(page) : undefined;
    const some = records(answer);
    if (some === undefined) return undefined;
    found.push(...some);
    page = next?.(answer);
  }
  return found;
}

/**
 * Everything that may stand in the CRM for a value → the value. For a stored field these are its tokens, or the value
 * itself if it is a token: the CRM is never asked for the value, and a write by such a key would not find a record that
 * still has it. Undefined when that cannot be told: a random token cannot be found by its value.
 * @throws PrivetError VAULT_UNAVAILABLE
 */
async function spellingsOf(
  { object, field, values }: Sought,
  { adapter, view, vault }: RecordTools,
): Promise<ReadonlyMap<string, string> | undefined> {
  const stored = field === undefined ? undefined : view.of(object).stored?.(field);
  if (stored === undefined) return new Map(values.map((value) => [value, value]));
  if (stored.form.kind === 'random') return undefined;
  const { domain, form } = stored;
  const anySpelling = adapter.valuesIgnoreCase === true;
  const [found, own] = await Promise.all([
    vault.lookUp(values.map((value) => ({ domain, value, as: form, anySpelling }))),
    vault.detokenize(values.map((token) => ({ domain, token }))),
  ]);
  const spellings = new Map<string, string>();
  for (const [index, value] of values.entries()) {
    const one = own[index];
    if (one !== undefined && !('failed' in one && one.failed === 'unknown')) spellings.set(value, value);
    for (const token of found[index] ?? []) spellings.set(token, value);
  }
  return spellings;
}

function textOf(value: string | number | boolean | null | undefined): string | null | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
