import type { HolderKey } from '../holder/holder-key.ts';
import { DATA_SEAL_BYTES, openDataInto, sealDataInto } from '../keys/data-seal.ts';
import type { TokenFormat } from './token.ts';

/** How a field's values become tokens. Equal values of a domain have equal tokens, except with `random`. */
export type TokenSpec =
  | { readonly kind: 'deterministic' | 'random' }
  | { readonly kind: 'format-preserving'; readonly format: Exclude<TokenFormat, 'token'> };

export function formatOf(spec: TokenSpec): TokenFormat {
  return spec.kind === 'format-preserving' ? spec.format : 'token';
}

/** A token and its value, sealed for one holder. Grants have the same form. */
export interface TokenRecord {
  readonly domain: string;
  readonly token: string;
  readonly kind: TokenSpec['kind'];
  readonly format: TokenFormat;
  /** Key version that was active when the value was sealed. */
  readonly version: number;
  readonly holder: string;
  /** Which of the holder's keys sealed it. */
  readonly keyId: string;
  /** How many other holders have a grant. */
  readonly grants: number;
  /** As it is stored. */
  readonly bytes: Buffer;
  /**
   * Where the seal begins. The bytes between the number of grants and it hold all of the above, and are bound to the
   * value.
   */
  readonly sealedAt: number;
}

/** The part of a record that is needed to open it. */
export interface Seal extends Pick<TokenRecord, 'domain' | 'holder' | 'keyId' | 'bytes' | 'sealedAt'> {
  /** Where the token begins; it ends where the seal begins. */
  readonly tokenAt: number;
}

export type TokenName = Pick<TokenRecord, 'domain' | 'token' | 'kind' | 'format'>;

/*
 * Stored as bytes, since every value that is read and written pays for it: layout, grants (32 bits), kind, format,
 * version (32 bits); holder, key id, domain and token, each after its length (16 bits); the sealed value. What is bound
 * to the value stands there as it is authenticated.
 */
const LAYOUT = 1;
const GRANTS_AT = 1;
const BOUND_AT = 5;
const FORMAT_AT = 6;
const VERSION_AT = 7;
const TEXTS_AT = 11;
const LENGTH_BYTES = 2;

/** Their numbers in records, which never change. */
const KINDS = { deterministic: 0, random: 1, 'format-preserving': 2 } as const satisfies Numbers<
  TokenSpec['kind']
>;
const FORMATS = {
  token: 0,
  email: 1,
  digits: 2,
  phone: 3,
  card: 4,
  iban: 5,
  'es-nif': 6,
  'pl-pesel': 7,
  'ua-rnokpp': 8,
  'de-steuer-id': 9,
  'fr-nir': 10,
} as const satisfies Numbers<TokenFormat>;

type Numbers<Name extends string> = Readonly<Record<Name, number>>;

const KIND_NAMES = byNumber<TokenSpec['kind']>(KINDS);
const FORMAT_NAMES = byNumber<TokenFormat>(FORMATS);

function byNumber<Name extends string>(numbers: Numbers<Name>): readonly Name[] {
  const names: Name[] = [];
  for (const name in numbers) names[numbers[name]] = name;
  return names;
}

/** What a record keeps under the name of its token. */
export interface Sealed {
  readonly value: string;
  readonly holder: string;
  readonly key: HolderKey;
  /** Key version that is active. */
  readonly version: number;
  /** Others that hold the same value. */
  readonly grants: number;
}

