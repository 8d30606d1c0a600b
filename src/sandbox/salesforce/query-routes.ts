import { type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { failure, malformed, methodNotAllowed } from './errors.ts';
import { recordId } from './ids.ts';
import type { Call, Org, Route } from './org.ts';
import { type QueryResult, runSoql } from './soql/run.ts';

/** The vendor's bounds for `Sforce-Query-Options: batchSize`. */
const BATCH_MIN = 200;
const BATCH_MAX = 2_000;
/** Cursors and written pages remembered; older ones are forgotten. */
const CURSORS_MAX = 200;
const PAGES_MAX = 100;

interface Cursor {
  readonly id: string;
  readonly result: QueryResult;
}

function forgetOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

function pageSizeOf(call: Call, org: Org): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(
    String(call.request.headers['sforce-query-options'] ?? ''),
  )?.[1];
  return asked === undefined ? org.pageSize : Math.min(BATCH_MAX, Math.max(BATCH_MIN, Number(asked)));
}

/** `/query`, `/queryAll` and their pages. Answers are kept until a record changes. */
export function queryRoutes(org: Org): { readonly query: Route } {
  const cursors = new Map<string, Cursor>();
  const byText = new Map<string, Cursor>();
  const pages = new Map<string, Buffer>();
  let version = -1;
  let serial = 0;
  const cursorFor = (soql: string, includeDeleted: boolean): Cursor => {
    if (org.store.version() !== version) {
      byText.clear();
      version = org.store.version();
    }
    const key = `${includeDeleted} ${soql}`;
    const known = byText.get(key);
    if (known && cursors.has(known.id)) return known;
    const result = runSoql({ store: org.store, now: org.now(), includeDeleted }, soql);
    serial += 1;
    const cursor = { id: recordId('01g', serial), result };
    byText.set(key, cursor);
    cursors.set(cursor.id, cursor);
    forgetOldest(byText, CURSORS_MAX);
    forgetOldest(cursors, CURSORS_MAX);
    return cursor;
  };
  const page = (call: Call, cursor: Cursor, from: number): SandboxAnswer => {
    const size = pageSizeOf(call, org);
    const key = `${cursor.id} ${from} ${size} ${call.version}`;
    const body = pages.get(key) ?? Buffer.from(writePage(call, cursor, from, size));
    pages.set(key, body);
    forgetOldest(pages, PAGES_MAX);
    return textAnswer(200, 'application/json;charset=UTF-8', body);
  };
  return {
    query: (call) => {
      const { request, rest } = call;
      if (request.method !== 'GET') throw methodNotAllowed(request.method);
      const locator = rest[1];
      if (locator === undefined) {
        const soql = request.query.get('q');
        if (soql === null) throw malformed('A query string has to be specified');
        return page(call, cursorFor(soql, rest[0] === 'queryAll'), 0);
      }
      const [, id = '', from = ''] = /^(\w{18})-(\d+)$/.exec(locator) ?? [];
      const cursor = cursors.get(id);
      if (!cursor || Number(from) >= cursor.result.rowCount)
        throw failure(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
      return page(call, cursor, Number(from));
    },
  };
}

function writePage(call: Call, cursor: Cursor, from: number, size: number): string {
  const { id, result } = cursor;
  const until = Math.min(result.rowCount, from + size);
  const isDone = until === result.rowCount;
  const next = isDone ? '' : `,"nextRecordsUrl":"/services/data/${call.version}/query/${id}-${until}"`;
  const rows = Array.from({ length: until - from }, (_, index) =>
    result.writeRow(from + index, call.version),
  );
  return `{"totalSize":${result.totalSize},"done":${isDone}${next},"records":[${rows.join(',')}]}`;
}
