import type { KeyRange } from '../../store/store.ts';
import { FIRST_VERSION, type Keyring } from '../keys/keyring.ts';
import { indexKey, slotKey, spellingKey, spellingsOf } from '../places.ts';
import type { TokenFormat } from './token.ts';

/**
 * Finds records by value. Every value has an entry of its own, so that each spelling has its own token and is read back
 * as it was written. A value that is not in its folded form is also listed among the spellings of that form, so that
 * equality finds what it would find in a CRM that compares without regard to case.
 */
export interface ValueName {
  readonly domain: string;
  readonly format: TokenFormat;
  readonly value: string;
}

const GRAPHIC_ASCII = /^[\x21-\x7e]*$/;

/**
 * Text as CRMs compare it: without regard to case, or to spaces around it, which they do not keep. One character stays
 * one: `ß` and `ss` are two values.
 */
export function folded(value: string): string {
  if (GRAPHIC_ASCII.test(value)) return value.toUpperCase();
  return Array.from(value.trim(), (character) => {
    const capital = character.toUpperCase();
    return capital.length === character.length ? capital : character;
  }).join('');
}

/** A keyed HMAC, another one for every domain, format and key version. */
function digestOf(keyring: Keyring, version: number, { domain, format, value }: ValueName): string {
  return keyring.hmac('vault index', version)(JSON.stringify([domain, format, value]));
}

/** The entry of a value. */
export function indexKeyOf(keyring: Keyring, version: number, name: ValueName): string {
  return indexKey(version, digestOf(keyring, version, name));
}

/** Where a random token is found by its value, in one field of one record alone. @param slot names both */
export function slotKeyOf(
  keyring: Keyring,
  { domain, value }: Omit<ValueName, 'format'>,
  slot: string,
): string {
  return slotKey(keyring.hmac('vault slot', FIRST_VERSION)(JSON.stringify([domain, slot, value])));
}

/** Under every version of the ring: tokens made before a rotation are found until all of them are indexed again. */
export function indexKeysOf(keyring: Keyring, name: ValueName): readonly string[] {
  return keyring.versions.map(({ version }) => indexKeyOf(keyring, version, name));
}

/**
 * The other spellings of a value that is in its folded form, under every version: the last segment of each key there is
 * a record.
 */
export function spellingRangesOf(keyring: Keyring, name: ValueName): readonly KeyRange[] {
  return keyring.versions.map(({ version }) => spellingsOf(version, digestOf(keyring, version, name)));
}

/**
 * All entries that lead to a record by its value, under one version; each holds the record's id.
 * @param own the value's own entry, where it is known
 */
export function entriesUnder(
  keyring: Keyring,
  version: number,
  name: ValueName,
  id: string,
  own = indexKeyOf(keyring, version, name),
): readonly string[] {
  const value = folded(name.value);
  if (value === name.value) return [own];
  return [own, spellingKey(version, digestOf(keyring, version, { ...name, value }), id)];
}

/** The same under every version of the ring. */
export function allEntries(keyring: Keyring, name: ValueName, id: string): readonly string[] {
  return keyring.versions.flatMap(({ version }) => entriesUnder(keyring, version, name, id));
}

/**
 * The same under the active version and the one before it: an instance that has not heard of the last rotation yet
 * still finds, and agrees on, what was made since.
 * @param known what `indexKeysOf` gave
 */
export function newEntries(
  keyring: Keyring,
  name: ValueName,
  id: string,
  known = indexKeysOf(keyring, name),
): readonly string[] {
  const { versions, activeVersion } = keyring;
  const last = versions.findLastIndex(({ version }) => version <= activeVersion);
  const first = Math.max(0, last - 1);
  if (first === last) return entriesUnder(keyring, activeVersion, name, id, known[first]);
  return versions
    .slice(first, last + 1)
    .flatMap(({ version }, at) => entriesUnder(keyring, version, name, id, known[first + at]));
}
