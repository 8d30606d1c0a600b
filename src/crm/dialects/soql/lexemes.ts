const LEXEME = /'(?:[^'\\]|\\.)*'|[A-Za-z0-9_.:+-]+|[<>!=]+|\S/gs;

/**
 * SOQL's words and signs in order, folded to lower case outside strings: two texts with the same lexemes differ only in
 * white space and in the case of keywords and names, both of which SOQL ignores.
 */
export function lexemesOf(text: string): readonly string[] {
  return Array.from(text.matchAll(LEXEME), ([lexeme]) =>
    lexeme.startsWith("'") ? lexeme : lexeme.toLowerCase(),
  );
}

/** True when the text is exactly one SOQL string literal, so that nothing hides behind an escaped quote. */
export function isStringLiteral(text: string): boolean {
  return /^'(?:[^'\\]|\\.)*'$/s.test(text);
}

/**
 * A value as a SOQL string literal.
 * @see https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
 * @returns undefined for values that have no certain spelling (control characters)
 */
export function stringLiteral(value: string): string | undefined {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x20_28 || code === 0x20_29)
      return undefined;
  }
  if (!value.isWellFormed()) return undefined;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
