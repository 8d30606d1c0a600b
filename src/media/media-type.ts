/** What a Content-Type header says about how to read the bytes. */
export interface MediaType {
  /** Type and subtype in lower case, without parameters; '' when the header is missing. */
  readonly type: string;
  /**
   * False when it names a charset that is not read as UTF-8 (RFC 8259 section 8.1): its bytes may spell another text.
   */
  readonly isUtf8: boolean;
}

const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * A CRM sends the same few headers with all its answers, and parsing one is a third of planning a small answer. Once
 * full, further ones are parsed each time.
 */
const known = new Map<string, MediaType>();
const KNOWN_MAX = 100;
const KNOWN_LENGTH_MAX = 100;

/** @param header the header's value (RFC 9110 section 8.3), or '' */
export function parseMediaType(header: string): MediaType {
  const before = known.get(header);
  if (before !== undefined) return before;
  const read = readMediaType(header);
  if (known.size < KNOWN_MAX && header.length <= KNOWN_LENGTH_MAX) known.set(header, read);
  return read;
}

function readMediaType(header: string): MediaType {
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  const isUtf8 = parameters.every((parameter) => {
    const charset = /^\s*charset\*?\s*=(.*)$/s.exec(parameter)?.[1];
    return charset === undefined || UTF8.has(charset.trim().replace(/^"(.*)"$/, '$1'));
  });
  return { type: type.trim(), isUtf8 };
}

/** True for `application/json` and what is built on it (RFC 6839). */
export function isJsonType(type: string): boolean {
  return /^application\/([\w.-]+\+)?json$/.test(type);
}

/** True for CSV whose first row is a record, so that nothing names its columns (RFC 4180 section 3). */
export function lacksHeader(header: string): boolean {
  return /;\s*header\s*=\s*"?absent\b/i.test(header);
}
