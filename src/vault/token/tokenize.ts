import { PrivetError } from '../../errors.ts';
import type { GuardedWrite } from '../../store/store.ts';
import { inTurns, type VaultContext } from '../context.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { rememberKey } from '../holder/holder-key-cache.ts';
import type { NewKey } from '../holder/holder-keys.ts';
import type { Keyring } from '../keys/keyring.ts';
import { grantKey, holdingKey, markKey, recordId, recordKey } from '../places.ts';
import { asRead, type Draft, keyFor } from './draft.ts';
import { foreignTokens } from './foreign-token.ts';
import { lookUp } from './look-up.ts';
import { pendingMark } from './mark.ts';
import { drawToken } from './new-token.ts';
import { isShared, openRecord, sealRecord, withGrants } from './record.ts';
import { removeHolder } from './remove-holder.ts';
import { groupItems, type TokenGroup, type TokenizeItem } from './token-group.ts';
import {
  addMissingKeys,
  type BatchState,
  type GroupState,
  type ReadRecord,
  readState,
} from './token-state.ts';
import type { TokenUse } from './token-use.ts';
import { release } from './uses.ts';
import { allEntries, folded, indexKeysOf, newEntries } from './value-index.ts';

/**
 * Why a value gets no token. `unissued`: it looks like a token, but no such token was issued for this domain. `erased`:
 * it is the token of somebody whose key was destroyed. `foreign`: it is the token of others, whose value the writer
 * would be shown. `format`: the value does not have the format that its token must keep. `length`: it is empty or too
 * long.
 */
export type TokenRefusal = 'unissued' | 'erased' | 'foreign' | 'format' | 'length';

export type Tokenized =
  | { readonly token: string; readonly use: TokenUse }
  | { readonly refused: TokenRefusal };

const NOTHING = Buffer.alloc(0);
/** In every round some writer succeeds; to lose this many in a row to others is a fault. */
const ROUNDS_MAX = 256;

/**
 * Replaces values by tokens, in turns of `limits.vaultBatchMax`, each in a constant number of round trips to the store.
 * Every token given back is durable, with its value, and marked as pending until `confirm` or `release`.
 * @returns for each item its token or why there is none
 * @throws PrivetError VAULT_UNAVAILABLE; the store's own errors
 */
export async function tokenize(
  context: VaultContext,
  items: readonly TokenizeItem[],
): Promise<readonly Tokenized[]> {
  const turns: Tokenized[][] = [];
  try {
    for (const turn of inTurns(items, context.limits.vaultBatchMax)) {
      const done: Tokenized[] = [];
      turns.push(done);
      await tokenizeTurn(context, await withKnownSpellings(context, turn), done);
    }
  } catch (error) {
    // Nobody else knows of the tokens that were made; while the store is away they stay, and count as unheard of.
    const made = turns.flat().flatMap((one) => ('use' in one ? [one.use] : []));
    await release(context, made).catch(() => undefined);
    throw error;
  }
  return turns.flat();
}

/** Where any spelling will do, the token of a known spelling is used, or that of the first in the batch. */
async function withKnownSpellings(
  context: VaultContext,
  items: readonly TokenizeItem[],
): Promise<readonly TokenizeItem[]> {
  const free = items.filter(({ anySpelling }) => anySpelling === true);
  if (free.length === 0) return items;
  const known = await lookUp(
    context,
    free.map(({ domain, value, as }) => ({ domain, value, as, anySpelling: true })),
  );
  const first = new Map<string, string>();
  let next = 0;
  return items.map((item) => {
    if (item.anySpelling !== true) return item;
    const [token] = known[next++] ?? [];
    if (token !== undefined) return { ...item, value: token, mayBeToken: true, onlyOwnToken: false };
    const name = JSON.stringify([item.domain, item.as, folded(item.value)]);
    const value = first.get(name) ?? item.value;
    first.set(name, value);
    return { ...item, value };
  });
}

async function tokenizeTurn(
  context: VaultContext,
  items: readonly TokenizeItem[],
  done: Tokenized[],
): Promise<void> {
  const { tokenValueBytesMax } = context.limits;
  let open = groupItems(context.keyring, items).filter((group) => {
    const bytes = Buffer.byteLength(group.value);
    const fits = bytes > 0 && bytes <= tokenValueBytesMax;
    if (fits && group.value.isWellFormed()) return true;
    settle(done, group, () => ({ refused: fits ? 'format' : 'length' }));
    return false;
  });
  for (let round = 0; open.length > 0; round++) {
    if (round === ROUNDS_MAX)
      throw new PrivetError('VAULT_UNAVAILABLE', 'Others changed the same tokens all the time.');
    open = await advance(context, open, done);
  }
}

