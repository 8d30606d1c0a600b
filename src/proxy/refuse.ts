import { Refusal } from '../enforce/refusal.ts';
import { PrivetError } from '../errors.ts';
import type { Denial } from '../model/decision.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import { recordDecision } from './record.ts';
import { denialAnswer } from './wire/denial.ts';
import { sendWhole } from './wire/send-whole.ts';

/** Every exit but the front door: says no in the CRM's own shape, after the refusal is on record. */
export async function refuse(house: House, passage: Passage, error: unknown): Promise<void> {
  const { req, res } = passage;
  // When a client leaves during its upload, the request notices first.
  const isGone = res.destroyed || (req.destroyed && !req.complete);
  if (res.headersSent || isGone) {
    passage.outcome = res.headersSent ? 'failed' : 'aborted';
    res.destroy();
    return;
  }
  const cause = await recorded(house, passage, causeOf(error));
  logRefusal(house, passage, error, cause);
  const { status, headers, body } = denialAnswer(cause, {
    crm: passage.door?.adapter,
    accept: req.headers.accept ?? '',
    requestId: passage.id,
    crmStatus: passage.upstreamStatus,
    crmRetryAfter: passage.upstreamRetryAfter,
  });
  passage.bytesSent = body.length;
  // The CRM's own answer may have counted as failed: it was stopped so that this refusal could take its place.
  passage.outcome = cause instanceof PrivetError && cause.status >= 500 ? 'failed' : 'complete';
  sendWhole(res, status, headers, body);
}

function causeOf(error: unknown): PrivetError | Denial {
  if (error instanceof Refusal)
    return error.code === 'ANSWER_UNREADABLE' ? new PrivetError(error.code) : error.denial;
  return error instanceof PrivetError ? error : new PrivetError('INTERNAL', undefined, { cause: error });
}

/** Puts the refusal on record. When that fails, the refusal that is sent says so. */
async function recorded(
  house: House,
  passage: Passage,
  cause: PrivetError | Denial,
): Promise<PrivetError | Denial> {
  passage.refusal ??= cause instanceof PrivetError ? { policy: cause.code, message: cause.message } : cause;
  try {
    await recordDecision(house, passage);
    return cause;
  } catch (unavailable) {
    return unavailable instanceof PrivetError ? unavailable : cause;
  }
}

function logRefusal(house: House, passage: Passage, error: unknown, cause: PrivetError | Denial): void {
  const facts = { requestId: passage.id, upstream: passage.door?.name, route: passage.operation?.route };
  if (!(cause instanceof PrivetError)) {
    house.log.info({ ...facts, policy: cause.policy }, 'refused');
    return;
  }
  const inner = error instanceof Error ? (error.cause ?? error) : error;
  if (cause.status >= 500) house.log.error({ ...facts, code: cause.code, err: inner }, 'failed');
  else house.log.info({ ...facts, code: cause.code }, 'refused');
}
