/**
 * Policy enforcement point, the part without HTTP: discharges every obligation of a decision on the bytes, here those
 * of the request; discharge-answer.ts does the answer. The proxy drives both with sockets, `privet try` with files.
 */

import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import type { Decision, Denial, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import { changesRecords } from './current/changed-records.ts';
import type { PeopleTools } from './current/found-people.ts';
import { requireVisible } from './current/visible-records.ts';
import type { Enforcement } from './enforcement.ts';
import { requireVisibleFile } from './file.ts';
import {
  requireCountableAnswer,
  requireReadableAnswer,
  requireReadableWrite,
  writesRecords,
} from './inspectable.ts';
import type { LocatorOwner } from './locator.ts';
import { dataSubjectId } from './people/data-subject-id.ts';
import { createNaming } from './people/person.ts';
import { NOTHING_ADDED, narrowQuery } from './query.ts';
import { denialIn, Refusal } from './refusal.ts';
import { storeRequest } from './stored/store-request.ts';
import type { Issued } from './stored/store-values.ts';
import { requireNoStoredAddress } from './stored/stored-address.ts';
import { requireOpenQuestion } from './stored/stored-question.ts';
import { keepRowsGuarded } from './upload/guarded-rows.ts';
import { keepObjectorsOut } from './upload/objected-rows.ts';
import { keepRestrictedRows } from './upload/restricted-rows.ts';
import { observed, type UploadStage } from './upload/upload-stage.ts';
import { keepUploadFromClaiming } from './upload/uploaded-consent.ts';
import { keepMasksOutOfRows } from './upload/uploaded-masks.ts';
import { keepUploadToRows } from './upload/uploaded-rows.ts';
import { keepFromClaiming } from './write/claimed-consent.ts';
import { requirementsOn } from './write/claims.ts';
import { keepGuarded } from './write/guarded-writes.ts';
import { keepFromLinking } from './write/linked-records.ts';
import { keepFromSending } from './write/recipients.ts';
import { keepRestricted } from './write/restricted-targets.ts';
import { keepMasksOut } from './write/write.ts';
import { hasRowRules, keepToRows } from './write/written-rows.ts';

/** One request with its decision. */
export interface DecidedRequest {
  readonly adapter: CrmAdapter;
  readonly operation: Operation;
  readonly decision: Decision;
  readonly owner: LocatorOwner;
}

/** What goes upstream, and what has to be taken out of the answer again. */
export interface DischargedRequest {
  readonly operation: Operation;
  readonly body: Buffer | undefined;
  readonly narrowed: Narrowed;
  /** Tokens that were issued for it. */
  readonly issued?: Issued;
  /** In place of `body`: the stages that an upload streams through, in this order. */
  readonly upload?: readonly UploadStage[] | undefined;
  /** Observe mode: why it would have been refused. */
  readonly refusal?: Denial;
  /** Reads from the CRM what has to be known about the people in the answer but is not in it. */
  readonly read: ReadBack['read'];
}

/** How a principal sees what it writes, and a way to read from the CRM. */
export interface ReadBack {
  /** What values are compared with: the views in which it may have been shown them, clear ones left out. */
  readonly shown: () => readonly View[];
  /** The views in which this principal may see from now on what it writes. */
  readonly ahead: () => readonly View[];
  readonly read: (request: CrmRequest) => Promise<unknown>;
}

/**
 * The request side: what cannot be shown is not asked for, queries are narrowed, masks are kept out of writes.
 * In observe mode nothing changes, and a refusal is reported instead of thrown.
 * @throws Refusal when the decision is a denial or an obligation cannot be discharged
 */
export async function dischargeRequest(
  tools: Enforcement,
  decided: DecidedRequest,
  readBack: ReadBack,
): Promise<DischargedRequest> {
  const { read } = readBack;
  if (tools.mode === 'enforce') return { ...(await obeyed(tools, decided, readBack)), read };
  const { operation } = decided;
  const narrowed: Narrowed = { operation, added: NOTHING_ADDED, rowsPushed: true };
  const untouched = { operation, body: operation.request.body, narrowed, read };
  try {
    const { upload } = await obeyed(tools, decided, readBack);
    return { ...untouched, ...(upload === undefined ? {} : { upload: upload.map(observed) }) };
  } catch (error) {
    const refusal = denialIn(error);
    if (refusal === undefined) throw error;
    return { ...untouched, refusal };
  }
}

async function obeyed(
  tools: Enforcement,
  decided: DecidedRequest,
  readBack: ReadBack,
): Promise<Omit<DischargedRequest, 'read'>> {
  const { adapter, operation, decision } = decided;
  const { denial, view } = decision;
  if (denial !== undefined) throw new Refusal(denial);
  requireCountableAnswer(tools, operation, decision);
  let narrowed: Narrowed = { operation, added: NOTHING_ADDED, rowsPushed: true };
  const people = peopleTools(tools, decided, readBack);
  await checkPeople(operation, people, tools);
  if (!view.isClear) {
    requireReadableAnswer(tools, operation, decision);
    narrowed = narrowQuery(adapter, await requireVisibleTarget(operation, people, tools), view);
  }
  const sent = narrowed.operation;
  const shown = writesRecords(operation) ? readBack.shown() : [];
  requireReadableWrite(tools, operation, shown);
  const { plans, names, limits, vault } = tools;
  const writeTools = { adapter, plans, names, limits, vault, view, read: readBack.read };
  const ahead = changesRecords(operation) ? readBack.ahead() : [];
  const upload = uploadOf(operation, people, { shown, ahead }, tools);
  const body = shown.length === 0 ? sent.request.body : await keepMasksOut(sent, shown, writeTools);
  const reading = body === undefined ? undefined : adapter.readUnchanged?.(sent, body);
  if (reading !== undefined) return readInstead(sent, reading, narrowed);
  const masked = body === undefined ? sent : { ...sent, request: { ...sent.request, body } };
  if (ahead.length > 0) await keepGuarded(masked, ahead, people, tools);
  // Observe mode changes nothing in the CRM, so no tokens may be issued.
  if (view.reveals !== true || tools.mode === 'observe') {
    return { operation: sent, body, narrowed, upload: upload.length === 0 ? undefined : upload };
  }
  const dataSubjectIdOf = dataSubjectIdsOf(decided);
  const valuesIgnoreCase = adapter.valuesIgnoreCase === true;
  const storeTools = { vault, view, shown, names, limits, dataSubjectIdOf, valuesIgnoreCase };
  const { upload: storing, ...stored } = await storeRequest(adapter, masked, storeTools);
  const stages = [...upload, ...(storing === undefined ? [] : [storing])];
  return {
    ...stored,
    narrowed: { ...narrowed, operation: stored.operation },
    ...(stages.length === 0 ? {} : { upload: stages }),
  };
}

/** Each check is asked only where it can apply, so that most requests wait for nothing. @throws Refusal */
async function checkPeople(operation: Operation, people: PeopleTools, tools: Enforcement): Promise<void> {
  if (people.view.of('*').restricts === true) await keepRestricted(operation, people, tools);
  if (changesRecords(operation) || writesRecords(operation)) {
    await keepToRows(operation, people, tools);
    await keepFromClaiming(operation, people, tools);
    await keepFromLinking(operation, people, tools);
  }
  requireNoStoredAddress(operation, people.view);
  if (operation.recipients !== undefined) await keepFromSending(operation, people);
}

/** The file, the records and the people that are asked for. @returns what is asked of the CRM @throws Refusal */
async function requireVisibleTarget(
  operation: Operation,
  people: PeopleTools,
  { posture }: Enforcement,
): Promise<Operation> {
  const { file, tellsOf } = operation;
  if (file !== undefined) await requireVisibleFile(operation, file, { ...people, posture });
  const told = await requireOpenQuestion(operation, people);
  if (tellsOf !== undefined) await requireVisible(tellsOf, people);
  return told;
}

/** Nothing is left to write: the record is read, so that the client gets the CRM's answer all the same. */
function readInstead(
  operation: Operation,
  request: CrmRequest,
  narrowed: Narrowed,
): Omit<DischargedRequest, 'read'> {
  const read: Operation = { ...operation, body: { format: 'opaque' }, request };
  return { operation: read, body: Buffer.alloc(0), narrowed: { ...narrowed, operation: read } };
}

/** The stages that the rows of an upload go through, in this order. */
function uploadOf(
  { body }: Operation,
  people: PeopleTools,
  { shown, ahead }: { readonly shown: readonly View[]; readonly ahead: readonly View[] },
  tools: Enforcement,
): readonly UploadStage[] {
  if (body.format !== 'csv') return [];
  const { view } = people;
  const guarding = keepRowsGuarded(body, ahead, people, tools);
  return [
    ...(view.of(body.object).restricts === true ? [keepRestrictedRows(body, people, tools)] : []),
    ...(hasRowRules(view) ? [keepUploadToRows(body, people, tools)] : []),
    ...(requirementsOn(view, body.object).length > 0 ? [keepUploadFromClaiming(body, people, tools)] : []),
    ...(view.isClear && shown.length === 0 ? [] : [keepMasksOutOfRows(body, shown, { ...tools, ...people })]),
    ...(guarding === undefined ? [] : [guarding]),
    // After columns that look up hidden fields are refused, or it would tell who they find.
    ...(body.audience === undefined ? [] : [keepObjectorsOut(body, body.audience, people, tools)]),
  ];
}

export function dataSubjectIdsOf({ adapter, owner }: DecidedRequest): (object: string, id: string) => string {
  return (object, id) => dataSubjectId(adapter, owner.upstream, object, id);
}

export function peopleTools(
  { consent, vault, adapters, limits }: Enforcement,
  { adapter, operation, decision, owner }: DecidedRequest,
  { read }: Pick<ReadBack, 'read'>,
): PeopleTools {
  const naming = createNaming(adapter, owner.upstream, adapters, decision.view);
  return { adapter, operation, view: decision.view, naming, consent, vault, limits, read };
}
