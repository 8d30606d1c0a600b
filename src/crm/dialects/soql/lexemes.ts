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

/** The text with each of its words and signs put through `change`; white space stays. */
export function mapLexemes(text: string, change: (lexeme: string) => string): string {
  return text.replace(LEXEME, change);
}

const STRINGS = /('(?:[^'\\]|\\.)*')(?:\s*,\s*'(?:[^'\\]|\\.)*')*/gs;

/** The query with only the first string of every list: it names the same fields in the same places. */
export function withFirstOfLists(text: string): string {
  return text.replace(STRINGS, '$1');
}

/** True when the text is exactly one SOQL string literal, so that nothing hides behind an escaped quote. */
export function isStringLiteral(text: string): boolean {
  return /^'(?:[^'\\]|\\.)*'$/s.test(text);
}

/**
 * A value as a SOQL string literal.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
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

/** Escapes whose meaning is certain. Sources disagree on `\\b`: a bell or a backspace. */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/**
 * The value that a SOQL string literal stands for outside LIKE.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
 * @returns undefined when it is no string literal, or holds an escape without a certain meaning
 */
export function textOfLiteral(literal: string): string | undefined {
  if (!isStringLiteral(literal)) return undefined;
  let isCertain = true;
  const text = literal.slice(1, -1).replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_escape, name: string) => {
    if (name.length === 5) return String.fromCharCode(Number.parseInt(name.slice(1), 16));
    const character = ESCAPES[name];
    isCertain &&= character !== undefined;
    return character ?? '';
  });
  return isCertain && text.isWellFormed() ? text : undefined;
}
