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
    query = parseQuery(text);
  } catch (error) {
    // The vendor repeats the text around the mistake; so does the sandbox, for it is a place where values leak.
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw malformed(`\n${text}\n^\nERROR at Row:1:Column:1\n${reason}`);
  }
  if (query.usingScope || query.withDataCategory) throw malformed('This clause is not supported here.');
  return query;
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
