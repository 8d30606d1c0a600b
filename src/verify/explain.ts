import type { CrmAdapter } from '../crm/adapter.ts';
import { walkWhole } from '../enforce/answer/walk-whole.ts';
import type { Walk } from '../enforce/answer.ts';
import { dischargeRequest } from '../enforce/discharge.ts';
import { type DischargedAnswer, denialOf, dischargeAnswer } from '../enforce/discharge-answer.ts';
import type { Enforcement } from '../enforce/enforcement.ts';
import { limitInWords } from '../enforce/limits/reading-limits.ts';
import { Refusal } from '../enforce/refusal.ts';
import { ERRORS, PrivetError } from '../errors.ts';
import { MediaError } from '../media/rewriter.ts';
import type { Decision, DecisionFacts, Denial } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { CrmRequest } from '../model/request.ts';
import { decide, viewsAhead, viewsOfReading } from '../policy/decide/decide.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';

/** A request that is not sent, and the answer that the CRM would give to it. */
export interface Question {
  readonly adapter: CrmAdapter;
  /** Name of the upstream in the configuration; the names of records begin with it. */
  readonly upstream: string;
  readonly enforcement: Enforcement;
  readonly policies: PolicySnapshot;
  readonly principal: Principal;
  readonly facts: DecisionFacts;
  readonly request: CrmRequest;
  readonly answer?: { readonly body: Buffer; readonly contentType: string };
}

export interface Explanation {
  /** Exactly what the client would get. */
  readonly body: Buffer;
  readonly denied: boolean;
  /** Why, in lines for people. */
  readonly reasons: readonly string[];
}

/** Sends a request through every stage but the network. */
export async function explain(question: Question): Promise<Explanation> {
  const { adapter, upstream, enforcement, policies, principal, request, facts } = question;
  const reasons: string[] = [];
  try {
    const operation = recognise(question);
    if (operation === undefined) {
      reasons.push(
        'passes unread: the operation or its body is not known, and the posture or the mode lets it pass',
      );
      return { body: question.answer?.body ?? Buffer.alloc(0), denied: false, reasons };
    }
    reasons.push(...sayOperation(operation));
    const asked = { snapshot: policies, crm: adapter, principal, operation, facts };
    const decision = decide(asked);
    reasons.push(...sayPolicies(decision));
    const owner = { upstream, principal: `${principal.via}:${principal.id}` };
    const decided = { adapter, operation, decision, owner };
    const discharged = await dischargeRequest(enforcement, decided, {
      shown: () => viewsOfReading(asked),
      ahead: () => viewsAhead(asked),
      read: () => Promise.resolve(undefined),
    });
    if (discharged.refusal !== undefined) reasons.push(`would be refused: ${sayDenial(discharged.refusal)}`);
    reasons.push(...sayNarrowing(discharged.narrowed.added));
    if (question.answer === undefined) return { body: Buffer.alloc(0), denied: false, reasons };
    const { body, contentType } = question.answer;
    const head = { status: 200, contentType };
    const answer = dischargeAnswer(enforcement, decided, discharged, head, () => undefined);
    const shown = await rewriteWhole(answer, body, enforcement)
      .then(async (whole) => {
        reasons.push(...(await sayToll(answer, enforcement)));
        return whole;
      })
      .finally(() => reasons.push(...sayAnswer(answer)));
    return { body: shown, denied: false, reasons };
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal === undefined) throw error;
    const { denial, status } = refusal;
    reasons.push(`refused: ${sayDenial(denial)}`);
    const native = adapter.errorBody(status, denial, request.accept, 'try');
    return { body: Buffer.from(native.body), denied: true, reasons };
  }
}

/** Undefined when the operation is unknown and the posture lets it pass. @throws Refusal where it does not */
function recognise({ adapter, enforcement, request }: Question): Operation | undefined {
  const { mode, posture } = enforcement;
  try {
    const operation = adapter.recognise(request, () => undefined);
    if (operation !== undefined && adapter.readOperation?.(operation) !== undefined)
      throw new PrivetError('BODY_UNREADABLE', 'Only the CRM can tell what it uploads to.');
    if (operation !== undefined) return operation;
    if (mode === 'observe' || posture.unknownOperation === 'allow') return undefined;
    const { message } = ERRORS.OPERATION_UNKNOWN;
    throw new Refusal({ policy: 'posture.unknownOperation', message }, 'OPERATION_UNKNOWN');
  } catch (error) {
    if (!(error instanceof PrivetError) || error.code !== 'BODY_UNREADABLE') throw error;
    if (mode === 'observe' || posture.unreadableBody === 'allow') return undefined;
    throw new Refusal({ policy: 'posture.unreadableBody', message: error.message }, 'BODY_UNREADABLE');
  }
}

