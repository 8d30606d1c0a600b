/**
 * Policy enforcement point, the part without HTTP: discharges every obligation of a decision on the bytes, both ways.
 * The proxy drives it with sockets, `privet try` with files.
 */
import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { NameTable } from '../media/name-table.ts';
import { MediaError } from '../media/rewriter.ts';
import type { Decision, Denial, ObjectView, View } from '../model/decision.ts';
import type { Operation, OperationKind } from '../model/operation.ts';
import type { Mode, Posture } from '../model/posture.ts';
import type { CrmRequest } from '../model/request.ts';
import { type AnswerPlan, planAnswer } from './answer.ts';
import { createDiscloser } from './disclosure.ts';
import type { LocatorOwner, LocatorSeal } from './locator.ts';
import type { ObjectPlan } from './object-plan.ts';
import { narrowQuery } from './query.ts';
import { Refusal } from './refusal.ts';
import { createSpecials } from './special.ts';
import { createTally, type Tally } from './tally.ts';
import { keepMasksOut } from './write.ts';

/** What enforcement needs for every request: built once. */
export interface Enforcement {
  readonly mode: Mode;
  readonly posture: Posture;
  readonly limits: Limits;
  readonly names: NameTable;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly seal: LocatorSeal;
  /** Keyed HMAC of a data subject's id. */
  readonly pseudonym: (object: string, id: string) => string;
  /** Redacts what every detector finds in a text of the CRM. */
  readonly scan: (text: string) => string;
}

/** One request with its decision. */
export interface Case {
  readonly adapter: CrmAdapter;
  readonly operation: Operation;
  readonly decision: Decision;
  readonly owner: LocatorOwner;
}

/** What goes upstream, and what the answer must be rid of again. */
export interface DischargedRequest {
  readonly operation: Operation;
  readonly body: Buffer | undefined;
  readonly narrowed: Narrowed;
  /** Observe mode: what would have been refused. */
  readonly refusal?: Denial;
}

/** What a write's values are compared with: the views in which this principal reads, clear ones left out, and a way to read. */
export interface ReadBack {
  readonly shown: () => readonly View[];
  readonly read: (request: CrmRequest) => Promise<unknown>;
}

/**
 * The request side: what cannot be shown is not asked for, queries are narrowed, masks are kept out of writes.
 * In observe mode nothing changes, and a refusal is reported instead of thrown.
 * @throws Refusal when the decision is a denial or an obligation cannot be discharged
 */
export async function dischargeRequest(
  tools: Enforcement,
  subject: Case,
  readBack: ReadBack,
): Promise<DischargedRequest> {
  if (tools.mode === 'enforce') return obeyed(tools, subject, readBack);
  const { operation } = subject;
  const narrowed: Narrowed = { operation, added: new Map(), rowsPushed: true };
  const untouched = { operation, body: operation.request.body, narrowed };
  try {
    await obeyed(tools, subject, readBack);
    return untouched;
  } catch (error) {
    if (error instanceof Refusal) return { ...untouched, refusal: error.denial };
    if (!(error instanceof PrivetError)) throw error;
    return { ...untouched, refusal: { policy: error.code, message: error.message } };
  }
}

async function obeyed(
  tools: Enforcement,
  { adapter, operation, decision }: Case,
  readBack: ReadBack,
): Promise<DischargedRequest> {
  const { denial, view } = decision;
  if (denial !== undefined) throw new Refusal(denial);
  let narrowed: Narrowed = { operation, added: new Map(), rowsPushed: true };
  if (!view.isClear) {
    requireReadableAnswer(tools, operation, decision);
    narrowed = narrowQuery(adapter, operation, view);
  }
  const sent = narrowed.operation;
  if (!writesRecords(operation)) return { operation: sent, body: sent.request.body, narrowed };
  const shown = readBack.shown();
  requireReadableWrite(tools, operation, shown);
  const { plans, names, limits } = tools;
  const writeTools = { adapter, plans, names, limits, read: readBack.read };
  const body = await keepMasksOut(sent, shown, writeTools);
  return { operation: sent, body, narrowed };
}

