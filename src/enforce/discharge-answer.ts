/** Policy enforcement point, the part without HTTP: discharges every obligation of a decision on an answer. */
import { MediaError } from '../media/rewriter.ts';
import type { Denial } from '../model/decision.ts';
import type { Operation, OperationKind } from '../model/operation.ts';
import { copyOf } from './answer/copy.ts';
import { type Counts, createCounts } from './answer/counts.ts';
import { createDiscloser, type Disclosure } from './answer/disclosure.ts';
import { gatheringOf, type RepeatedRows } from './answer/gathering.ts';
import { createObservations } from './answer/observations.ts';
import { createRevealing } from './answer/reveal.ts';
import { createSpecials } from './answer/special.ts';
import { createStandings } from './answer/standings.ts';
import { noteWithdrawn, noteWritten } from './answer/written-consent.ts';
import { type AnswerPlan, planAnswer } from './answer.ts';
import { tellOwn } from './current/found-people.ts';
import { type DecidedRequest, type DischargedRequest, dataSubjectIdsOf, peopleTools } from './discharge.ts';
import type { Enforcement } from './enforcement.ts';
import { writesRecords } from './inspectable.ts';
import { createReadingToll, type ReadingToll, tollOnWritten } from './limits/reading-limits.ts';
import { askTold } from './people/told-person.ts';
import { createJsonTexts } from './record/json-text.ts';
import { createTally, type Tally } from './record/tally.ts';
import { bondsOf, giveBack, settleIssued } from './stored/settle.ts';
import type { Issued } from './stored/store-values.ts';

/** Head of the CRM's answer, as far as enforcement reads it. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
}

export interface DischargedAnswer {
  readonly plan: AnswerPlan;
  readonly tally: Tally;
  /**
   * To be awaited after every part of the answer, before the part leaves; in observe mode, when the answer is over. See
   * `ReadingToll`.
   */
  readonly toll: ReadingToll['take'] | undefined;
  /** True when the CRM may have counted records that are left out, which the client must not learn. */
  readonly countsBetray: boolean;
  /**
   * To be called when the answer is over: tells the vault what became of a write's tokens. Undefined: there is nothing
   * to tell.
   * @throws PrivetError VAULT_UNAVAILABLE
   */
  readonly settle: () => Promise<void> | undefined;
}

/** Why an answer that is a single record was withheld; undefined when it failed for another reason. */
export function denialOf(error: unknown, tally: Tally): Denial | undefined {
  return error instanceof MediaError && error.reason === 'withheld' ? tally.lastWithheld() : undefined;
}

/** An answer whose obligations are being discharged. */
interface Answering {
  readonly tools: Enforcement;
  readonly decided: DecidedRequest;
  readonly discharged: DischargedRequest;
  readonly head: AnswerHead;
  readonly tally: Tally;
  readonly countsBetray: boolean;
  readonly leadBack: (url: string) => string | undefined;
}

/**
 * Plans what happens to an answer, and what is to be done when it is over.
 * @param leadBack absolute URL of the CRM → the same through the proxy; undefined when it is not the CRM's
 */
export function dischargeAnswer(
  tools: Enforcement,
  decided: DecidedRequest,
  discharged: DischargedRequest,
  head: AnswerHead,
  leadBack: (url: string) => string | undefined,
): DischargedAnswer {
  const { narrowed, issued } = discharged;
  const { view } = decided.decision;
  const tally = createTally(tools.limits);
  const countsBetray = tools.mode !== 'observe' && !view.isClear && !narrowed.rowsPushed;
  const answering = { tools, decided, discharged, head, tally, countsBetray, leadBack };
  const disclosure = disclosureOf(answering);
  const plan = planFor(answering, disclosure);
  const toll = disclosure.toll?.take;
  if (issued === undefined || issued.uses.length === 0) {
    const isRefused = head.status >= 400 && head.status < 500;
    const settle = () => (isRefused ? giveUploadBack(discharged) : noteConsent(answering, disclosure));
    return { plan, tally, countsBetray, toll, settle };
  }
  const copy = copyOf(plan, tools.limits.requestBodyBytesMax);
  const settle = async (): Promise<void> => {
    noteConsent(answering, disclosure);
    await settleTokens(answering, issued, copy.document());
  };
  return { plan: copy.plan, tally, countsBetray, toll, settle };
}

function disclosureOf(answering: Answering): Disclosure {
  const { tools, decided, discharged, tally, countsBetray } = answering;
  const { adapter, decision, owner } = decided;
  const { view } = decision;
  const { operation, added } = discharged.narrowed;
  const counts = countsBetray ? createCounts() : undefined;
  const people = peopleTools(tools, decided, discharged);
  return {
    ...tollsOf(answering),
    view,
    plans: tools.plans,
    revealing: createRevealing(tools.vault, (values) => tools.allowance.take(owner.principal, values)),
    standings: createStandings(askTold(tools.consent, tools.vault, (some) => tellOwn(some, people))),
    naming: people.naming,
    people: tools.people(owner.upstream),
    observations: createObservations(tools.feed, tools.clock),
    refuses: tools.mode === 'enforce',
    tally,
    added,
    counts,
    pseudonyms: tools.pseudonyms,
    special: specialsOf(answering, counts),
    addresses: adapter.addresses,
    idField: adapter.idField,
    isWritten: WRITES.has(operation.kind),
    namesIgnoreCase: adapter.namesIgnoreCase,
    names: tools.names,
    jsonTexts: createJsonTexts({ view, plans: tools.plans, names: tools.names, limits: tools.limits }),
    columns: operation.answer.format === 'csv' ? operation.answer.columns : undefined,
    results: operation.results,
  };
}