function asRefusal(error: unknown): { readonly denial: Denial; readonly status: number } | undefined {
  if (error instanceof Refusal) return { denial: error.denial, status: ERRORS[error.code].status };
  if (error instanceof PrivetError) {
    return { denial: { policy: error.code, message: error.message }, status: error.status };
  }
  if (error instanceof MediaError) {
    const { status, message } = ERRORS.ANSWER_UNREADABLE;
    return { denial: { policy: 'ANSWER_UNREADABLE', message: `${message} (${error.message})` }, status };
  }
  return undefined;
}

async function rewriteWhole(
  { plan, tally }: DischargedAnswer,
  body: Buffer,
  { posture }: Enforcement,
): Promise<Buffer> {
  switch (plan.kind) {
    case 'pass':
      return body;
    case 'unreadable':
      if (posture.unreadableBody === 'allow') return body;
      throw new PrivetError('ANSWER_UNREADABLE');
    case 'count':
      await countRecords(plan, body);
      return body;
    case 'rewrite':
      try {
        return await walkWhole(plan, body);
      } catch (error) {
        const denial = denialOf(error, tally);
        throw denial === undefined ? error : new Refusal(denial);
      }
  }
}

/** Counts what is shown against the limits. In observe mode it is shown in any case. @throws Refusal */
async function sayToll({ toll }: DischargedAnswer, { mode }: Enforcement): Promise<string[]> {
  try {
    await toll?.();
    return [];
  } catch (error) {
    if (mode === 'enforce' || !(error instanceof Refusal)) throw error;
    return [`would be refused: ${sayDenial(error.denial)}`];
  }
}

/** A body that cannot be counted passes anyway: nothing in it had to be hidden. */
async function countRecords(walked: Walk, body: Buffer): Promise<void> {
  try {
    await walkWhole(walked, body);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
  }
}

function sayOperation(operation: Operation): string[] {
  const objects = operation.objects.length === 0 ? 'no object' : operation.objects.join(', ');
  return [`operation: ${operation.route} (${operation.kind}) on ${objects}`];
}

function sayPolicies({ policies, view, limits = [] }: Decision): string[] {
  const applied =
    policies.length === 0 ? ['no policy applied'] : policies.map((id) => `policy applied: ${id}`);
  const limited = limits.map(
    (limit) => `limit: ${limitInWords(limit)}, because of ${limit.policy}; nothing counts as read before`,
  );
  return [...applied, ...(view.isClear ? ['everything is shown clear'] : []), ...limited];
}

function sayNarrowing(added: ReadonlyMap<string, readonly string[]>): string[] {
  return Array.from(
    added,
    ([object, fields]) => `asked for and taken out again: ${object}.${fields.join(`, ${object}.`)}`,
  );
}

function sayAnswer({ tally }: DischargedAnswer): string[] {
  const { records, fields, omissions, unmet, unclassified } = tally.report();
  const treated = fields.map(({ object, field, treatment, count, policies = [] }) => {
    return `${object}.${field}: ${treatment} in ${count} of ${records.seen} records, because of ${policies.join(', ')}`;
  });
  const lacking = unmet.map(
    ({ object, policy, reason, count }) =>
      `${object}: fields treated in ${count} of ${records.seen} records, because of ${policy} (${reason})`,
  );
  const left = omissions.map(
    ({ object, policy, reason, count }) => `${object}: ${count} left out, because of ${policy} (${reason})`,
  );
  const unknown = unclassified.map(
    ({ object, field, count }) => `${object}.${field}: shown clear ${count} times, in no data map`,
  );
  return [
    `records: ${records.seen} seen, ${records.omitted} left out${sayCounted(records.counted)}`,
    ...left,
    ...treated,
    ...lacking,
    ...unknown,
  ];
}

function sayCounted(counted: number | undefined): string {
  return counted === undefined ? '' : `, ${counted} counted against the limit`;
}

function sayDenial({ policy, message }: Denial): string {
  return `${policy}: ${message}`;
}
