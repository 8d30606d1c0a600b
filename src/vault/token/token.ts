import { drawBytes } from '../keys/random.ts';

/**
 * What a token looks like. `token`: `pvt<key version>_<26 base32 characters>`, for text. `email`: the same before
 * `@token.invalid`. The others keep the shape of the value that they stand for: see shape.ts.
 */
export type TokenFormat = 'token' | 'email' | ShapedFormat;

/** Formats whose tokens are made of digits by FF1 (NIST SP 800-38G). */
export type ShapedFormat =
  | 'digits'
  | 'phone'
  | 'card'
  | 'iban'
  | 'es-nif'
  | 'pl-pesel'
  | 'ua-rnokpp'
  | 'de-steuer-id'
  | 'fr-nir';

/**
 * RFC 2606 keeps `.invalid` from ever being a domain, so no mail to a token leaves the building; as a name it is
 * well-formed, so validators of syntax let it pass.
 */
const EMAIL_DOMAIN = 'token.invalid';
const RANDOM_BYTES = 16;
/** 128 bits by five. */
const RANDOM_LENGTH = 26;
const VERSION_DIGITS_MAX = 4;
/** The highest version of a ring's key: what fits into a token. */
export const VERSION_MAX = 10 ** VERSION_DIGITS_MAX - 1;
/**
 * RFC 4648 in lower case: CRMs compare text without regard to case, and nothing in it needs escaping in SOQL, OData,
 * CSV, URLs or JSON.
 */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

const TOKEN = new RegExp(String.raw`^pvt[1-9]\d{0,${VERSION_DIGITS_MAX - 1}}_[a-z2-7]{${RANDOM_LENGTH}}$`);
/** Anything that begins like a token: also one that was cut short or misspelt. */
const MARKED = /^\s*pvt\d+_/i;
/** Calling codes +890 to +899 are spare in ITU-T E.164's list of assigned codes: no telephone rings. */
export const PHONE_MARK = '89';
/** ISO/IEC 7812-1: numbers that begin with 9 belong to national schemes; no payment network issues them. */
export const CARD_MARK = '9';
const MARKED_PHONE = /^\s*\+\s*8\D{0,3}9(?:\D{0,3}\d){6,13}\s*$/;
const SEPARATORS = /[^\p{L}\p{N}]/gu;

/** Longest token of a format in characters; undefined: exactly as long as its value. Refuse a field that holds less. */
export function tokenLengthMax(format: TokenFormat): number | undefined {
  const plain = 'pvt_'.length + VERSION_DIGITS_MAX + RANDOM_LENGTH;
  if (format === 'token') return plain;
  return format === 'email' ? plain + 1 + EMAIL_DOMAIN.length : undefined;
}

function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32.charAt((held << (5 - bits)) & 31);
}

/** A new token with 128 random bits. @param version of the key that is active */
export function newToken(format: 'token' | 'email', version: number): string {
  const token = `pvt${version}_${base32(drawBytes(RANDOM_BYTES))}`;
  return format === 'email' ? `${token}@${EMAIL_DOMAIN}` : token;
}

/** Never issued, since no key has this version. Stands for a value without a token, so that a query finds nothing. */
export function unissuedToken(format: TokenFormat): string {
  const token = `pvt0_${BASE32.charAt(0).repeat(RANDOM_LENGTH)}`;
  return format === 'email' ? `${token}@${EMAIL_DOMAIN}` : token;
}

/**
 * True for text that can only be meant as a token, whether it was issued or not: no value of a person looks like it.
 * Tokens of unmarked formats can be told from values by the vault alone.
 * @param format of the field, when it is known: in a field of cards every number that begins with 9 is a token
 */
export function looksLikeToken(text: string, format?: TokenFormat): boolean {
  if (format === 'card' && text.trimStart().startsWith(CARD_MARK)) return true;
  return MARKED.test(text) || MARKED_PHONE.test(text);
}

/** @param canonical what `canonicalToken` gave: no other canonical form begins with small letters */
export function isMarkedToken(canonical: string): boolean {
  return canonical.startsWith('pvt');
}

/**
 * With a fraction of zeros or an exponent, as CRMs answer with what they keep in floating point: `3831680.0`,
 * `3.83168E6`.
 */
const FLOATING = /^-?\d+(?:\.0+|(?:\.\d+)?E\+?\d+)$/i;

/**
 * A number as a field of numbers keeps it exactly, in plain digits; undefined for anything else: a fraction, or more
 * than 15 digits, of which an IEEE 754 double loses some.
 */
export function exactNumber(text: string): string | undefined {
  const plain = FLOATING.test(text) ? wholeNumber(text) : text;
  return plain !== undefined && /^-?(?:0|[1-9]\d{0,14})$/.test(plain) ? plain : undefined;
}

function wholeNumber(text: string): string | undefined {
  if (!FLOATING.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? String(number) : undefined;
}

/**
 * One spelling for all that a CRM may make of a token: another case, other separators in a number, another domain after
 * an e-mail token.
 */
export function canonicalToken(text: string): string {
  // As it was issued, which is how nearly all come back.
  if (TOKEN.test(text)) return text;
  if (!MARKED.test(text)) return (wholeNumber(text) ?? text).replace(SEPARATORS, '').toUpperCase();
  const [local = ''] = text.trim().toLowerCase().split('@', 1);
  return TOKEN.test(local) ? local : '';
}
