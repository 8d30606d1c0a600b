import { type DataSubjectRef, holderOf } from '../holder/holder.ts';
import type { Keyring } from '../keys/keyring.ts';
import { recordId } from '../places.ts';
import { formatOf, type TokenSpec } from './record.ts';
import { looksLikeToken, type TokenFormat } from './token.ts';
import { indexKeysOf, slotKeyOf, type ValueName } from './value-index.ts';

/** A value to be replaced by a token. */
export interface TokenizeItem {
  /** Equal values of one domain have equal tokens. A token is known in its own domain only. */
  readonly domain: string;
  /** Not empty. A token of this domain is taken as it is. */
  readonly value: string;
  readonly as: TokenSpec;
  readonly dataSubject: DataSubjectRef;
  /**
   * True where the writer is shown tokens in this field and may send one back. Tokens that carry a mark are recognised
   * anyway; among those of other formats only the vault knows, and a writer who is shown clear values never sends any.
   */
  readonly mayBeToken?: boolean;
  /**
   * True where the writer would be shown the value of a token that it writes: then a token is taken only for a person
   * who has it already, or whoever sees the token of another record could read its value in one of their own.
   */
  readonly onlyOwnToken?: boolean;
  /**
   * True where the CRM finds its record by the value, in whatever case: the token of another spelling is taken where
   * there is one.
   */
  readonly anySpelling?: boolean;
  /**
   * Names record and field, where the record is known: a random token stays what it is when its value is written there
   * again, or every save of an unchanged form would leave one more. It tells nobody which records have the same value.
   */
  readonly slot?: string;
}

/** The items of a batch that get the same token. Decided on and written together. */
export interface TokenGroup {
  readonly domain: string;
  readonly value: string;
  readonly kind: TokenSpec['kind'];
  readonly format: TokenFormat;
  readonly holders: readonly string[];
  /** Index in the batch, and index of the holder. */
  readonly places: readonly { readonly index: number; readonly holder: number }[];
  /** True when it can only be meant as a token. */
  readonly isMarked: boolean;
  /** The record it names, should it be a token. */
  readonly asToken: string | undefined;
  /** A token is taken only for people who have it already. */
  readonly onlyOwnToken: boolean;
  /** Where its value is looked for; none for random tokens whose record is not known. */
  readonly indexKeys: readonly string[];
}

interface OpenGroup extends TokenGroup {
  readonly holders: string[];
  readonly places: { index: number; holder: number }[];
  /** Of holders, once there are several. */
  positions: Map<string, number> | undefined;
}

export function groupItems(keyring: Keyring, items: readonly TokenizeItem[]): readonly TokenGroup[] {
  const groups = new Map<string, OpenGroup>();
  for (const [index, item] of items.entries()) {
    const isMarked = looksLikeToken(item.value, formatOf(item.as));
    const name = nameOf(item, isMarked, index);
    let group = groups.get(name);
    if (group === undefined) {
      group = groupOf(keyring, item, isMarked);
      groups.set(name, group);
    }
    group.places.push({ index, holder: positionOf(group, holderOf(keyring, item.dataSubject)) });
  }
  return [...groups.values()];
}

function positionOf(group: OpenGroup, holder: string): number {
  const { holders } = group;
  if (holders.length === 0) return holders.push(holder) - 1;
  group.positions ??= new Map([[holders[0] ?? '', 0]]);
  const known = group.positions.get(holder);
  if (known !== undefined) return known;
  group.positions.set(holder, holders.length);
  return holders.push(holder) - 1;
}

function nameOf(
  { domain, value, as, mayBeToken, onlyOwnToken }: TokenizeItem,
  isMarked: boolean,
  index: number,
): string {
  // Two equal values have two random tokens; one random token that comes back twice is still one.
  const own = as.kind === 'random' && !isMarked ? index : mayBeToken === true;
  return JSON.stringify([domain, as.kind, formatOf(as), value, own, onlyOwnToken === true]);
}

function groupOf(
  keyring: Keyring,
  { domain, value, as, mayBeToken, onlyOwnToken = false, slot }: TokenizeItem,
  isMarked: boolean,
): OpenGroup {
  const format = formatOf(as);
  return {
    domain,
    value,
    kind: as.kind,
    format,
    holders: [],
    places: [],
    positions: undefined,
    isMarked,
    asToken: isMarked || mayBeToken === true ? recordId(domain, value) : undefined,
    onlyOwnToken,
    indexKeys: isMarked ? [] : placesOf(keyring, { domain, format, value }, as, slot),
  };
}

function placesOf(
  keyring: Keyring,
  name: ValueName,
  { kind }: TokenSpec,
  slot: string | undefined,
): readonly string[] {
  if (kind !== 'random') return indexKeysOf(keyring, name);
  return slot === undefined ? [] : [slotKeyOf(keyring, name, slot)];
}