/** @returns the record as it is stored */
export function sealRecord(
  { domain, token, kind, format }: TokenName,
  { value, holder, key: { id, key }, version, grants }: Sealed,
): Buffer {
  const plain = Buffer.from(value);
  const texts = [holder, id, domain, token];
  let sealedAt = TEXTS_AT;
  for (const text of texts) sealedAt += LENGTH_BYTES + Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(sealedAt + DATA_SEAL_BYTES + plain.length);
  bytes[0] = LAYOUT;
  bytes.writeUInt32BE(grants, GRANTS_AT);
  bytes[BOUND_AT] = KINDS[kind];
  bytes[FORMAT_AT] = FORMATS[format];
  bytes.writeUInt32BE(version, VERSION_AT);
  let at = TEXTS_AT;
  for (const text of texts) at = writeText(bytes, text, at);
  sealDataInto(bytes, key, plain, bytes.subarray(BOUND_AT, sealedAt));
  plain.fill(0);
  return bytes;
}

/** Undefined when the record was changed, or was sealed by another key. */
export function openRecord(
  { bytes, sealedAt }: Pick<Seal, 'bytes' | 'sealedAt'>,
  key: Buffer,
): string | undefined {
  // Bound to field, key version and data subject: a sealed value that is moved to another does not open.
  const plain = Buffer.allocUnsafe(Math.max(0, bytes.length - sealedAt - DATA_SEAL_BYTES));
  const isOpen = openDataInto(plain, key, bytes, bytes.subarray(BOUND_AT, sealedAt), sealedAt);
  const value = isOpen ? plain.toString() : undefined;
  plain.fill(0);
  return value;
}

/** Whether others hold the same value by grants. */
export function isShared({ bytes }: Pick<Seal, 'bytes'>): boolean {
  return bytes.readUInt32BE(GRANTS_AT) > 0;
}

/** The same record with another number of grants. */
export function withGrants(record: TokenRecord, grants: number): TokenRecord {
  const bytes = Buffer.from(record.bytes);
  bytes.writeUInt32BE(grants, GRANTS_AT);
  return { ...record, grants, bytes };
}

/** @throws RangeError for bytes that are no record. What was changed in one does not open */
export function decodeSeal(stored: Uint8Array): Seal {
  const bytes = Buffer.isBuffer(stored)
    ? stored
    : Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes[0] !== LAYOUT) throw new RangeError('This is no record.');
  const holderEnd = endOfText(bytes, TEXTS_AT);
  const keyIdEnd = endOfText(bytes, holderEnd);
  const domainEnd = endOfText(bytes, keyIdEnd);
  return {
    domain: bytes.toString('utf8', keyIdEnd + LENGTH_BYTES, domainEnd),
    holder: bytes.toString('latin1', TEXTS_AT + LENGTH_BYTES, holderEnd),
    keyId: bytes.toString('latin1', holderEnd + LENGTH_BYTES, keyIdEnd),
    tokenAt: domainEnd + LENGTH_BYTES,
    bytes,
    sealedAt: endOfText(bytes, domainEnd),
  };
}

/** All of it. @throws RangeError as `decodeSeal` */
export function decodeRecord(stored: Uint8Array): TokenRecord {
  const { domain, holder, keyId, tokenAt, bytes, sealedAt } = decodeSeal(stored);
  const kind = KIND_NAMES[bytes[BOUND_AT] ?? -1];
  const format = FORMAT_NAMES[bytes[FORMAT_AT] ?? -1];
  if (kind === undefined || format === undefined) throw new RangeError('This is no record.');
  return {
    domain,
    token: bytes.toString('utf8', tokenAt, sealedAt),
    kind,
    format,
    version: bytes.readUInt32BE(VERSION_AT),
    holder,
    keyId,
    grants: bytes.readUInt32BE(GRANTS_AT),
    bytes,
    sealedAt,
  };
}

function writeText(bytes: Buffer, text: string, at: number): number {
  const end = at + LENGTH_BYTES + bytes.write(text, at + LENGTH_BYTES);
  bytes.writeUInt16BE(end - at - LENGTH_BYTES, at);
  return end;
}

function endOfText(bytes: Buffer, at: number): number {
  const end = at + LENGTH_BYTES + bytes.readUInt16BE(at);
  if (end > bytes.length) throw new RangeError('This is no record.');
  return end;
}
