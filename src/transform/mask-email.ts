import { firstGraphemes } from './grapheme.ts';
import { STARS } from './stars.ts';

/** RFC 5321 §4.5.3.1: 64 octets of local part, `@`, 255 octets of domain. */
export const ADDRESS_LENGTH_MAX = 320;
/** Lists of addresses (`a@x.example; b@y.example`) beyond this are not taken apart. */
const LIST_LENGTH_MAX = 8_192;

const PLAIN_LOCAL = /^[\w!#$%&'*+/=?^`{|}~.-]+$/;
const PLAIN_DOMAIN = /^(?:[A-Za-z0-9-]+\.)+(?:[A-Za-z]{2,}|xn--[A-Za-z0-9-]+)$/;
/** RFC 6531 addresses: letters of any script, but neither quotes nor brackets, which make room for anything. */
const LOCAL = /^[^\s@"<>()[\]\\,;:\p{C}]+$/u;
const DOMAIN = /^(?:[\p{L}\p{N}\p{M}-]+\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z\d-]+)$/iu;

/**
 * `ana@example.com` → `a***@example.com`. A text that is not plainly an address shows nothing: it may hold anything.
 */
function maskAddress(text: string): string {
  const address = text.trim();
  if (address === '' || address.length > ADDRESS_LENGTH_MAX) return STARS;
  const at = address.indexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = address.slice(at + 1);
  const isAddress =
    (PLAIN_LOCAL.test(local) && PLAIN_DOMAIN.test(domain)) || (LOCAL.test(local) && DOMAIN.test(domain));
  if (!isAddress) return STARS;
  return `${firstGraphemes(local, 1) ?? ''}${STARS}@${domain}`;
}

/** Masks one address, or each of several separated by `;` or `,`. */
export function maskEmails(text: string): string {
  if (!text.includes(';') && !text.includes(',')) return maskAddress(text);
  if (text.length > LIST_LENGTH_MAX) return STARS;
  const masked = text
    .split(/[;,]/)
    .filter((part) => part.trim() !== '')
    .map(maskAddress)
    .join('; ');
  // Separators alone are no address either.
  return masked === '' ? STARS : masked;
}
