import type { CrmAdapter, FoundRecord } from '../crm/adapter.ts';
import type { View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { CrmRequest } from '../model/request.ts';
import { type CurrentRecord, revealCurrent } from './current-values.ts';
import type { VaultAccess } from './vault-access.ts';

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
}

/** A record that is there. */
export interface Found {
  /** The value it was sought by; undefined: one of them, but it does not tell which. */
  readonly asked: string | undefined;
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
  const { object, field } = sought;
  const spellings = await spellingsOf(sought, tools);
  if (spellings === undefined) return undefined;
  const records: FoundRecord[] = [];
  for (let rest = [...spellings.keys()]; rest.length > 0; ) {
    const by = { values: rest, ...(field === undefined ? {} : { field }) };
    const asked = adapter.findRecords?.(operation, object, by, fields);
    const answered = asked?.records(await read(asked.request));
    if (asked === undefined || answered === undefined) return undefined;
    records.push(...answered);
    rest = rest.slice(asked.covers);
  }
  const numbered = records.map(({ values }, index) => [String(index), values] as const);
  const current = await revealCurrent(numbered, object, view, vault);
  return records.map(({ asked }, index) => {
    const own: CurrentRecord = current.get(String(index)) ?? new Map();
    return {
      asked: asked === undefined ? undefined : spellings.get(asked),
      current: own,
      facts: (name) => textOf(own.get(name)?.value),
    };
  });
}

/**
 * Everything that may stand in the CRM for a value → the value. Undefined when that cannot be told: a random token
 * cannot be found by its value.
 * @throws PrivetError VAULT_UNAVAILABLE
 */
async function spellingsOf(
  { object, field, values }: Sought,
  { adapter, view, vault }: RecordTools,
): Promise<ReadonlyMap<string, string> | undefined> {
  // A value that was written before its field was stored stands there itself; so does a token that a client sends back.
  const spellings = new Map(values.map((value) => [value, value]));
  const stored = field === undefined ? undefined : view.of(object).stored?.(field);
  if (stored === undefined) return spellings;
  if (stored.form.kind === 'random') return undefined;
  const anySpelling = adapter.valuesIgnoreCase === true;
  const items = values.map((value) => ({ domain: stored.domain, value, as: stored.form, anySpelling }));
  for (const [index, tokens] of (await vault.lookUp(items)).entries())
    for (const token of tokens) spellings.set(token, values[index] ?? token);
  return spellings;
}

function textOf(value: string | number | boolean | null | undefined): string | null | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