/** @param result for a holder, by its place in the group */
function settle(done: Tokenized[], group: TokenGroup, result: (holder: number) => Tokenized): void {
  for (const { index, holder } of group.places) done[index] = result(holder);
}

/** One round. @returns the groups that conflicted with other writers */
async function advance(
  context: VaultContext,
  groups: readonly TokenGroup[],
  done: Tokenized[],
): Promise<TokenGroup[]> {
  const state = await readState(context, groups);
  const orphaned = state.groups.filter(isOrphaned);
  for (const { found } of orphaned)
    if (found !== undefined) {
      const { holder } = found.record;
      await removeHolder(context, found.id, holder, undefined, [asRead(state, holder)]);
    }
  const others = state.groups.filter((one) => !orphaned.includes(one));
  const foreign = await foreignTokens(context.store, others);
  const ways = others.map((one) => ({
    one,
    way: foreign.has(one) ? ({ refused: 'foreign' } as const) : wayOf(context, one),
  }));
  const going = ways.flatMap(({ one, way }) => ('refused' in way ? [] : [one.group]));
  addMissingKeys(context.keyring, going, state);
  const steps = ways.map(({ one, way }) => ({ group: one.group, step: stepOf(context, one, way, state) }));
  for (const { group, step } of steps) if ('refused' in step) settle(done, group, () => step);
  const toWrite = steps.flatMap(({ group, step }) => ('refused' in step ? [] : [{ group, step }]));
  const guarded = toWrite.filter(({ step }) => step.write.writes.length > 0);
  const conflicts =
    guarded.length === 0 ? [] : await context.store.writeIf(guarded.map(({ step }) => step.write));
  const behind = new Set<TokenGroup>();
  for (const [index, { group, step }] of guarded.entries()) {
    if (conflicts[index] !== undefined) behind.add(group);
    else
      for (const { holder, key } of step.made)
        rememberKey(context.keyring, holder, { key, seenAfter: undefined });
  }
  for (const { group, step } of toWrite) if (!behind.has(group)) settle(done, group, step.result);
  return [...behind, ...orphaned.map(({ group }) => group)];
}

/**
 * The key of its first holder was destroyed and others hold it: one of them is to come first, so that nothing takes its
 * place.
 */
function isOrphaned({ found }: GroupState): boolean {
  return found !== undefined && found.key === undefined && isShared(found.record);
}

type Step =
  | {
      readonly write: GuardedWrite;
      /** Keys that it writes. */
      readonly made: readonly NewKey[];
      readonly result: (holder: number) => Tokenized;
    }
  | { readonly refused: TokenRefusal };

/** What a group will get: a new token, or the one that is there. */
type Way =
  | { readonly draw: string }
  | { readonly take: ReadRecord & { readonly key: HolderKey } }
  | { readonly refused: TokenRefusal };

function wayOf(context: VaultContext, { group, found }: GroupState): Way {
  if (found?.key !== undefined) return { take: { ...found, key: found.key } };
  if (found === undefined && group.isMarked) return { refused: 'unissued' };
  // Its key was destroyed. A value that comes back is a new value; a token that comes back stands for nothing.
  if (found !== undefined && found.id === group.asToken) return { refused: 'erased' };
  const draw = drawToken(context, group);
  return draw === undefined ? { refused: 'format' } : { draw };
}

function stepOf(context: VaultContext, state: GroupState, way: Way, batch: BatchState): Step {
  if ('refused' in way) return way;
  return 'take' in way ? share(context, state, way.take, batch) : issue(context, state, way.draw, batch);
}

/** A new token: written only while neither the value nor the token is taken, and no key was destroyed. */
function issue({ keyring, clock }: VaultContext, state: GroupState, token: string, batch: BatchState): Step {
  const { group } = state;
  const { domain, kind, format, holders } = group;
  const id = recordId(domain, token);
  const marks = holders.map(() => pendingMark(clock()));
  const draft: Draft = { expect: [], writes: [], made: [] };
  replaceFormer(draft, keyring, state, batch);
  expectUntaken(draft, keyring, group, { id, token });
  for (const [position, holder] of holders.entries()) {
    const key = keyFor(batch, holder, draft);
    const isFirst = position === 0;
    draft.writes.push({
      put: isFirst ? recordKey(id) : grantKey(id, holder),
      value: sealRecord(
        { domain, token, kind, format },
        {
          value: group.value,
          holder,
          key,
          version: keyring.activeVersion,
          grants: isFirst ? holders.length - 1 : 0,
        },
      ),
    });
  }
  const isRandom = kind === 'random';
  const entries = isRandom ? group.indexKeys : newEntries(keyring, group, id, group.indexKeys);
  const entry = Buffer.from(id);
  for (const key of entries) draft.writes.push({ put: key, value: entry });
  // Found again when the holding goes, and the value with it.
  const [slot] = isRandom ? entries : [];
  return stepWith(draft, { id, token, holders, marks, slot });
}

