import type { Query } from '@jetstreamapp/soql-parser-js';
import type { Limits } from '../../../limits.ts';
import { parseSoql, refuseSoql } from './parse.ts';
import { readQuery } from './read.ts';
import type { SoqlReading, SoqlSchema } from './reading.ts';

/** A query with its parsed form. */
export interface ParsedSoql {
  readonly query: Query;
  readonly reading: SoqlReading;
}

/**
 * Reads queries, and remembers them by their text: applications send the same few queries again and again, and a parse
 * costs as much as the rest of a small request.
 */
export function createSoqlReader(
  schema: SoqlSchema,
  limits: Pick<Limits, 'queryCacheMax' | 'queryCacheBytesMax' | 'queryBytesMax'>,
): (text: string) => ParsedSoql {
  const remembered = new Map<string, ParsedSoql>();
  let rememberedBytes = 0;
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) {
      remembered.delete(text);
      remembered.set(text, known);
      return known;
    }
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.queryBytesMax) refuseSoql('the query is longer than limits.queryBytesMax.');
    const query = parseSoql(text);
    const parsed = { query, reading: readQuery(query, schema) };
    remembered.set(text, parsed);
    rememberedBytes += bytes;
    for (const oldest of remembered.keys()) {
      if (remembered.size <= limits.queryCacheMax && rememberedBytes <= limits.queryCacheBytesMax) break;
      remembered.delete(oldest);
      rememberedBytes -= Buffer.byteLength(oldest);
    }
    return parsed;
  };
}
