import type { AnswerPlan, Walk } from '../enforce/answer.ts';
import { dischargeAnswer } from '../enforce/discharge-answer.ts';
import type { Tally } from '../enforce/record/tally.ts';
import { Refusal } from '../enforce/refusal.ts';
import { ERRORS } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { decoder, encoder, parseContentEncoding } from '../media/codings.ts';
import type { Rewriter } from '../media/rewriter.ts';
import { ownToken } from './door.ts';
import type { House } from './house.ts';
import type { Outgoing } from './outgoing.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import type { Answer } from './wire/answer.ts';
import { answerHeaders } from './wire/answer-headers.ts';
import type { BodyFilter } from './wire/body-filter.ts';
import { countingFilter } from './wire/count.ts';
import { gatherStage } from './wire/gather-stage.ts';
import type { Headers } from './wire/headers.ts';
import { isBodyless } from './wire/send-whole.ts';
import type { Sending } from './wire/sending.ts';
import type { Toll } from './wire/toll-stage.ts';

/** How an answer is sent. */
export interface Prepared {
  readonly sending: Sending;
  readonly tally: Tally;
  readonly settle: () => Promise<void> | undefined;
  /** To be called when the answer is over. Settles when its records have been counted. */
  readonly count?: () => Promise<void>;
}

/** Works out the headers of an answer and what becomes of its body. */
export function prepareAnswer(
  house: House,
  passage: Passage,
  { door, base }: Received,
  { decided, discharged, viewId, dependsOnStandings }: Outgoing,
  answer: Answer,
): Prepared {
  const links = door.links(base);
  const leadBack = (url: string): string | undefined => {
    const led = links.rewriteUrl(url);
    return led === url ? undefined : led;
  };
  const head = { status: answer.status, contentType: headerText(answer, 'content-type') };
  const { plan, tally, countsBetray, toll, settle } = dischargeAnswer(
    house.enforcement,
    decided,
    discharged,
    head,
    leadBack,
  );
  passage.tally = tally;
  const { operation, decision } = decided;
  const isGuarded = viewId !== undefined && !decision.view.isClear;
  const headers = answerHeaders(answer.headers, {
    requestId: passage.id,
    changesBody: changesBody(plan, answer),
    viewId,
    changesUnseen: dependsOnStandings,
    varyOn: door.varyOn,
    links,
    scan: isGuarded ? house.enforcement.scan : undefined,
  });
  // The name of a file may say who it is about.
  if (operation.file !== undefined && !decision.view.isClear) delete headers['content-disposition'];
  // A session of Privet's own token is no client's.
  if (ownToken(door, passage, house.enforcement.posture) !== undefined) delete headers['set-cookie'];
  if (countsBetray) for (const name of door.adapter.countHeaders ?? []) delete headers[name];
  return { ...prepareBody(house, passage, answer, { plan, toll, headers }), tally, settle };
}

/** An answer that is held back only to be counted keeps its bytes, unless it has to be decoded and coded again. */
function changesBody(plan: AnswerPlan, answer: Answer): boolean {
  if (plan.kind === 'rewrite') {
    return plan.keepsBytes !== true || !isIdentity(headerText(answer, 'content-encoding'));
  }
  return plan.kind === 'unreadable';
}

function isIdentity(contentEncoding: string): boolean {
  return parseContentEncoding(contentEncoding)?.length === 0;
}

/** For an answer that cannot be inspected: it may pass if it has no body. */
const EMPTY_ONLY: BodyFilter = {
  push: (chunk) => {
    if (chunk.length > 0) throw unreadable();
    return chunk;
  },
  end: () => Buffer.alloc(0),
};

/** A body that cannot be inspected and must be fails at its first byte. */
function prepareBody(
  house: House,
  passage: Passage,
  answer: Answer,
  { plan, toll, headers }: { plan: AnswerPlan; toll: Toll | undefined; headers: Headers },
): Pick<Prepared, 'sending' | 'count'> {
  const { res } = passage;
  const { status, body } = answer;
  const { limits, posture } = house.enforcement;
  const plain = { status, headers, body };
  if (plan.kind === 'pass') return { sending: plain };
  if (isBodyless(res, status) || headerText(answer, 'content-length') === '0') return { sending: plain };
  const codings = parseContentEncoding(headerText(answer, 'content-encoding'));
  // CRMs send one coding; more are treated as unknown.
  if (plan.kind === 'unreadable' || codings === undefined || codings.length > 1) {
    const isLetPass = plan.kind === 'count' || posture.unreadableBody === 'allow';
    return { sending: isLetPass ? plain : { ...plain, filter: EMPTY_ONLY } };
  }
  if (plan.kind === 'count') {
    const { filter, over } = countingFilter(plan, codings[0], limits);
    return { sending: { ...plain, filter }, count: () => over().then(() => observe(house, passage, toll)) };
  }
  const rewriting = rewritingOf(plain, plan, toll, limits);
  const [coding] = codings;
  if (coding === undefined) return { sending: rewriting };
  headers['content-encoding'] = coding;
  return { sending: { ...rewriting, decode: decoder(coding, limits), encode: encoder(coding) } };
}

function rewritingOf(
  plain: Sending,
  { rewriter, gather }: Walk,
  toll: Toll | undefined,
  limits: Limits,
): Sending {
  if (gather !== undefined)
    return { ...plain, stage: gatherStage(gather, limits.lookupWindowBytesMax, toll) };
  const filter = unlessEmpty(rewriter);
  if (toll === undefined) return { ...plain, filter };
  return { ...plain, filter, toll: { take: toll, windowBytesMax: limits.budgetWindowBytesMax } };
}

/** Observe mode, after the answer has passed: spends the budget anyway, and notes what would have been refused. */
async function observe(house: House, passage: Passage, toll: Toll | undefined): Promise<void> {
  try {
    await toll?.();
  } catch (error) {
    if (error instanceof Refusal) passage.refusal ??= error.denial;
    else house.log.error({ requestId: passage.id, err: error }, 'records are not counted');
  }
}

/** An empty body is no document that could be incomplete. */
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

/** The refusal of an answer that cannot be inspected. */
export function unreadable(): Refusal {
  return new Refusal(
    { policy: 'posture.unreadableBody', message: ERRORS.ANSWER_UNREADABLE.message },
    'ANSWER_UNREADABLE',
  );
}

/** A header of an answer, or ''. */
export function headerText(answer: Answer, name: string): string {
  const value = answer.headers[name];
  return value === undefined ? '' : String(value);
}
