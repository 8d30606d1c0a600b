import type { CrmRequest } from '../model/request.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import { headersFor } from './upstream-request.ts';
import { collectBody } from './wire/answer.ts';
import { onClientGone } from './wire/send.ts';
import { formatTarget } from './wire/target.ts';

/** Headers about the client's own request or its answer, not about who the client is. */
const OF_THE_CLIENTS_REQUEST = [
  'content-type',
  'content-encoding',
  'range',
  'prefer',
  'expect',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/** HubSpot's answer when only some of the records asked for exist. */
const MULTI_STATUS = 207;

/**
 * Reads from the CRM with the credentials of the client's request. Undefined unless the CRM answers 200 or 207 with
 * JSON.
 */
export async function readFromCrm(
  house: House,
  passage: Passage,
  received: Received,
  request: CrmRequest,
): Promise<unknown> {
  const asItIs = { viewId: undefined, rewritesAnswer: false, isUnconditional: false };
  const headers = headersFor(house, passage, received, asItIs);
  for (const name of OF_THE_CLIENTS_REQUEST) delete headers[name];
  headers['accept'] = 'application/json';
  headers['accept-encoding'] = 'identity';
  if (request.body !== undefined) headers['content-type'] = request.contentType;
  const exchange = received.door.upstream.send({
    method: request.method,
    path: formatTarget(request.path, request.query),
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const unwatch = onClientGone(passage.res, exchange.abort);
  try {
    const answer = await exchange.answer;
    if (answer.status !== 200 && answer.status !== MULTI_STATUS) {
      answer.body.abort();
      return undefined;
    }
    const body = await collectBody(answer.body, house.enforcement.limits.requestBodyBytesMax);
    return JSON.parse(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    unwatch();
  }
}
