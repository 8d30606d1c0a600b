import { hash } from 'node:crypto';
import { type KeyRange, keysUnder } from '../store/store.ts';
import { canonicalToken, isMarkedToken } from './token/token.ts';

/**
 * The layout of the vault in the store. No store key holds a value or a data subject's id: values appear as keyed
 * HMACs, data subjects as holders (see holder.ts).
 */
const DIGEST_LENGTH = 22;
/** 66 bits are enough to tell a company's domains apart. */
const DOMAIN_LENGTH = 11;
/** Domains are the fields and categories of policies: far fewer in any company. */
const DOMAINS_MAX = 10_000;

const domainNames = new Map<string, string>();

/**
 * Names a record by its domain and token, so that a token is known in its own domain only. Tokens that carry a mark stand
 * there as they are. Any other text that is looked up may be a value of a person, and is digested with its domain.
 */
export function recordId(domain: string, token: string): string {
  const canonical = canonicalToken(token);
  if (isMarkedToken(canonical)) return domainName(domain) + canonical;
  return hash('sha256', JSON.stringify([domain, canonical]), 'base64url').slice(0, DIGEST_LENGTH);
}

function domainName(domain: string): string {
  let name = domainNames.get(domain);
  if (name === undefined) {
    name = hash('sha256', domain, 'base64url').slice(0, DOMAIN_LENGTH);
    if (domainNames.size === DOMAINS_MAX) domainNames.clear();
    domainNames.set(domain, name);
  }
  return name;
}

/** Tells with which ring the vault was filled: an entry for each of its versions. */
export const RING_CHECKS = keysUnder('vault/ring/');
/** When the vault was last swept, and with what result. */
export const SWEPT = 'vault/swept';
/** Key version that the vault is being brought to, or was brought to last. */
export const REKEYING = 'vault/rekeying';
/** Key version that the whole vault has been brought to. */
export const REKEYED = 'vault/rekeyed';
/** Names the backup that the vault is being filled from. */
export const RESTORING = 'vault/restoring';
/** A token's record, sealed for its first holder. */
export const RECORDS = keysUnder('vault/record/');
/** The same value sealed for each further holder. */
export const GRANTS = keysUnder('vault/grant/');
/** Keyed HMAC of a value → its record, per key version. */
export const INDEX = keysUnder('vault/index/');
/** Keyed HMAC of a value's folded form → the records of its other spellings, per key version. */
export const SPELLINGS = keysUnder('vault/spelling/');
/** Keyed HMAC of a record's field and a value in it → the random token that stood there for it. */
export const SLOTS = keysUnder('vault/slot/');
/** Names the last erasure. */
export const ERASURE = 'vault/erasure';
/** Wrapped data keys, and what is left of erased ones. */
export const HOLDER_KEYS = keysUnder('vault/key/');
/** Which records a holder has. */
const HOLDINGS = keysUnder('vault/holding/');
/** Uses that the CRM has not confirmed. */
export const MARKS = keysUnder('vault/mark/');
/** Which provisional holders belong to a data subject. */
export const BONDS = keysUnder('vault/bond/');
/** Uploaded rows whose results have not been read: their holders, by the name that a row has in the results. */
export const CLAIMS = keysUnder('vault/claim/');
/** Results that were read, where other rows with the same tokens wait for theirs. */
export const RESULTS = keysUnder('vault/result/');

export const ringCheckKey = (version: number): string => `${RING_CHECKS.from}${version}`;
export const recordKey = (id: string): string => RECORDS.from + id;
export const grantsOf = (id: string): KeyRange => keysUnder(`${GRANTS.from}${id}/`);
export const grantKey = (id: string, holder: string): string => `${GRANTS.from}${id}/${holder}`;
export const indexKey = (version: number, digest: string): string => `${INDEX.from}${version}/${digest}`;
export const spellingsOf = (version: number, digest: string): KeyRange =>
  keysUnder(`${SPELLINGS.from}${version}/${digest}/`);
export const spellingKey = (version: number, digest: string, id: string): string =>
  spellingsOf(version, digest).from + id;
export const slotKey = (digest: string): string => SLOTS.from + digest;
export const holderKey = (holder: string): string => HOLDER_KEYS.from + holder;
export const holdingsOf = (holder: string): KeyRange => keysUnder(`${HOLDINGS.from}${holder}/`);
export const holdingKey = (holder: string, id: string): string => `${HOLDINGS.from}${holder}/${id}`;
export const markKey = (id: string, holder: string): string => `${MARKS.from}${id}/${holder}`;
export const bondsOf = (holder: string): KeyRange => keysUnder(`${BONDS.from}${holder}/`);
export const claimsOf = (digest: string): KeyRange => keysUnder(`${CLAIMS.from}${digest}/`);
export const claimKey = (digest: string, provisional: string): string => claimsOf(digest).from + provisional;
export const resultKey = (digest: string, line: string): string => `${RESULTS.from}${digest}/${line}`;
export const bondKey = (holder: string, provisional: string): string => bondsOf(holder).from + provisional;

/** The last segment of a store key. */
export function lastSegment(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
