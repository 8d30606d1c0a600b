import { DATA_SEAL_BYTES } from '../keys/data-seal.ts';
import { KEY_BYTES } from '../keys/kek.ts';

/** What is left of a holder's destroyed keys. */
export interface PastKeys {
  /** When a key of this holder was last destroyed, RFC 3339. */
  readonly erased?: string;
  /** Ids of all that were. */
  readonly destroyed?: readonly string[];
}

/** A data key under the ring. */
export interface WrappedKey {
  /** Of the ring's key. */
  readonly version: number;
  readonly id: string;
  readonly sealed: Buffer;
}

/** As it is stored. Without `wrapped` it was destroyed. */
export interface StoredHolderKey extends PastKeys {
  readonly wrapped?: WrappedKey;
}

/*
 * Stored as bytes, since each person has one, which is written with their first value: layout, the ring's version (32
 * bits; 0: no key), the id after its length, the sealed key; then as JSON what is known of keys before it, if there were
 * any.
 */
const LAYOUT = 1;
const VERSION_AT = 1;
const ID_LENGTH_AT = 5;
const ID_AT = 6;
/** Bytes of a sealed data key. */
export const SEALED_KEY_BYTES = DATA_SEAL_BYTES + KEY_BYTES;

/** @throws RangeError for bytes that are no data key */
export function readStoredKey(stored: Uint8Array): StoredHolderKey {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes[0] !== LAYOUT || bytes.length < ID_LENGTH_AT) throw new RangeError('This is no data key.');
  const version = bytes.readUInt32BE(VERSION_AT);
  if (version === 0) return pastIn(bytes, ID_LENGTH_AT);
  const sealedAt = ID_AT + (bytes[ID_LENGTH_AT] ?? 0);
  const end = sealedAt + SEALED_KEY_BYTES;
  if (bytes.length < end) throw new RangeError('This is no data key.');
  const wrapped = {
    version,
    id: bytes.toString('latin1', ID_AT, sealedAt),
    sealed: bytes.subarray(sealedAt, end),
  };
  return bytes.length === end ? { wrapped } : { ...pastIn(bytes, end), wrapped };
}

export function writeStoredKey({ wrapped, ...past }: StoredHolderKey): Buffer {
  const hasPast = wrapped === undefined || 'erased' in past || 'destroyed' in past;
  const known = hasPast ? JSON.stringify(past) : '';
  const length = wrapped === undefined ? ID_LENGTH_AT : ID_AT + wrapped.id.length + SEALED_KEY_BYTES;
  const bytes = Buffer.allocUnsafe(length + known.length);
  bytes[0] = LAYOUT;
  bytes.writeUInt32BE(wrapped?.version ?? 0, VERSION_AT);
  if (wrapped !== undefined) {
    bytes[ID_LENGTH_AT] = wrapped.id.length;
    bytes.write(wrapped.id, ID_AT, 'latin1');
    bytes.set(wrapped.sealed, ID_AT + wrapped.id.length);
  }
  // Ids and times are ASCII.
  if (known !== '') bytes.write(known, length, 'latin1');
  return bytes;
}

function pastIn(bytes: Buffer, start: number): PastKeys {
  // Written by this vault alone.
  return JSON.parse(bytes.toString('latin1', start)) as PastKeys;
}
