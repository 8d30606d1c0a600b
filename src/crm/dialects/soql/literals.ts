import { mapLexemes } from './lexemes.ts';

/** Numbers with an exponent (`1.5e6`) and times (`13:00:00.000Z`). */
const EXPONENT = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)e[-+]?\d+$/i;
const TIME = /^\d\d:\d\d:\d\d(?:\.\d+)?(?:z|[-+]\d\d:?\d\d)$/i;

/**
 * Literals that SOQL has and its parser does not know: whole numbers stand in for them while it parses. A name never
 * begins with a digit or a sign, so nothing else is taken for one.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_fieldexpression.htm
 */
export interface StandIns {
  /** The query with the numbers in place of those literals. */
  readonly text: string;
  /** Puts the literals back, in place. */
  readonly restore: (parsed: object) => void;
}

export function standIns(text: string): StandIns {
  // Digits that do not occur in the text, so that no other number is taken for one of these.
  let unused = '7000';
  while (text.includes(unused)) unused += '7';
  const literals = new Map<string, string>();
  const replaced = mapLexemes(text, (lexeme) => {
    if (!EXPONENT.test(lexeme) && !TIME.test(lexeme)) return lexeme;
    const number = `${unused}${literals.size}`;
    literals.set(number, lexeme);
    return number;
  });
  return { text: replaced, restore: (parsed) => restore(parsed, literals) };
}

function restore(node: object, literals: ReadonlyMap<string, string>): void {
  if (literals.size === 0) return;
  const members: [string, unknown][] = Object.entries(node);
  for (const [key, value] of members) {
    if (typeof value === 'object' && value !== null) restore(value, literals);
    const literal = typeof value === 'string' ? literals.get(value) : undefined;
    if (literal !== undefined) Reflect.set(node, key, literal);
  }
}
