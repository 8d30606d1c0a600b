import type { Query } from '@jetstreamapp/soql-parser-js';
import type { Limits } from '../../../limits.ts';
import { createBoundedCache } from '../../bounded-cache.ts';
import { type NarrowedSoql, narrowSoql, type SoqlNarrowing } from './narrow.ts';
import { parseSoql, refuseSoql } from './parse.ts';
import { readQuery } from './read.ts';
import type { SoqlReading, SoqlSchema } from './reading.ts';

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

  return { read, narrow };
}

/** Everything that narrowing rests on. */
function keyOf({ addFields, where }: SoqlNarrowing): string {
  const rows = [...where].map(([object, rules]) => [object, rules.map(({ equals }) => equals ?? null)]);
  return JSON.stringify([[...addFields], rows]);
}
