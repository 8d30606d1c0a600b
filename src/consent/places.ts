import { type KeyRange, keysUnder } from '../store/store.ts';
import type { Identifier } from './person/identifier.ts';

/**
 * The registry's one partition in the store. A person is changed under all identifiers at once, and any two identifiers
 * may turn out to be one person's, so they cannot be spread over several partitions.
 */
const PARTITION = 'consent';

/** A person, under each of their identifiers. */
export const personKey = (identifier: Identifier): string => `${PARTITION}/person/${identifier}`;

/** An event, under the first of the identifiers it names. Never changed. @param at milliseconds since the epoch */
export const eventKey = (identifier: Identifier, at: number, digest: string): string =>
  `${eventsOf(identifier).from}${String(at).padStart(AT_DIGITS, '0')}/${digest}`;
export const eventsOf = (identifier: Identifier): KeyRange => keysUnder(`${PARTITION}/event/${identifier}/`);
/** Digits of the last moment of a Date (ECMA-262 section 21.4.1.1). */
const AT_DIGITS = 16;

/** The restricted people, by their first identifier. The value is when the restriction ends by itself, or empty. */
export const RESTRICTED = keysUnder(`${PARTITION}/restricted/`);
export const restrictedKey = (name: Identifier): string => RESTRICTED.from + name;
