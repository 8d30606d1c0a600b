import type { CrmAdapter, Narrowing } from '../../src/crm/adapter.ts';
import type { RowRule } from '../../src/model/decision.ts';
import type { OpenLocator } from '../../src/model/locator.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { CrmRequest } from '../../src/model/request.ts';

/** A canonical request from `METHOD /path?query` and a JSON body. */
export function crmRequest(line: string, body?: unknown): CrmRequest {
  const [method = '', target = ''] = line.split(/ (.*)/);
  const url = new URL(target, 'https://crm.example');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    method,
    path: url.pathname,
    segments: url.pathname.split('/').slice(1).map(decodeURIComponent),
    query: [...url.searchParams],
    contentType: body === undefined ? '' : 'application/json',
    accept: '*/*',
    ...(body !== undefined && { body: Buffer.from(text) }),
  };
}

export const nothingSealed: OpenLocator = () => undefined;

/** What an adapter makes of a request. */
export function recognised(
  adapter: CrmAdapter,
  line: string,
  body?: unknown,
  open = nothingSealed,
): Operation {
  const operation = adapter.recognise(crmRequest(line, body), open);
  if (operation === undefined) throw new Error(`${line} is not known`);
  return operation;
}

/** Uses as `Object.field position`. */
export function usesOf({ uses }: Operation): string[] {
  return uses.map(({ object, field, position }) => `${object}.${field} ${position}`);
}

/** What policies add to a request: fields by object, and the rows that may be seen. */
export const narrowing = (
  fields: Readonly<Record<string, string[]>>,
  rows: Readonly<Record<string, RowRule[]>> = {},
): Narrowing => ({
  fields: new Map(Object.entries(fields)),
  rows: new Map(Object.entries(rows)),
});
