import type { KeyObject } from 'node:crypto';
import type { HolderKey } from './holder-keys.ts';
import { seal, unseal } from './sealed.ts';
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
  /** AES-256-GCM, base64. */
  readonly sealed: string;
  /** How many other holders have a grant. */
  readonly grants: number;
}

export type TokenName = Pick<TokenRecord, 'domain' | 'token' | 'kind' | 'format'>;

export function sealRecord(
  name: TokenName,
  value: string,
  holder: string,
  { id, key }: HolderKey,
  version: number,
  grants: number,
): TokenRecord {
  const { domain, token, kind, format } = name;
  const plain = Buffer.from(value);
  const sealed = seal(key, plain, boundTo(domain, token, version, holder)).toString('base64');
  plain.fill(0);
  return { domain, token, kind, format, version, holder, keyId: id, sealed, grants };
}

/** Undefined when the record was changed, or was sealed by another key. */
export function openRecord(record: TokenRecord, key: KeyObject): string | undefined {
  const { domain, token, version, holder, sealed } = record;
  const plain = unseal(key, Buffer.from(sealed, 'base64'), boundTo(domain, token, version, holder));
  const value = plain?.toString();
  plain?.fill(0);
  return value;
}

/** Field, key version and data subject: a sealed value that is moved to any other does not open. */
function boundTo(
  domain: string,
  token: string,
  version: number,
  holder: string,
): readonly (string | number)[] {
  return ['privet vault value', domain, token, version, holder];
}

export function encodeRecord(record: TokenRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

export function decodeRecord(bytes: Uint8Array): TokenRecord {
  // Written by this vault alone; what was changed in it does not open.
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as TokenRecord;
}
