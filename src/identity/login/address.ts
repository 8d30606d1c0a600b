import { isIPv6 } from 'node:net';

/** IPv4 addresses as a socket that listens on both shows them (RFC 4291 section 2.5.5.2). */
const MAPPED = '::ffff:';

/**
 * The network that a client calls from: its IPv4 address, or the first 64 bits of its IPv6 address, since one
 * subscriber has all addresses below these (RFC 6177).
 */
export function networkOf(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '');
  if (plain.startsWith(MAPPED) && plain.includes('.')) return plain.slice(MAPPED.length);
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.split('::');
  const groups = before === '' ? [] : before.split(':');
  if (after !== undefined) while (groups.length < 4 && groups.length + groupsIn(after) < 8) groups.push('0');
  const rest = after === undefined || after === '' ? [] : after.split(':');
  const first = [...groups, ...rest].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}

function groupsIn(text: string): number {
  return text === '' ? 0 : text.split(':').length;
}
