import { createRequire } from 'node:module';
import type * as Soql from '@jetstreamapp/soql-parser-js';
import { malformed } from '../errors.ts';

export type Query = Soql.Query;
export type QueryBase = Soql.QueryBase;

// The package exports its CommonJS build only.
const { parseQuery } = createRequire(import.meta.url)('@jetstreamapp/soql-parser-js') as typeof Soql;

/** @throws AnswerError MALFORMED_QUERY */
export function parseSoql(text: string): Query {
  let query: Query;
  try {
    query = parseQuery(inPackagesWords(text));
  } catch (error) {
    // The vendor repeats the text around the mistake; so does the sandbox, for it is a place where values leak.
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw malformed(`\n${text}\n^\nERROR at Row:1:Column:1\n${reason}`);
  }
  if (query.usingScope || query.withDataCategory) throw malformed('This clause is not supported here.');
  return query;
}

/** A string literal, or what may not be in one: AS behind FROM, and OFFSET with the LIMIT before it. */
const UNKNOWN_TO_PACKAGE =
  /'(?:[^'\\]|\\.)*'|\b(?<from>FROM\s+\w+\s+)AS\b(?=\s+\w)|\b(?<limit>LIMIT\s+\d+\s+)?(?<offset>OFFSET\s+\d+)/gis;
/** More rows than a query ever has. */
const LIMIT_OF_NONE = 'LIMIT 2147483647 ';

/** The package knows neither `FROM Contact AS c` nor, behind WHERE, an OFFSET without LIMIT. The vendor does. */
function inPackagesWords(text: string): string {
  return text.replace(UNKNOWN_TO_PACKAGE, (found: string, from?: string, limit?: string, offset?: string) => {
    if (from !== undefined) return from;
    return offset === undefined ? found : `${limit ?? LIMIT_OF_NONE}${offset}`;
  });
}

export function asArray<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** Text of a quoted literal. @param keepWildcardEscapes leaves `\%` and `\_` for LIKE */
export function unquote(literal: string, keepWildcardEscapes = false): string {
  const CONTROL: Readonly<Record<string, string>> = {
    n: '\n',
    r: '\r',
    t: '\t',
    b: '\b',
    f: '\f',
    N: '\n',
    R: '\r',
    T: '\t',
  };
  return literal.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (whole, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (escaped === '%' || escaped === '_') return keepWildcardEscapes ? whole : escaped;
    return CONTROL[escaped] ?? escaped;
  });
}