/** What is written may have been seen in another operation, so this does not depend on what this one shows. */
function writesRecords({ kind, uses }: Operation): boolean {
  return kind === 'create' || kind === 'update' || uses.some(({ position }) => position === 'write');
}

/** Records in a body that is not read may hold what this principal was shown in place of values. */
function requireReadableWrite(tools: Enforcement, operation: Operation, shown: readonly View[]): void {
  if (operation.body.format !== 'opaque' || tools.posture.unreadableBody === 'allow') return;
  const { uses } = operation;
  const hidden = uses.find(
    ({ object, position }) => position === 'write' && shown.some((view) => !view.of(object).isClear),
  );
  if (hidden === undefined) return;
  const denial = {
    policy: 'posture.unreadableBody',
    message: `What "${operation.route}" writes to ${hidden.object} cannot be inspected, and not everything of it is shown to you: masks might be written over values.`,
  };
  throw new Refusal(denial, 'BODY_UNREADABLE');
}

function requireReadableAnswer(tools: Enforcement, operation: Operation, decision: Decision): void {
  const unreadable = operation.needsClearView === true || operation.answer.format === 'opaque';
  if (!unreadable || tools.posture.unreadableBody === 'allow') return;
  throw new Refusal(
    {
      policy: decision.policies[0] ?? 'posture.unreadableBody',
      message: `The answer to "${operation.route}" cannot be inspected, and not everything in it may be shown to you.`,
    },
    'BODY_UNREADABLE',
  );
}

const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'merge']);

/** Head of the CRM's answer, as far as enforcement reads it. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
}

export interface DischargedAnswer {
  readonly plan: AnswerPlan;
  readonly tally: Tally;
  /** True when records may be missing that the CRM has counted, and the client must not know. */
  readonly countsBetray: boolean;
}

/** Why an answer that is one record may not be shown at all; undefined where it could not be rewritten for another reason. */
export function denialOf(error: unknown, tally: Tally): Denial | undefined {
  const policy = tally.lastOmittedBy();
  if (!(error instanceof MediaError) || error.reason !== 'withheld' || policy === undefined) return undefined;
  return { policy, message: 'This record may not be shown to you.' };
}

/**
 * The answer side.
 * @param leadBack absolute URL of the CRM → the same through the proxy; undefined when it is not the CRM's
 */
export function dischargeAnswer(
  tools: Enforcement,
  { adapter, decision, owner }: Case,
  { narrowed }: DischargedRequest,
  head: AnswerHead,
  leadBack: (url: string) => string | undefined,
): DischargedAnswer {
  const { view } = decision;
  const countsBetray = tools.mode === 'enforce' && !view.isClear && !narrowed.rowsPushed;
  // Locators are sealed with the query that was sent, so that their pages are read with the same narrowing.
  const { operation } = narrowed;
  const tally = createTally(tools.limits);
  const special = createSpecials({
    adapter,
    operation,
    guarded: !view.isClear,
    countsBetray,
    seal: (content) => tools.seal.seal(owner, content),
    leadBack,
    scan: tools.scan,
  });
  const handler = createDiscloser({
    view,
    plans: tools.plans,
    tally,
    added: narrowed.added,
    pseudonym: tools.pseudonym,
    special,
    ...(adapter.addresses === undefined ? {} : { addresses: adapter.addresses }),
    isWritten: WRITES.has(operation.kind),
    namesIgnoreCase: adapter.namesIgnoreCase,
    names: tools.names,
    ...(operation.answer.format === 'csv' ? { columns: operation.answer.columns } : {}),
  });
  const facts = {
    status: head.status,
    contentType: head.contentType,
    shape: operation.answer,
    viewIsClear: view.isClear,
    dryRun: tools.mode === 'observe',
  };
  return {
    plan: planAnswer(facts, { handler, names: tools.names, limits: tools.limits }),
    tally,
    countsBetray,
  };
}