function specialsOf(
  { tools, decided, discharged, leadBack }: Answering,
  counts: Counts | undefined,
): Disclosure['special'] {
  const { view } = decided.decision;
  return createSpecials({
    adapter: decided.adapter,
    // Locators are sealed with the query that was sent, so that their pages are read with the same narrowing.
    operation: discharged.narrowed.operation,
    guarded: !view.isClear,
    // Pages and job results do not tell what their columns are, so their locators are sealed with the query.
    sealed: !view.isClear || view.reveals === true,
    counts,
    seal: (content) => tools.seal.seal(decided.owner, content),
    leadBack,
    scan: tools.scan,
  });
}

/** Counts the records of an answer to a read while it is shown, and those of an answer to a write before. */
function tollsOf({
  tools,
  decided,
  discharged,
  head,
  tally,
}: Answering): Pick<Disclosure, 'toll' | 'writtenToll' | 'countedNames'> {
  const toll = tollOf(tools, decided, head, tally);
  if (toll === undefined) return {};
  const { found: countedNames } = tools.countedNames(decided.owner.upstream, decided.adapter);
  const isWritten = WRITES.has(discharged.narrowed.operation.kind);
  if (!isWritten || tools.mode === 'observe') return { toll, countedNames };
  return { writtenToll: tollOnWritten(toll, decided.decision.limits ?? []), countedNames };
}

function planFor({ tools, decided, discharged, head }: Answering, disclosure: Disclosure): AnswerPlan {
  const { view } = decided.decision;
  const { operation } = discharged.narrowed;
  const { toll, writtenToll } = disclosure;
  const isObserved = tools.mode === 'observe';
  const isFile = isFileItself(operation, head);
  const facts = {
    status: head.status,
    contentType: head.contentType,
    shape: operation.answer,
    viewIsClear: view.isClear || isFile,
    countsAhead: (toll ?? writtenToll) !== undefined && !isFile,
    dryRun: isObserved,
  };
  const handler = createDiscloser(disclosure);
  const answerTools = { handler, names: tools.names, limits: tools.limits };
  const gathers =
    (view.reveals === true && !isObserved) || writtenToll !== undefined || view.asksStanding === true;
  if (!gathers) return planAnswer(facts, answerTools);
  const gathering = gatheringOf(disclosure, repeatedRows(tools, decided, head));
  return planAnswer(facts, { ...answerTools, gathering });
}

/** Notes what a write that the CRM has taken says of consent. */
function noteConsent({ tools, decided, discharged, head }: Answering, disclosure: Disclosure): undefined {
  if (head.status >= 300) return;
  const { body, narrowed } = discharged;
  const { operation } = narrowed;
  noteWithdrawn(operation, disclosure);
  if (body === undefined || !writesRecords(operation)) return;
  noteWritten(operation, body, { ...disclosure, adapter: decided.adapter, limits: tools.limits });
}

/** @param document the CRM's answer; undefined when it is not known */
async function settleTokens(
  { tools: { vault }, decided, head: { status } }: Answering,
  issued: Issued,
  document: unknown,
): Promise<void> {
  await settleIssued(vault, issued, { status, document });
  if (status >= 300) return;
  const bonds = bondsOf(issued, document, dataSubjectIdsOf(decided));
  await Promise.all(bonds.map(({ provisional, dataSubject }) => vault.bind({ provisional }, dataSubject)));
}

/** Settles a write of whose answer only the status is known. If the vault is away, tokens stay pending. */
export async function settleUnread(
  { vault }: Enforcement,
  { issued }: DischargedRequest,
  status: number,
): Promise<void> {
  if (issued !== undefined) await settleIssued(vault, issued, { status }).catch(() => undefined);
}

async function giveUploadBack({ upload = [] }: DischargedRequest): Promise<void> {
  for (const stage of upload) await stage.giveBack?.();
}

/**
 * To be called when no answer will come: gives back the tokens of a request if it is certain that the CRM has not
 * received it. Otherwise they stay pending.
 * @param wasSent the CRM may have received the request, or some of it
 */
export async function giveBackUnheard(
  { vault }: Enforcement,
  { issued, upload = [] }: DischargedRequest,
  wasSent: boolean,
): Promise<void> {
  if (!wasSent && issued !== undefined) await giveBack(vault, issued.uses);
  for (const stage of upload) if (!wasSent || stage.hasLeft?.() !== true) await stage.giveBack?.();
}

const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'merge', 'send']);

/** Whether the answer is a file's bytes. The file was found visible before it was requested. */
function isFileItself({ file, answer }: Operation, { status }: AnswerHead): boolean {
  return file !== undefined && answer.format === 'opaque' && status < 400;
}

function repeatedRows(
  { vault }: Enforcement,
  decided: DecidedRequest,
  { status }: AnswerHead,
): RepeatedRows | undefined {
  const { results } = decided.operation;
  if (results === undefined || status >= 300) return undefined;
  return { results, vault, dataSubjectIdOf: dataSubjectIdsOf(decided) };
}

function tollOf(
  { readingBudget, countedNames }: Enforcement,
  { adapter, operation, decision: { limits }, owner }: DecidedRequest,
  { status }: AnswerHead,
  tally: Tally,
): ReadingToll | undefined {
  if (limits === undefined) return undefined;
  const { upstream, principal } = owner;
  return createReadingToll({
    budget: readingBudget,
    limits,
    // An id that comes from the CRM's own token is unique only within that CRM.
    holder: principal.startsWith('crm:') ? `${upstream} ${principal}` : principal,
    nameOf: countedNames(upstream, adapter).nameOf,
    isUntold: operation.needsClearView === true,
    // Of an error nothing is computed.
    ...(operation.aggregates && status < 300 ? { computedOver: operation.objects } : {}),
    tally,
  });
}
