import type { CrmAdapter, ReplaceValue } from '../../crm/adapter.ts';
import type { FieldUse, Operation } from '../../model/operation.ts';
import type { StoredField } from '../../model/stored.ts';
import { provisionalDataSubject } from '../../vault/holder/holder.ts';
import { formatOf } from '../../vault/token/record.ts';
import { looksLikeToken, unissuedToken } from '../../vault/token/token.ts';
import { Refusal } from '../refusal.ts';
import { isKey, itemOf, type SoughtRecord, type StoreTools, tokenOf, type Written } from './store-values.ts';

export interface StoredLookups {
  readonly operation: Operation;
  /** Records that a write looks up by a value, and creates if there is none; each is about another person. */
  readonly sought: readonly SoughtRecord[];
}

/**
 * Puts tokens in place of the values that a request compares stored fields with. A read uses existing tokens. An
 * upsert may create its record with the value, so a token is issued.
 * @throws Refusal where the request cannot be asked by token; PrivetError VAULT_UNAVAILABLE
 */
export async function storeLookups(
  adapter: CrmAdapter,
  operation: Operation,
  tools: StoreTools,
): Promise<StoredLookups> {
  const { compared, replaced: inRequest } = comparedValues(adapter, operation, tools);
  if (compared.length === 0) return { operation, sought: [] };
  const own = ownKeys(operation);
  const keys = compared.filter((one) =>
    own.some((use) => isKey([use], one) && use.equals?.includes(one.value)),
  );
  // Where the key is a field of the record, it gets its token as what is written.
  const creating = keys.filter((one) => inRequest.has(nameOf(one)));
  const reading = compared.filter((one) => !keys.includes(one));
  const tokens = new Map<string, readonly string[]>();
  const anySpelling = tools.valuesIgnoreCase;
  const lookedUp =
    reading.length === 0
      ? []
      : await tools.vault.lookUp(reading.map((one) => ({ ...lookUpOf(one), anySpelling })));
  reading.forEach((one, index) => {
    const found = lookedUp[index] ?? [];
    // A look-up takes a single value: that of the spelling asked for, which comes first.
    const asked = isKey(operation.uses, one) ? found.slice(0, 1) : found;
    if (operation.withdrawn !== undefined) {
      if (found.length === 0) throw withoutToken(one);
      tokens.set(nameOf(one), found);
      return;
    }
    const isToken = looksLikeToken(one.value);
    tokens.set(nameOf(one), isToken ? [one.value] : asked.length === 0 ? [findingNothing(one)] : asked);
  });
  const sought = creating.length === 0 ? [] : await seek(creating, tools);
  for (const [index, one] of creating.entries()) {
    tokens.set(nameOf(one), [sought[index]?.token ?? findingNothing(one)]);
  }

  const replaced = adapter.replaceValues?.(operation, ({ object, field }, value) => {
    const stored = tools.view.of(object).stored?.(field);
    return stored && tokens.get(nameOf({ stored, value }));
  });
  if (replaced === undefined) throw cannotAsk(compared[0]);
  return { operation: replaced, sought };
}

async function seek(keys: readonly Written[], tools: StoreTools): Promise<readonly SoughtRecord[]> {
  const records = keys.map((key) => ({ key, dataSubject: provisionalDataSubject() }));
  const made = await tools.vault.tokenize(
    records.map(({ key, dataSubject }) => itemOf({ ...key, isKey: true }, dataSubject, tools)),
  );
  return records.flatMap(({ key, dataSubject }, index) => {
    const one = made[index];
    return one === undefined ? [] : [{ field: key.field, dataSubject, ...tokenOf(one, key) }];
  });
}

interface Compared {
  /** Values of the request, and those added by row rules. */
  readonly compared: readonly Written[];
  /** The names of those that the adapter replaces. */
  readonly replaced: ReadonlySet<string>;
}

function comparedValues(adapter: CrmAdapter, operation: Operation, { view }: StoreTools): Compared {
  const found = new Map<string, Written>();
  const replaced = new Set<string>();
  const note = ({ object, field }: Parameters<ReplaceValue>[0], value: string): string | undefined => {
    const stored = view.of(object).stored?.(field);
    if (stored === undefined) return undefined;
    const one = { object, field, stored, value };
    const name = nameOf(one);
    found.set(name, found.get(name) ?? one);
    return name;
  };
  for (const use of operation.uses) for (const value of use.equals ?? []) note(use, value);
  adapter.replaceValues?.(operation, (compared, value) => {
    const name = note(compared, value);
    if (name !== undefined) replaced.add(name);
    return undefined;
  });
  return { compared: [...found.values()], replaced };
}

/**
 * What an upsert looks its own records up by; whatever else a write looks up has to be there. The path of a single record
 * comes first, and the records that its body refers to follow.
 */
function ownKeys({ kind, otherKinds = [], objects, uses, body }: Operation): readonly FieldUse[] {
  if (kind !== 'update' || !otherKinds.includes('create')) return [];
  const keys = uses.filter(({ object, position }) => position === 'lookup' && object === objects[0]);
  return body.format === 'json' && body.root.is === 'record' ? keys.slice(0, 1) : keys;
}

function lookUpOf({ stored, value }: Written) {
  return { domain: stored.domain, value, as: stored.form };
}

function nameOf({ stored, value }: { readonly stored: StoredField; readonly value: string }): string {
  return JSON.stringify([stored.domain, stored.form, value]);
}

function findingNothing({ stored: { form } }: Written): string {
  return unissuedToken(formatOf(form));
}

/** To be told of a token that nobody has would unsubscribe nobody, and of the address, the CRM would keep it. */
function withoutToken({ object, field, stored }: Written): Refusal {
  return new Refusal({
    policy: stored.policies[0] ?? 'store',
    message: `The CRM keeps tokens of ${field} of ${object}, and somebody whom this unsubscribes has no token: nobody is known there by it. Record the withdrawal in the consent registry.`,
  });
}

function cannotAsk(written: Written | undefined): Refusal {
  const where = written === undefined ? 'a field' : `${written.field} of ${written.object}`;
  return new Refusal({
    policy: written?.stored.policies[0] ?? 'store',
    message: `The CRM keeps tokens of ${where}, and this request cannot be asked by token.`,
  });
}
