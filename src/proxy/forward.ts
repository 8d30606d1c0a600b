import { Readable } from 'node:stream';
import { giveBackUnheard } from '../enforce/discharge-answer.ts';
import type { House } from './house.ts';
import type { Outgoing } from './outgoing.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import { type TriedSecret, triedSecret } from './tried-secret.ts';
import { bodyFor, headersFor, through } from './upstream-request.ts';
import type { Answer } from './wire/answer.ts';
import { retryAfterOf } from './wire/retry-after.ts';
import { onClientGone } from './wire/send.ts';
import { formatTarget } from './wire/target.ts';
import type { UpstreamExchange } from './wire/upstream.ts';

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

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
    passage.upstreamRetryAfter = retryAfterOf(answer);
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
  { decided, discharged, viewId, dependsOnStandings }: Outgoing,
  secret: TriedSecret | undefined,
): UpstreamExchange {
  const { request } = discharged.operation;
  const rewritesAnswer = viewId !== undefined || decided.decision.limits !== undefined;
  // In a write the condition is a safeguard, which the CRM answers with 412 (RFC 9110 section 13.1.2): it is passed on.
  const isUnconditional = dependsOnStandings && SAFE_METHODS.has(request.method);
  const headers = headersFor(house, passage, received, { viewId, rewritesAnswer, isUnconditional });
  const { accept } = house.enforcement.mode === 'observe' ? received.request : request;
  if (accept === '') delete headers['accept'];
  else headers['accept'] = accept;
  const sent = bodyFor(house, passage, discharged, headers);
  const body = secret !== undefined && sent instanceof Readable ? through(sent, secret.body()) : sent;
  return received.door.upstream.send({
    method: request.method,
    path: formatTarget(request.path, request.query),
    headers,
    body,
  });
}
