import { lexemesOf, mapLexemes } from './lexemes.ts';

/** Numbers with an exponent (`1.5e6`) and times (`13:00:00.000Z`). */
const EXPONENT = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)e[-+]?\d+$/i;
const TIME = /^\d\d:\d\d:\d\d(?:\.\d+)?(?:z|[-+]\d\d:?\d\d)$/i;

/**
 * What SOQL has and its parser does not know: whole numbers stand in for these literals while it parses, and a LIMIT
 * stands before an OFFSET without one. A name never begins with a digit or a sign, so nothing else is taken for one.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_fieldexpression.htm
 */
export interface StandIns {
  /** The query with the numbers in place of those literals. */
  readonly text: string;
  /** Puts the literals back, in place, and takes the added limits out. */
  readonly restore: (parsed: object) => void;
}

export function standIns(text: string): StandIns {
  // Digits that do not occur in the text, so that no other number is taken for one of these.
  let unused = '7000';
  while (text.includes(unused)) unused += '7';
  const literals = new Map<string, string>();
  const standInFor = (literal: string): string => {
    const number = `${unused}${literals.size}`;
    literals.set(number, literal);
    return number;
  };
  const lexemes = lexemesOf(text);
  let index = -1;
  const replaced = mapLexemes(text, (lexeme) => {
    index++;
    if (isBareOffset(lexemes, index)) return `LIMIT ${standInFor(NO_LIMIT)} ${lexeme}`;
    return EXPONENT.test(lexeme) || TIME.test(lexeme) ? standInFor(lexeme) : lexeme;
  });
  const numbers = new RegExp(String.raw`${unused}\d+`, 'g');
  return {
    text: replaced,
    restore: (parsed) => {
      if (literals.size > 0) restore(parsed, (number) => literals.get(number), numbers);
    },
  };
}

/** What an added limit stands for. */
const NO_LIMIT = '';

/** Behind a WHERE, the parser takes the word for a field. */
function isBareOffset(lexemes: readonly string[], index: number): boolean {
  const follows = lexemes[index + 1] ?? '';
  return lexemes[index] === 'offset' && /^\d+$/.test(follows) && lexemes[index - 2] !== 'limit';
}

/** The parser keeps functions as a text as well, with the numbers in it. */
function restore(node: object, literalOf: (number: string) => string | undefined, numbers: RegExp): void {
  const members: [string, unknown][] = Object.entries(node);
  for (const [key, value] of members) {
    if (typeof value === 'object' && value !== null) restore(value, literalOf, numbers);
    if (typeof value === 'string')
      Reflect.set(
        node,
        key,
        value.replace(numbers, (number) => literalOf(number) ?? number),
      );
    if (key === 'limit' && literalOf(String(value)) === NO_LIMIT) Reflect.deleteProperty(node, key);
  }
}
