import { type KeyRange, keysUnder } from '../store/store.ts';
import type { Identifier } from './identifier.ts';

/**
 * Where the registry keeps what in the store: one partition, so that a person changes under all identifiers at once. Identifiers are keyed
 * hashes, and any two may turn out to be of one person, so no spread over several keeps together what is written together.
 */
const PARTITION = 'consent';

/** A person, under each of their identifiers. */
export const personKey = (identifier: Identifier): string => `${PARTITION}/person/${identifier}`;

/** An event, under the first of the identifiers it names. Never changed. @param at milliseconds since the epoch */
export const eventKey = (identifier: Identifier, at: number, digest: string): string =>
  `${eventsOf(identifier).from}${String(at).padStart(AT_DIGITS, '0')}/${digest}`;
export const eventsOf = (identifier: Identifier): KeyRange => keysUnder(`${PARTITION}/event/${identifier}/`);
/** As many as the last moment of a Date has (ECMA-262 section 21.4.1.1). */
const AT_DIGITS = 16;

/** Who is restricted, by the first of their identifiers; the value is when that ends by itself, or nothing. */
export const RESTRICTED = keysUnder(`${PARTITION}/restricted/`);
export const restrictedKey = (name: Identifier): string => RESTRICTED.from + name;
