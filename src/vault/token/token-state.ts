import type { VaultContext } from '../context.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { makeKeys, type NewKey, readHolderKeys } from '../holder/holder-keys.ts';
import type { Keyring } from '../keys/keyring.ts';
import { grantKey, markKey, recordKey } from '../places.ts';
import { decodeRecord, type TokenRecord } from './record.ts';
import type { TokenGroup } from './token-group.ts';

/** A record with its bytes as they were read: what a guarded write expects. */
export interface ReadRecord {
  readonly id: string;
  readonly record: TokenRecord;
  readonly bytes: Uint8Array;
  /** Key of the record's first holder; undefined when it was destroyed. */
  readonly key: HolderKey | undefined;
}

/** What the store knows about one group. */
export interface GroupState {
  readonly group: TokenGroup;
  /** Present when a record was found, by token or by value. */
  readonly found: ReadRecord | undefined;
  /** The index entries, in the order of the group's keys. */
  readonly index: readonly (Uint8Array | undefined)[];
  /** By holder: how the record is held already. */
  readonly held: ReadonlyMap<string, { readonly mark: Uint8Array | undefined }>;
}

export interface BatchState {
  readonly groups: readonly GroupState[];
  /** Of every holder in the batch that has one, and of the records' first holders. */
  readonly keys: Map<string, HolderKey>;
  /** Entries of those whose key was destroyed. */
  readonly spent: ReadonlyMap<string, Uint8Array>;
  /** Keys made for the batch that no write has taken along yet. */
  readonly made: Map<string, NewKey>;
}

/** Hands out consecutive parts of values that were read together. */
function parts<Value>(values: readonly Value[]): (length: number) => readonly Value[] {
  let next = 0;
  return (length) => {
    const part = values.slice(next, next + length);
    next += length;
    return part;
  };
}

/** Reads all that is known about a batch, in at most four round trips however large it is. */
export async function readState(
  { store, keyring }: Pick<VaultContext, 'store' | 'keyring'>,
  groups: readonly TokenGroup[],
): Promise<BatchState> {
  const holders = [...new Set(groups.flatMap((group) => group.holders))];
  const { keys, spent } = await readHolderKeys(store, keyring, holders);
  const takeFirst = parts(
    await store.getMany(
      groups.flatMap(({ asToken, indexKeys }) => [
        ...(asToken === undefined ? [] : [recordKey(asToken)]),
        ...indexKeys,
      ]),
    ),
  );
  const looked = groups.map((group) => {
    const [direct] = group.asToken === undefined ? [] : takeFirst(1);
    const index = takeFirst(group.indexKeys.length);
    const entry = index.findLast((bytes) => bytes !== undefined);
    const indexed = entry === undefined ? undefined : Buffer.from(entry).toString();
    // When a text is both a token and a known value, `mayBeToken` tells which one is meant.
    return { group, index, id: direct === undefined ? indexed : group.asToken };
  });

  const takeSecond = parts(
    await store.getMany(
      looked.flatMap(({ group, id }) =>
        id === undefined
          ? []
          : [
              recordKey(id),
              ...group.holders.flatMap((holder) => [grantKey(id, holder), markKey(id, holder)]),
            ],
      ),
    ),
  );
  const read = looked.map(({ group, index, id }) => {
    if (id === undefined) return { group, index, id, bytes: undefined, own: [] };
    const [bytes] = takeSecond(1);
    return { group, index, id, bytes, own: takeSecond(2 * group.holders.length) };
  });
  const first = await readFirstHolders(
    { store, keyring },
    read.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes])),
    keys,
  );
  for (const [holder, key] of first.keys) keys.set(holder, key);
  return {
    keys,
    spent: new Map([...spent, ...first.spent]),
    made: new Map(),
    groups: read.map((one) => stateOf(one, keys)),
  };
}

/**
 * Makes the missing keys of a batch, for groups that get a token only, so that no refused item leaves a key behind.
 * Each key is written with the first value that it seals.
 */
export function addMissingKeys(
  keyring: Keyring,
  groups: readonly TokenGroup[],
  { keys, spent, made }: BatchState,
): void {
  const holders = new Set(groups.flatMap((group) => group.holders));
  const missing = [...holders].filter((holder) => !keys.has(holder));
  for (const one of makeKeys(
    keyring,
    missing.map((holder) => ({ holder, old: spent.get(holder) })),
  )) {
    keys.set(one.holder, one.key);
    made.set(one.holder, one);
  }
}

/** The keys of the records' first holders that are not known yet. */
function readFirstHolders(
  { store, keyring }: Pick<VaultContext, 'store' | 'keyring'>,
  records: readonly Uint8Array[],
  known: ReadonlyMap<string, HolderKey>,
): ReturnType<typeof readHolderKeys> {
  const holders = new Set(records.map((bytes) => decodeRecord(bytes).holder));
  return readHolderKeys(
    store,
    keyring,
    [...holders].filter((holder) => !known.has(holder)),
  );
}

function stateOf(
  {
    group,
    index,
    id,
    bytes,
    own,
  }: {
    readonly group: TokenGroup;
    readonly index: readonly (Uint8Array | undefined)[];
    readonly id: string | undefined;
    readonly bytes: Uint8Array | undefined;
    readonly own: readonly (Uint8Array | undefined)[];
  },
  keys: ReadonlyMap<string, HolderKey>,
): GroupState {
  if (id === undefined || bytes === undefined) return { group, index, found: undefined, held: new Map() };
  const record = decodeRecord(bytes);
  const key = keyOf(record, keys);
  const held = new Map<string, { mark: Uint8Array | undefined }>();
  for (const [position, holder] of group.holders.entries()) {
    const grant = own[2 * position];
    const isHeld =
      grant === undefined ? record.holder === holder : keyOf(decodeRecord(grant), keys) !== undefined;
    if (isHeld) held.set(holder, { mark: own[2 * position + 1] });
  }
  return { group, index, found: { id, record, bytes, key }, held };
}

/** The key that sealed a record, if its holder still has that key. */
function keyOf(record: TokenRecord, keys: ReadonlyMap<string, HolderKey>): HolderKey | undefined {
  const key = keys.get(record.holder);
  return key?.id === record.keyId ? key : undefined;
}
