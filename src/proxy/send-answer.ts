import { denialOf, settleUnread } from '../enforce/discharge-answer.ts';
import { Refusal } from '../enforce/refusal.ts';
import { PrivetError } from '../errors.ts';
import type { Denial } from '../model/decision.ts';
import type { House } from './house.ts';
import type { Outgoing } from './outgoing.ts';
import type { Passage } from './passage.ts';
import { headerText, type Prepared, prepareAnswer, unreadable } from './prepare-answer.ts';
import type { Received } from './receive.ts';
import type { Answer } from './wire/answer.ts';
import { streamAnswer } from './wire/send.ts';

/** Discharges every obligation on the answer while it streams to the client. @throws Refusal before the first byte */
export async function sendAnswer(
  house: House,
  passage: Passage,
  received: Received,
  outgoing: Outgoing,
  answer: Answer,
): Promise<void> {
  let prepared: Prepared;
  try {
    requireAnswerFromHere(house, received, outgoing, answer);
    prepared = prepareAnswer(house, passage, received, outgoing, answer);
  } catch (error) {
    // Nobody reads it any more, and others need its connection.
    answer.body.abort();
    await settleUnread(house.enforcement, outgoing.discharged, answer.status);
    throw error;
  }
  const { sending, tally, count, settle } = prepared;
  const { bytes, outcome, error } = await streamAnswer(passage.res, sending);
  await count?.();
  const own = error && ownReason(error);
  if (own !== undefined) passage.refusal ??= own;
  await settle()?.catch((cause: unknown) => {
    house.log.error({ requestId: passage.id, err: cause }, 'tokens of a write stay pending');
  });
  passage.bytesSent = bytes;
  passage.outcome = outcome;
  if (error === undefined) return;
  if (own !== undefined && !passage.res.headersSent) throw error;
  const denial = denialOf(error, tally);
  if (denial !== undefined && !passage.res.headersSent) throw new Refusal(denial);
  const { route } = outgoing.decided.operation;
  house.log.error({ requestId: passage.id, route, err: error }, 'answer failed half-way');
  if (!passage.res.headersSent) throw unreadable();
}

/**
 * A redirect to another host would be followed past the proxy. A file that the principal may have may be fetched there.
 * @throws Refusal
 */
function requireAnswerFromHere(
  { enforcement }: House,
  { door, base }: Received,
  { decided }: Outgoing,
  answer: Answer,
): void {
  const { operation, decision } = decided;
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (!isRedirect || decision.view.isClear || operation.file !== undefined) return;
  if (enforcement.mode === 'observe' || enforcement.posture.unreadableBody === 'allow') return;
  if (door.links(base).leadsAway(headerText(answer, 'location'))) throw unreadable();
}

/** Privet's own reason not to let an answer pass; undefined where it is the CRM's or the network's fault. */
function ownReason(error: Error): Denial | undefined {
  if (error instanceof Refusal) return error.denial;
  const isOwn = error instanceof PrivetError && error.status === 403;
  return isOwn ? { policy: error.code, message: error.message } : undefined;
}
