import { composeQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { PrivetError } from '../../../errors.ts';
import { parseSoql } from './parse.ts';

/** Text of a query that is read as exactly this query again; undefined when there is none. */
export function composeSoql(query: Query): string | undefined {
  // The composer changes what it composes (prefixes of subqueries), so it gets a copy.
  const text = composeQuery(structuredClone(query));
  return means(text, query) ? text : undefined;
}

function means(text: string, query: Query): boolean {
  try {
    return plain(parseSoql(text)) === plain(query);
  } catch (error) {
    if (error instanceof PrivetError) return false;
    throw error;
  }
}

/** A parsed query as text that is the same for the same meaning: keys in order, without what the parser quotes. */
function plain(query: Query): string {
  return JSON.stringify(query, (key, value: unknown) => {
    if (key === 'rawValue') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
