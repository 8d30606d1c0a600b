/**
 * Policy enforcement point, the part without HTTP: discharges every obligation of a decision on the bytes, both ways.
 * The proxy drives it with sockets, `privet try` with files.
 */

import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import { MediaError } from '../media/rewriter.ts';
import type { Decision, Denial, View } from '../model/decision.ts';
import type { Operation, OperationKind } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import { type AnswerPlan, planAnswer } from './answer.ts';
import { keepFromClaiming } from './claimed-consent.ts';
import { requirementsOn } from './claims.ts';
import { copyOf } from './copy.ts';
import { createCounts } from './counts.ts';
import { dataSubjectId } from './data-subject-id.ts';
import { createDiscloser } from './disclosure.ts';
import type { Enforcement } from './enforcement.ts';
import { requireVisibleFile } from './file.ts';
import { type PeopleTools, tellOwn } from './found-people.ts';
import { gatheringOf, type RepeatedRows } from './gathering.ts';
import {
  requireCountableAnswer,
  requireReadableAnswer,
  requireReadableWrite,
  writesRecords,
} from './inspectable.ts';
import { createJsonTexts } from './json-text.ts';
import type { LocatorOwner } from './locator.ts';
import { createObservations } from './observations.ts';
import { createNaming } from './person.ts';
import { NOTHING_ADDED, narrowQuery } from './query.ts';
import { createReadingToll, type ReadingToll, tollOnWritten } from './reading-limits.ts';
import { keepFromSending } from './recipients.ts';
import { denialIn, Refusal } from './refusal.ts';
import { keepRestrictedRows } from './restricted-rows.ts';
import { keepRestricted } from './restricted-targets.ts';
import { createRevealing } from './reveal.ts';
import { bondsOf, giveBack, settleIssued } from './settle.ts';
import { createSpecials } from './special.ts';
import { createStandings } from './standings.ts';
import { storeRequest } from './store-request.ts';
import type { Issued } from './store-values.ts';
import { requireOpenQuestion } from './stored-question.ts';
import { createTally, type Tally } from './tally.ts';
import { askTold } from './told-person.ts';
import { observed, type UploadStage } from './upload-stage.ts';
import { keepUploadFromClaiming } from './uploaded-consent.ts';
import { keepMasksOutOfRows } from './uploaded-masks.ts';
import { keepUploadToRows } from './uploaded-rows.ts';
import { requireVisible } from './visible-records.ts';
import { keepMasksOut } from './write.ts';
import { noteWithdrawn, noteWritten } from './written-consent.ts';
import { hasRowRules, keepToRows } from './written-rows.ts';

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
  /** Tokens that were given out for it. */
  readonly issued?: Issued;
  /** In place of `body`: what becomes of it while it streams by, in this order. */
  readonly upload?: readonly UploadStage[];
  /** Observe mode: what would have been refused. */
  readonly refusal?: Denial;
  /** Reads what has to be known of the people in the answer and does not stand in it. */
  readonly read: ReadBack['read'];
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
  const { read } = readBack;
  if (tools.mode === 'enforce') return { ...(await obeyed(tools, subject, readBack)), read };
  const { operation } = subject;
  const narrowed: Narrowed = { operation, added: NOTHING_ADDED, rowsPushed: true };
  const untouched = { operation, body: operation.request.body, narrowed, read };
  try {
    const { upload } = await obeyed(tools, subject, readBack);
    return { ...untouched, ...(upload === undefined ? {} : { upload: upload.map(observed) }) };
  } catch (error) {
    const refusal = denialIn(error);
    if (refusal === undefined) throw error;
    return { ...untouched, refusal };
  }
}

async function obeyed(
  tools: Enforcement,
  subject: Case,
  readBack: ReadBack,
): Promise<Omit<DischargedRequest, 'read'>> {
  const { adapter, operation, decision } = subject;
  const { denial, view } = decision;
  if (denial !== undefined) throw new Refusal(denial);
  requireCountableAnswer(tools, operation, decision);
  let narrowed: Narrowed = { operation, added: NOTHING_ADDED, rowsPushed: true };
  const people = peopleTools(tools, subject, readBack);
  // Most requests are not about what would have to be asked: they wait for nothing.
  if (view.of('*').restricts === true) await keepRestricted(operation, people, tools);
  await keepToRows(operation, people, tools);
  await keepFromClaiming(operation, people, tools);
  if (operation.recipients !== undefined) await keepFromSending(operation, people);
  if (!view.isClear) {
    requireReadableAnswer(tools, operation, decision);
    const { file, question, tellsOf } = operation;
    if (file !== undefined) await requireVisibleFile(operation, file, { ...people, posture: tools.posture });
    if (question !== undefined) await requireOpenQuestion(question, people);
    if (tellsOf !== undefined) await requireVisible(tellsOf, people);
    narrowed = narrowQuery(adapter, operation, view);
  }
  const sent = narrowed.operation;
  const shown = writesRecords(operation) ? readBack.shown() : [];
  requireReadableWrite(tools, operation, shown);
  const { plans, names, limits, vault } = tools;
  const writeTools = { adapter, plans, names, limits, vault, view, read: readBack.read };
  const upload = uploadOf(operation, people, shown, tools);
  const body = shown.length === 0 ? sent.request.body : await keepMasksOut(sent, shown, writeTools);
  // Observing changes nothing in the CRM, so nothing may be given out for it either.
  if (view.reveals !== true || tools.mode === 'observe') {
    return { operation: sent, body, narrowed, ...(upload.length === 0 ? {} : { upload }) };
  }
  const written = body === undefined ? sent : { ...sent, request: { ...sent.request, body } };
  const subjectId = subjectIdOf(subject);
  const valuesIgnoreCase = adapter.valuesIgnoreCase === true;
  const storeTools = { vault, view, shown, names, limits, subjectId, valuesIgnoreCase };
  const { upload: storing, ...stored } = await storeRequest(adapter, written, storeTools);
  const stages = [...upload, ...(storing === undefined ? [] : [storing])];
  return {
    ...stored,
    narrowed: { ...narrowed, operation: stored.operation },
    ...(stages.length === 0 ? {} : { upload: stages }),
  };
}