/** The record that the value led to, if any, goes with all that leads to it. */
function replaceFormer(
  { expect, writes }: Draft,
  keyring: Keyring,
  { group, found, index }: GroupState,
  batch: BatchState,
): void {
  const { indexKeys } = group;
  for (const [position, key] of indexKeys.entries()) expect.push({ key, value: index[position] });
  if (found !== undefined) {
    const entries = group.kind === 'random' ? [] : allEntries(keyring, group, found.id);
    for (const key of [recordKey(found.id), ...entries]) writes.push({ delete: key });
    expect.push({ key: recordKey(found.id), value: found.bytes }, asRead(batch, found.record.holder));
  }
  for (const [position, key] of indexKeys.entries()) if (index[position]) writes.push({ delete: key });
}

function expectUntaken(
  { expect }: Draft,
  keyring: Keyring,
  { domain, format }: TokenGroup,
  { id, token }: { readonly id: string; readonly token: string },
): void {
  expect.push({ key: recordKey(id), value: undefined });
  if (format === 'token' || format === 'email') return;
  // A token of a format without a mark must not be another person's value.
  for (const key of indexKeysOf(keyring, { domain, format, value: token }))
    expect.push({ key, value: undefined });
}

/** Uses an existing token: new holders get a grant of their own, and pending uses a new mark. */
function share(
  { clock, keyring }: VaultContext,
  { group, held }: GroupState,
  { id, record, bytes, key }: ReadRecord & { readonly key: HolderKey },
  batch: BatchState,
): Step {
  const { holders } = group;
  const joining = holders.filter((holder) => !held.has(holder));
  const value = joining.length === 0 ? '' : openRecord(record, key.key);
  if (value === undefined) throw new PrivetError('VAULT_UNAVAILABLE', `The record ${id} does not open.`);
  const marks = holders.map((holder) => {
    const before = held.get(holder)?.mark;
    return held.has(holder) && before === undefined ? undefined : pendingMark(clock(), before);
  });
  const draft: Draft = { expect: [{ key: recordKey(id), value: bytes }], writes: [], made: [] };
  const keys = holders.map((holder, position) =>
    marks[position] === undefined ? undefined : keyFor(batch, holder, draft),
  );
  if (joining.length > 0) {
    const grown = withGrants(record, record.grants + joining.length);
    draft.writes.push({ put: recordKey(id), value: grown.bytes });
  }
  for (const [position, holder] of holders.entries()) {
    const own = keys[position];
    if (own === undefined) continue;
    if (held.has(holder)) {
      draft.expect.push({ key: markKey(id, holder), value: held.get(holder)?.mark });
      continue;
    }
    draft.writes.push({
      put: grantKey(id, holder),
      value: sealRecord(record, { value, holder, key: own, version: keyring.activeVersion, grants: 0 }),
    });
  }
  return stepWith(draft, { id, token: record.token, holders, marks });
}

/** A token as the holders of a group will have it. */
interface Holding {
  readonly id: string;
  readonly token: string;
  readonly holders: readonly string[];
  /** By holder; undefined where the CRM has the token of this data subject already. */
  readonly marks: readonly (Buffer | undefined)[];
  /** Where a random token is found by its value. */
  readonly slot?: string | undefined;
}

/** The draft, with a pending mark for every holder whose write has not been heard of. */
function stepWith({ expect, writes, made }: Draft, { id, token, holders, marks, slot }: Holding): Step {
  const holding = slot === undefined ? NOTHING : Buffer.from(slot);
  for (const [position, holder] of holders.entries()) {
    const mark = marks[position];
    if (mark === undefined) continue;
    writes.push({ put: holdingKey(holder, id), value: holding }, { put: markKey(id, holder), value: mark });
  }
  return {
    write: { expect, writes },
    made,
    result: (holder) => ({ token, use: { record: id, holder: holders[holder] ?? '', mark: marks[holder] } }),
  };
}
