import { type DischargedAnswer, dischargeAnswer } from '../enforce/discharge.ts';
import { Refusal } from '../enforce/refusal.ts';
import { refusalOfWithheld } from '../enforce/withheld.ts';
import { ERRORS } from '../errors.ts';
import { decoder, encoder, parseContentEncoding } from '../media/codings.ts';
import type { Rewriter } from '../media/rewriter.ts';
import type { Answer } from './answer.ts';
import { type Counting, countingFilter } from './count.ts';
import { answerHeaders, type Headers } from './headers.ts';
import type { House } from './house.ts';
import { proxyBase } from './links.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import type { Outgoing } from './rewrite-request.ts';
import { type Sending, streamAnswer } from './send.ts';

/** Discharges every obligation on the answer while it streams to the client. @throws Refusal before the first byte */
export async function sendAnswer(
  house: House,
  passage: Passage,
  received: Received,
  { subject, discharged }: Outgoing,
  answer: Answer,
): Promise<void> {
  const { door } = received;
  const links = door.links(proxyBase(passage.req, house.isTls, door.prefix));
  const leadBack = (url: string): string | undefined => {
    const led = links.rewriteUrl(url);
    return led === url ? undefined : led;
  };
  const head = { status: answer.status, contentType: headerText(answer, 'content-type') };
  const discharge = dischargeAnswer(house.enforcement, subject, discharged, head, leadBack);
  passage.tally = discharge.tally;
  const { view } = subject.decision;
  const rewrites = discharge.plan.kind === 'rewrite';
  const headers = answerHeaders(answer.headers, {
    requestId: passage.id,
    changesBody: rewrites,
    viewId: view.isClear ? undefined : view.id,
    varyOn: door.varyOn,
    links,
  });
  const { sending, counting } = prepare(house, discharge, answer, headers);
  const sent = await streamAnswer(passage.res, sending);
  await counting?.over();
  passage.bytesSent = sent.bytes;
  passage.outcome = sent.outcome;
  if (sent.error !== undefined) {
    const withheld = refusalOfWithheld(sent.error, discharge.tally);
    if (withheld !== undefined && !passage.res.headersSent) throw withheld;
    house.log.error(
      { requestId: passage.id, route: subject.operation.route, err: sent.error },
      'answer failed half-way',
    );
    if (!passage.res.headersSent) throw unreadable();
  }
}

interface Prepared {
  readonly sending: Sending;
  readonly counting?: Counting;
}

function prepare(house: House, { plan }: DischargedAnswer, answer: Answer, headers: Headers): Prepared {
  const { status, body } = answer;
  const { limits, posture } = house.enforcement;
  const plain = { status, headers, body };
  if (plan.kind === 'pass') return { sending: plain };
  const isEmpty = status === 204 || status === 304 || headerText(answer, 'content-length') === '0';
  if (isEmpty) return { sending: plain };
  const codings = parseContentEncoding(headerText(answer, 'content-encoding'));
  // One coding is what CRMs send; more are as good as unknown.
  if (plan.kind === 'unreadable' || codings === undefined || codings.length > 1) {
    if (plan.kind === 'count' || posture.unreadableBody === 'allow') return { sending: plain };
    body.abort();
    throw unreadable();
  }
  if (plan.kind === 'count') {
    const counting = countingFilter(plan.rewriter, codings[0], limits);
    return { sending: { ...plain, filter: counting.filter }, counting };
  }
  const filter = unlessEmpty(plan.rewriter);
  const [coding] = codings;
  if (coding === undefined) return { sending: { ...plain, filter } };
  headers['content-encoding'] = coding;
  return { sending: { ...plain, decode: decoder(coding, limits), filter, encode: encoder(coding) } };
}

/** An answer without a body says nothing: there is no document that could be incomplete. */
function unlessEmpty(rewriter: Rewriter): Rewriter {
  let isEmpty = true;
  return {
    push: (chunk) => {
      if (chunk.length > 0) isEmpty = false;
      return rewriter.push(chunk);
    },
    end: () => (isEmpty ? Buffer.alloc(0) : rewriter.end()),
  };
}

function unreadable(): Refusal {
  return new Refusal(
    { policy: 'posture.unreadableBody', message: ERRORS.ANSWER_UNREADABLE.message },
    'ANSWER_UNREADABLE',
  );
}

function headerText(answer: Answer, name: string): string {
  const value = answer.headers[name];
  return value === undefined ? '' : String(value);
}