/** What the rows of an upload go through, in this order. */
function uploadOf(
  { body }: Operation,
  people: PeopleTools,
  shown: readonly View[],
  tools: Enforcement,
): readonly UploadStage[] {
  if (body.format !== 'csv') return [];
  const { view } = people;
  return [
    ...(view.of(body.object).restricts === true ? [keepRestrictedRows(body, people, tools)] : []),
    ...(hasRowRules(view) ? [keepUploadToRows(body, people, tools)] : []),
    ...(requirementsOn(view, body.object).length > 0 ? [keepUploadFromClaiming(body, people, tools)] : []),
    ...(view.isClear && shown.length === 0 ? [] : [keepMasksOutOfRows(body, shown, { ...tools, ...people })]),
  ];
}

function subjectIdOf({ adapter, owner }: Case): (object: string, id: string) => string {
  return (object, id) => dataSubjectId(adapter, owner.upstream, object, id);
}

function peopleTools(
  { consent, vault, adapters }: Enforcement,
  { adapter, operation, decision, owner }: Case,
  { read }: Pick<ReadBack, 'read'>,
): PeopleTools {
  const naming = createNaming(adapter, owner.upstream, adapters);
  return { adapter, operation, view: decision.view, naming, consent, vault, read };
}

/** The bytes of a file, which was found visible before it was asked for. */
function isFileItself({ file, answer }: Operation, { status }: AnswerHead): boolean {
  return file !== undefined && answer.format === 'opaque' && status < 400;
}

const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'merge', 'send']);

/** Head of the CRM's answer, as far as enforcement reads it. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
}

export interface DischargedAnswer {
  readonly plan: AnswerPlan;
  readonly tally: Tally;
  /**
   * To be asked after every part of the answer, before what came of it may leave; in observe mode, when the answer is over.
   * See `ReadingToll`.
   */
  readonly toll?: ReadingToll['take'];
  /** True when records may be missing that the CRM has counted, and the client must not know. */
  readonly countsBetray: boolean;
  /**
   * To be called once the answer is over: says to the vault what became of the tokens of a write. Undefined: nothing has to be said.
   * @throws PrivetError VAULT_UNAVAILABLE
   */
  readonly settle: () => Promise<void> | undefined;
}

/** Why an answer that is one record may not be shown at all; undefined where it could not be rewritten for another reason. */
export function denialOf(error: unknown, tally: Tally): Denial | undefined {
  return error instanceof MediaError && error.reason === 'withheld' ? tally.lastWithheld() : undefined;
}

function repeatedRows(
  { vault }: Enforcement,
  subject: Case,
  { status }: AnswerHead,
): RepeatedRows | undefined {
  const { results } = subject.operation;
  if (results === undefined || status >= 300) return undefined;
  return { results, vault, subjectId: subjectIdOf(subject) };
}

/**
 * The answer side.
 * @param leadBack absolute URL of the CRM → the same through the proxy; undefined when it is not the CRM's
 */
