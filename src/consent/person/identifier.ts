import { createHmac, createSecretKey } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { DataSubjectKeys, FurtherKey } from '../../model/data-subject.ts';

const IDENTIFIER_KINDS = ['record', 'email', 'phone'] as const;
export type IdentifierKind = (typeof IDENTIFIER_KINDS)[number];

/**
 * One thing by which a person is known: the first letter of its kind and a keyed HMAC, 132 bits as 22 base64url
 * characters.
 */
export type Identifier = string;

/** One key for each kind, so that equal texts of two kinds have different identifiers. */
export type IdentifierKeys = Readonly<Record<IdentifierKind, Buffer>>;

export interface IdentifierOptions {
  readonly keys: IdentifierKeys;
  /** Country of telephone numbers that name none, ISO 3166-1 alpha-2; without it such numbers identify nobody. */
  readonly phoneRegion?: string;
  /** How many identifiers are remembered. */
  readonly cacheMax: number;
}

/**
 * The identifiers of a person, in the order of `IDENTIFIER_KINDS`, and then the further ones. Values that identify
 * nobody are passed over.
 */
export type Identify = (who: DataSubjectKeys) => readonly Identifier[];

const HASH_LENGTH = 22;
/** RFC 5321 section 4.5.3.1: 64 octets, an at sign, 255 octets. */
const EMAIL_LENGTH_MAX = 320;
const PHONE_LENGTH_MAX = 64;
const RECORD_LENGTH_MAX = 512;

/**
 * The one spelling of an address: in lower case, since no provider of note tells addresses apart by case, without blanks
 * around it and characters that nobody sees, and with its domain in the form that is looked up in the DNS (RFC 5891,
 * UTS #46). What a provider reads into the local part (`ana+news`, dots) stays: it is another address elsewhere.
 * @returns undefined when it is none
 */
export function canonicalEmail(text: string): string | undefined {
  const email = text
    .replace(/\p{Cf}/gu, '')
    .trim()
    .normalize('NFC')
    .toLowerCase();
  const [, local, domain] = /^([^\s@\p{Cc}]+)@([^\s@\p{Cc}]+?)\.?$/u.exec(email) ?? [];
  if (local === undefined || domain === undefined || email.length > EMAIL_LENGTH_MAX) return undefined;
  return `${local}@${asciiDomain(domain)}`;
}

function asciiDomain(domain: string): string {
  // Of what is ASCII already, and of what is no domain, `domainToASCII` would make something else.
  if (!/[^\x21-\x7e]/.test(domain) || /[/\\?#%:]/.test(domain)) return domain;
  return domainToASCII(domain) || domain;
}

/**
 * The one spelling of a telephone number: E.164.
 * @returns undefined when it is none, or when nothing says of which country
 */
export function canonicalPhone(text: string, region: string | undefined): string | undefined {
  if (text.length > PHONE_LENGTH_MAX) return undefined;
  // `00` is how most countries write `+`; where a country is given, its own prefix is read.
  const spelled = region === undefined ? text.replace(/^\s*00/, '+') : text;
  const options = region === undefined ? {} : { defaultCountry: region as CountryCode };
  const phone = parsePhoneNumberFromString(spelled, { ...options, extract: false });
  return phone?.isPossible() === true ? phone.number : undefined;
}

export function createIdentify({ keys, phoneRegion, cacheMax }: IdentifierOptions): Identify {
  const ofRecord = keyed('record', keys, cacheMax, (text) =>
    text.length > 0 && text.length <= RECORD_LENGTH_MAX ? text : undefined,
  );
  const ofEmail = keyed('email', keys, cacheMax, canonicalEmail);
  const ofPhone = keyed('phone', keys, cacheMax, (text) => canonicalPhone(text, phoneRegion));
  const ofFurther = (key: FurtherKey): Identifier | undefined => {
    if ('record' in key) return ofRecord(key.record);
    return 'email' in key ? ofEmail(key.email) : ofPhone(key.phone);
  };
  return ({ record, email, phone, also }) => {
    const identifiers: Identifier[] = [];
    for (const [identify, text] of [
      [ofRecord, record],
      [ofEmail, email],
      [ofPhone, phone],
    ] as const) {
      const identifier = text === undefined ? undefined : identify(text);
      if (identifier !== undefined) identifiers.push(identifier);
    }
    if (also === undefined) return identifiers;
    for (const key of also) {
      const identifier = ofFurther(key);
      if (identifier !== undefined && !identifiers.includes(identifier)) identifiers.push(identifier);
    }
    return identifiers;
  };
}

/** Remembers identifiers: pages repeat their people, and parsing a telephone number takes longer than all else. */
function keyed(
  kind: IdentifierKind,
  keys: IdentifierKeys,
  cacheMax: number,
  canonical: (text: string) => string | undefined,
): (text: string) => Identifier | undefined {
  const secret = createSecretKey(keys[kind]);
  const generationMax = Math.max(1, Math.floor(cacheMax / (2 * IDENTIFIER_KINDS.length)));
  let young = new Map<string, Identifier | undefined>();
  let old = new Map<string, Identifier | undefined>();
  return (text) => {
    const recent = young.get(text);
    if (recent !== undefined || young.has(text)) return recent;
    const identifier = old.has(text) ? old.get(text) : digest(canonical(text));
    if (text.length > RECORD_LENGTH_MAX) return identifier;
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(text, identifier);
    return identifier;
  };

  function digest(spelled: string | undefined): Identifier | undefined {
    if (spelled === undefined) return undefined;
    return (
      kind.charAt(0) + createHmac('sha256', secret).update(spelled).digest('base64url').slice(0, HASH_LENGTH)
    );
  }
}
