/** The text of a file, without a byte order mark; undefined where it is not UTF-8: guessed letters make other words. */
export function utf8Text(content: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** What is said of a file that is not. */
export const NOT_UTF8 = 'found bytes that are not UTF-8, expected UTF-8 text';
