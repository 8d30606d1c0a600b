import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditEntry, AuditEvent } from '../model/audit-event.ts';
import { canonicalForm, type Place } from './canonical.ts';

/** `prev` of the first event of a chain. */
export const GENESIS = '0'.repeat(64);

/** An event as it is kept and shipped: the text that was hashed, with the hash as its last member. */
export interface Sealed {
  readonly text: string;
  readonly hash: string;
}

/** `,"hash":"` + 64 hex digits + `"}` */
const SEAL_LENGTH = 75;
/** The seal takes the place of the last brace. */
const ROOM_FOR_SEAL = ' '.repeat(SEAL_LENGTH - 1);
const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/;

/**
 * Gives an entry its place in the chain. The id follows from instance and seq, so no id ever names two contents.
 * @returns the text that was hashed, in UTF-8, with the hash as its last member
 */
export function seal(entry: AuditEntry, place: Place): { readonly value: Buffer; readonly hash: string } {
  const value = Buffer.from(canonicalForm(entry, place) + ROOM_FOR_SEAL);
  const length = value.length - ROOM_FOR_SEAL.length;
  const digest = hash('sha256', value.subarray(0, length));
  value.write(`,"hash":"${digest}"}`, length - 1, 'latin1');
  return { value, hash: digest };
}

/** The hash that a sealed text claims; '' when it claims none. */
export function claimedHash(text: string): string {
  return SEAL.exec(text.slice(-SEAL_LENGTH))?.[1] ?? '';
}

/**
 * Reads a sealed text back.
 *
 * @returns undefined when the text is not exactly what was sealed: another value, another spelling, a repeated name
 */
export function unseal(text: string): AuditEvent | undefined {
  const digest = claimedHash(text);
  const body = `${text.slice(0, -SEAL_LENGTH)}}`;
  if (digest === '' || hash('sha256', body) !== digest) return undefined;
  try {
    const event: unknown = JSON.parse(text);
    return isEvent(event) && canonicalize(JSON.parse(body)) === body ? event : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is AuditEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { instance, seq, prev, id } = value as Partial<Record<keyof AuditEvent, unknown>>;
  return (
    typeof instance === 'string' &&
    typeof prev === 'string' &&
    Number.isSafeInteger(seq) &&
    id === `${instance}-${String(seq)}`
  );
}
