/**
 * The media type of a Content-Type in lower case, or '' where there is none; undefined when its charset is one that cannot be read.
 * JSON is UTF-8 (RFC 8259 section 8.1); a reader that believes another charset sees another document in the same bytes.
 */
export function readableMediaType(contentType: string): string | undefined {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1];
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii')
      return undefined;
  }
  return type.trim();
}
