/** Header names in lower case. */
export type Headers = Record<string, string | string[]>;

/**
 * Headers between two neighbours, never forwarded: RFC 9110 section 7.6.1, and others that are treated alike in
 * practice.
 */
export const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Names that `Connection` makes hop-by-hop. */
export function connectionNamed(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(membersOf(connection).map((name) => name.toLowerCase()));
}

/** Members of a header that is a comma-separated list (RFC 9110 section 5.6.1). Quoted strings are not read. */
export function membersOf(value: string | string[]): string[] {
  return String(value)
    .split(',')
    .map((member) => member.trim());
}
