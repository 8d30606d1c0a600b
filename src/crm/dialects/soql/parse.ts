import { composeQuery, parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { PrivetError } from '../../../errors.ts';
import { lexemesOf, mapLexemes } from './lexemes.ts';
import { standIns } from './literals.ts';

/** Refuses a query. The detail says what is not supported; it never quotes the query. */
export function refuseSoql(what: string): never {
  throw new PrivetError('BODY_UNREADABLE', `SOQL: ${what}`);
}

/**
 * Parses a query and proves that all of it was read: the parsed query, written out again, has the same lexemes as the
 * text.
 * @throws PrivetError BODY_UNREADABLE
 */
export function parseSoql(text: string): Query {
  const plain = withoutAs(text);
  let query: Query;
  let written: string;
  try {
    const standing = standIns(plain);
    query = parseQuery(standing.text);
    standing.restore(query);
    // The composer changes what it composes (prefixes of subqueries), so it gets a copy.
    written = composeQuery(structuredClone(query));
  } catch {
    // The parser's own message quotes the query, which may hold personal values.
    refuseSoql(
      'the query is not understood. Comments, ALL ROWS, bind variables and several objects in FROM are not supported.',
    );
  }
  const read = lexemesOf(written);
  const sent = lexemesOf(plain);
  if (read.length !== sent.length || read.some((lexeme, index) => lexeme !== sent[index])) {
    refuseSoql('a part of the query is not understood.');
  }
  return query;
}

/**
 * `FROM Contact AS c` means `FROM Contact c`, which is all that the parser knows.
 * @see https://github.com/forcedotcom/soql-tooling
 */
function withoutAs(text: string): string {
  const lexemes = lexemesOf(text);
  let index = -1;
  return mapLexemes(text, (lexeme) => {
    index++;
    return lexemes[index] === 'as' && lexemes[index - 2] === 'from' ? '' : lexeme;
  });
}
