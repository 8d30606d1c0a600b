import { type Duplex, pipeline, Readable } from 'node:stream';
import type { DischargedRequest } from '../enforce/discharge.ts';
import { giveBackUnheard } from '../enforce/discharge-answer.ts';
import type { UploadStage } from '../enforce/upload/upload-stage.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { decoder, parseContentEncoding } from '../media/codings.ts';
import type { CrmRequest } from '../model/request.ts';
import { ownToken } from './door.ts';
import type { House } from './house.ts';
import type { Outgoing } from './outgoing.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import { type TriedSecret, triedSecret } from './tried-secret.ts';
import type { Answer } from './wire/answer.ts';
import { collectBody } from './wire/answer.ts';
import { boundBody, hasBody } from './wire/body.ts';
import { gatherStage } from './wire/gather-stage.ts';
import type { Headers } from './wire/headers.ts';
import { type RequestHeadersOptions, requestHeaders } from './wire/request-headers.ts';
import { onClientGone } from './wire/send.ts';
import { formatTarget } from './wire/target.ts';
import type { UpstreamExchange } from './wire/upstream.ts';

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

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

/**
 * Sends the request to the CRM while the decision's event is being written. A request that changes something, and any
 * request while the audit trail takes no events, waits for the event first: it could not be taken back.
 * @throws PrivetError UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, AUDIT_UNAVAILABLE
 */
export async function forward(
  house: House,
  passage: Passage,
  received: Received,
  outgoing: Outgoing,
  recorded: Promise<void>,
): Promise<Answer> {
  const { discharged } = outgoing;
  const { method } = discharged.operation.request;
  const secret = triedSecret(discharged.operation);
  let exchange: UpstreamExchange | undefined;
  let unwatch = (): void => undefined;
  let sentAt = performance.now();
  try {
    if (!SAFE_METHODS.has(method) || !house.auditIsWell()) await recorded;
    sentAt = performance.now();
    exchange = send(house, passage, received, outgoing, secret);
    unwatch = onClientGone(passage.res, exchange.abort);
    const [answer] = await Promise.all([exchange.answer, recorded]);
    passage.upstreamStatus = answer.status;
    secret?.answered(answer.status, received.door.identifier, passage.req.socket.remoteAddress ?? '');
    const [unobeyed] = discharged.upload?.flatMap(({ refusal }) => refusal?.() ?? []) ?? [];
    if (unobeyed !== undefined) passage.refusal ??= unobeyed;
    return answer;
  } catch (error) {
    exchange?.abort();
    await giveBackUnheard(house.enforcement, discharged, exchange?.wasSent() === true);
    throw error;
  } finally {
    if (exchange !== undefined) passage.upstreamMs = performance.now() - sentAt;
    unwatch();
  }
}

function send(
  house: House,
  passage: Passage,
  received: Received,
  { decided, discharged, viewId, restsOnStandings }: Outgoing,
  secret: TriedSecret | undefined,
): UpstreamExchange {
  const { request } = discharged.operation;
  const rewritesAnswer = viewId !== undefined || decided.decision.limits !== undefined;
  // In a write the condition is a safeguard, which the CRM answers with 412 (RFC 9110 section 13.1.2): it is passed on.
  const mustBeAnew = restsOnStandings && SAFE_METHODS.has(request.method);
  const headers = headersFor(house, passage, received, { viewId, rewritesAnswer, mustBeAnew });
  const { accept } = house.enforcement.mode === 'observe' ? received.request : request;
  if (accept === '') delete headers['accept'];
  else headers['accept'] = accept;
  const sent = bodyFor(house, passage, discharged, headers);
  const body = secret !== undefined && sent instanceof Readable ? through(sent, secret.body()) : sent;
  return received.door.upstream.send({
    method: request.method,
    path: formatTarget(request.path, request.query),
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

function headersFor(
  house: House,
  passage: Passage,
  { door }: Received,
  answered: Pick<RequestHeadersOptions, 'viewId' | 'rewritesAnswer' | 'mustBeAnew'>,
): Headers {
  const { req } = passage;
  const headers = requestHeaders(req.headers, {
    drop: door.identifier.credentialHeaders,
    client: {
      address: req.socket.remoteAddress ?? 'unknown',
      host: req.headers.host ?? '',
      scheme: house.isTls ? 'https' : 'http',
    },
    ...answered,
  });
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && door.identifier.isMeantForPrivet(name, value)) delete headers[name];
  }
  const own = ownToken(door, passage, house.enforcement.posture);
  if (own === undefined) return headers;
  // A session cookie of the client could be somebody else's.
  delete headers['cookie'];
  headers['authorization'] = `Bearer ${own}`;
  return headers;
}

function bodyFor(
  house: House,
  { req }: Passage,
  { body: read, upload }: DischargedRequest,
  headers: Headers,
): Buffer | Readable | undefined {
  if (read !== undefined) {
    // It was decoded to be read, and is sent decoded.
    delete headers['content-encoding'];
    return read;
  }
  if (!hasBody(req)) return undefined;
  const { limits, mode } = house.enforcement;
  // Observe mode changes nothing: a body that would have to be decoded passes unread.
  if (upload !== undefined && (mode === 'enforce' || req.headers['content-encoding'] === undefined)) {
    return rewrittenUpload(req, upload, headers, limits);
  }
  const length = req.headers['content-length'];
  if (length !== undefined) headers['content-length'] = length;
  return boundBody(req, limits.uploadBytesMax);
}

/** @throws PrivetError BODY_UNREADABLE */
function rewrittenUpload(
  req: Passage['req'],
  upload: readonly UploadStage[],
  headers: Headers,
  limits: Limits,
): Readable {
  const codings = parseContentEncoding(req.headers['content-encoding'] ?? '');
  if (codings === undefined) throw new PrivetError('BODY_UNREADABLE', 'Its content coding is not known.');
  // It is sent decoded, and its length may change.
  delete headers['content-encoding'];
  const decoding = { ...limits, decodedBytesMax: limits.uploadBytesMax };
  const stages = [
    ...codings.toReversed().map((coding) => decoder(coding, decoding)),
    ...upload.map((stage) => gatherStage(stage, limits.lookupWindowBytesMax)),
  ];
  return stages.reduce<Readable>(through, boundBody(req, limits.uploadBytesMax));
}

/** A failure on either side destroys both. */
function through(from: Readable, stage: Duplex): Readable {
  pipeline(from, stage, () => undefined);
  return stage;
}

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
  const asItIs = { viewId: undefined, rewritesAnswer: false, mustBeAnew: false };
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
