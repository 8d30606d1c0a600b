import { PrivetError } from '../../errors.ts';
import type { GuardedWrite } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { grantKey, grantsOf, holdingKey, markKey, recordKey } from '../places.ts';
import { decodeRecord, openRecord, type TokenRecord, withGrants } from './record.ts';
import { allEntries } from './value-index.ts';

type Changes = GuardedWrite['writes'];
type Expectations = GuardedWrite['expect'];

const ROUNDS_MAX = 256;

/**
 * Takes a holder's part of a record away: its seal, its holding, its mark. What others hold of the same token stays
 * theirs; with the last holder the record goes, and its value is forgotten by the index.
 *
 * @param key opens the record, so that its index entries can be found; undefined when it was destroyed already
 * @param expect must still hold; where it does not, nothing is done
 * @returns whether it was done
 */
export async function removeHolder(
  context: VaultContext,
  id: string,
  holder: string,
  key: HolderKey | undefined,
  expect: Expectations = [],
): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const removal = await planRemoval(context, id, holder, key);
    const slot = await slotOf(context, id, holder);
    const [conflict] = await context.store.writeIf([
      {
        expect: [...expect, ...removal.expect, ...slot],
        writes: [
          ...removal.writes,
          ...slot.map((entry) => ({ delete: entry.key })),
          { delete: holdingKey(holder, id) },
          { delete: markKey(id, holder) },
          { delete: grantKey(id, holder) },
        ],
      },
    ]);
    if (conflict === undefined) return true;
    if (expect.some((one) => one.key === conflict.key)) return false;
  }
  throw new PrivetError('VAULT_UNAVAILABLE', 'Others changed the same token all the time.');
}

/** The entry that leads to a random token by its value, if there is one. */
async function slotOf({ store }: VaultContext, id: string, holder: string): Promise<Expectations> {
  const holding = await store.get(holdingKey(holder, id));
  if (holding === undefined || holding.length === 0) return [];
  const key = Buffer.from(holding).toString();
  const value = await store.get(key);
  return isId(value, id) ? [{ key, value }] : [];
}

async function planRemoval(
  { store, keyring }: VaultContext,
  id: string,
  holder: string,
  key: HolderKey | undefined,
): Promise<{ readonly expect: Expectations; readonly writes: Changes }> {
  const [bytes, grant] = await store.getMany([recordKey(id), grantKey(id, holder)]);
  const guard = { key: recordKey(id), value: bytes };
  if (bytes === undefined) return { expect: [guard], writes: [] };
  const record = decodeRecord(bytes);
  if (record.holder !== holder) {
    if (grant === undefined) return { expect: [guard], writes: [] };
    const shrunk = withGrants(record, record.grants - 1);
    return { expect: [guard], writes: [{ put: recordKey(id), value: shrunk.bytes }] };
  }
  const [heir] = record.grants > 0 ? await store.page(grantsOf(id), 1) : [];
  if (heir !== undefined) {
    const inherited = withGrants(decodeRecord(heir.value), record.grants - 1);
    return {
      expect: [guard, { key: heir.key, value: heir.value }],
      writes: [{ put: recordKey(id), value: inherited.bytes }, { delete: heir.key }],
    };
  }
  const indexed = indexedAs(keyring, record, key, id);
  const entries = await store.getMany(indexed);
  const own = indexed.filter((_, position) => isId(entries[position], id));
  return {
    expect: [guard, ...own.map((entry) => ({ key: entry, value: Buffer.from(id) }))],
    writes: [{ delete: recordKey(id) }, ...own.map((entry) => ({ delete: entry }))],
  };
}

function indexedAs(
  keyring: VaultContext['keyring'],
  record: TokenRecord,
  key: HolderKey | undefined,
  id: string,
): readonly string[] {
  if (record.kind === 'random' || key?.id !== record.keyId) return [];
  const value = openRecord(record, key.key);
  return value === undefined
    ? []
    : allEntries(keyring, { domain: record.domain, format: record.format, value }, id);
}

/** True for the bytes of an index entry that leads to this record. */
export function isId(bytes: Uint8Array | undefined, id: string): boolean {
  return bytes !== undefined && Buffer.from(bytes).toString() === id;
}
