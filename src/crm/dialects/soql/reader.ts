import type { Query } from '@jetstreamapp/soql-parser-js';
import { createBoundedCache } from '../../../cache/bounded-cache.ts';
import type { Limits } from '../../../limits.ts';
import type { Substitution } from '../../substitution.ts';
import { type NarrowedSoql, narrowSoql, type SoqlNarrowing } from './narrow.ts';
import { parseSoql, refuseSoql } from './parse.ts';
import { readQuery } from './read.ts';
import type { SoqlReading } from './reading.ts';
import { replaceInSoql } from './replace.ts';
import type { SoqlSchema } from './schema.ts';

/** A query with its parsed form. */
export interface ParsedSoql {
  readonly query: Query;
  readonly reading: SoqlReading;
}

/**
 * Reads and narrows queries, and remembers both: applications send the same few queries again and again, and a parse
 * costs as much as the rest of a small request.
 */
export interface SoqlReader {
  /** @throws PrivetError BODY_UNREADABLE */
  readonly read: (text: string) => ParsedSoql;
  readonly narrow: (text: string, narrowing: SoqlNarrowing) => NarrowedSoql;
  /** The query with its values replaced. Not remembered, because it depends on keys that change. */
  readonly replace: (text: string, substitution: Substitution) => string;
}

export function createSoqlReader(
  schema: SoqlSchema,
  limits: Pick<Limits, 'queryCacheMax' | 'queryCacheBytesMax' | 'queryBytesMax'>,
): SoqlReader {
  const parsed = createBoundedCache<ParsedSoql>(limits.queryCacheMax, limits.queryCacheBytesMax);
  const narrowed = createBoundedCache<NarrowedSoql>(limits.queryCacheMax, limits.queryCacheBytesMax);

  function read(text: string): ParsedSoql {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    if (Buffer.byteLength(text) > limits.queryBytesMax) {
      refuseSoql('the query is longer than limits.queryBytesMax.');
    }
    const query = parseSoql(text);
    const made = { query, reading: readQuery(query, schema) };
    parsed.set(text, made);
    return made;
  }

  function narrow(text: string, narrowing: SoqlNarrowing): NarrowedSoql {
    const key = `${keyOf(narrowing)}\n${text}`;
    const known = narrowed.get(key);
    if (known !== undefined) return known;
    const made = narrowSoql(text, read(text), narrowing, schema);
    narrowed.set(key, made);
    return made;
  }

  function replace(text: string, substitution: Substitution): string {
    const isLong = (soql: string): boolean => Buffer.byteLength(soql) > limits.queryBytesMax;
    // Narrowing may have made it longer than is accepted.
    const replaced = isLong(text) ? text : replaceInSoql(text, read(text), substitution);
    if (isLong(replaced)) substitution.fail();
    return replaced;
  }

  return { read, narrow, replace };
}

/** Everything that narrowing depends on. */
function keyOf({ addFields, where }: SoqlNarrowing): string {
  const rows = [...where].map(([object, rules]) => [object, rules.map(({ equals }) => equals ?? null)]);
  return JSON.stringify([[...addFields], rows]);
}