export function dischargeAnswer(
  tools: Enforcement,
  subject: Case,
  discharged: DischargedRequest,
  head: AnswerHead,
  leadBack: (url: string) => string | undefined,
): DischargedAnswer {
  const { narrowed, issued, read } = discharged;
  const { adapter, decision, owner } = subject;
  const { view } = decision;
  const isObserved = tools.mode === 'observe';
  const countsBetray = !isObserved && !view.isClear && !narrowed.rowsPushed;
  // Locators are sealed with the query that was sent, so that their pages are read with the same narrowing.
  const { operation } = narrowed;
  const tally = createTally(tools.limits);
  const counts = countsBetray ? createCounts() : undefined;
  const special = createSpecials({
    adapter,
    operation,
    guarded: !view.isClear,
    // Pages and results of jobs do not say what their columns are.
    sealed: !view.isClear || view.reveals === true,
    counts,
    seal: (content) => tools.seal.seal(owner, content),
    leadBack,
    scan: tools.scan,
  });
  const revealing = createRevealing(tools.vault, (values) => tools.allowance.take(owner.principal, values));
  const people = peopleTools(tools, subject, { read });
  const standings = createStandings(askTold(tools.consent, tools.vault, (some) => tellOwn(some, people)));
  const observations = createObservations(tools.feed, tools.clock);
  const isWritten = WRITES.has(operation.kind);
  const toll = tollOf(tools, subject, tally);
  const writtenToll = isWritten && toll !== undefined && !isObserved ? tollOnWritten(toll) : undefined;
  const disclosure = {
    view,
    plans: tools.plans,
    revealing,
    standings,
    naming: people.naming,
    people: tools.people(owner.upstream),
    observations,
    refuses: tools.mode === 'enforce',
    tally,
    added: narrowed.added,
    counts,
    pseudonyms: tools.pseudonyms,
    special,
    addresses: adapter.addresses,
    toll: writtenToll === undefined ? toll : undefined,
    countedNames: toll === undefined ? undefined : tools.countedNames(owner.upstream, adapter).found,
    writtenToll,
    idField: adapter.idField,
    isWritten,
    namesIgnoreCase: adapter.namesIgnoreCase,
    names: tools.names,
    jsonTexts: createJsonTexts({ view, plans: tools.plans, names: tools.names, limits: tools.limits }),
    columns: operation.answer.format === 'csv' ? operation.answer.columns : undefined,
    results: operation.results,
  };
  const gathers =
    (view.reveals === true && !isObserved) || writtenToll !== undefined || view.asksStanding === true;
  const gathering = gathers ? gatheringOf(disclosure, repeatedRows(tools, subject, head)) : undefined;
  const handler = createDiscloser(disclosure);
  const facts = {
    status: head.status,
    contentType: head.contentType,
    shape: operation.answer,
    viewIsClear: view.isClear || isFileItself(operation, head),
    countsAhead: toll !== undefined && !isFileItself(operation, head),
    dryRun: isObserved,
  };
  const answerTools = { handler, names: tools.names, limits: tools.limits };
  const plan = planAnswer(facts, gathering === undefined ? answerTools : { ...answerTools, gathering });
  const answered = {
    tally,
    countsBetray,
    ...(toll === undefined || writtenToll !== undefined ? {} : { toll: toll.take }),
  };
  const { body } = discharged;
  const written = (): undefined => {
    if (head.status >= 300) return;
    noteWithdrawn(operation, disclosure);
    if (body !== undefined && writesRecords(operation)) {
      noteWritten(operation, body, { ...disclosure, adapter, limits: tools.limits });
    }
  };
  if (issued === undefined || issued.uses.length === 0) {
    const isRefused = head.status >= 400 && head.status < 500;
    const settle = () => (isRefused ? giveUploadBack(discharged) : written());
    return { plan, ...answered, settle };
  }
  const copy = copyOf(plan, tools.limits.requestBodyBytesMax);
  const settle = async (): Promise<void> => {
    written();
    const document = copy.document();
    await settleIssued(tools.vault, issued, { status: head.status, document });
    const bonds = head.status < 300 ? bondsOf(issued, document, subjectIdOf(subject)) : [];
    await Promise.all(
      bonds.map(({ provisional, dataSubject }) => tools.vault.bind({ provisional }, dataSubject)),
    );
  };
  return { plan: copy.plan, ...answered, settle };
}

/** An answer to a write of which nothing but its status is known. Where the vault is away, tokens stay pending. */
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
 * No answer will come: gives back what was issued for a request where it is certain that the CRM has not heard of it. Of everything else
 * nobody knows.
 * @param wasSent the CRM may have it, as far as it has left
 */
export async function giveBackUnheard(
  { vault }: Enforcement,
  { issued, upload = [] }: DischargedRequest,
  wasSent: boolean,
): Promise<void> {
  if (!wasSent && issued !== undefined) await giveBack(vault, issued.uses);
  for (const stage of upload) if (!wasSent || stage.hasLeft?.() !== true) await stage.giveBack?.();
}

function tollOf(
  { readingBudget, countedNames }: Enforcement,
  { adapter, operation, decision: { limits }, owner }: Case,
  tally: Tally,
): ReadingToll | undefined {
  if (limits === undefined) return undefined;
  const { upstream, principal } = owner;
  return createReadingToll({
    budget: readingBudget,
    limits,
    // Whoever is known by the CRM's own token is somebody else in another CRM.
    holder: principal.startsWith('crm:') ? `${upstream} ${principal}` : principal,
    nameOf: countedNames(upstream, adapter).nameOf,
    isUntold: operation.needsClearView === true,
    ...(operation.aggregates ? { computedOver: operation.objects } : {}),
    tally,
  });
}
