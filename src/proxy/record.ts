import type { TallyReport } from '../enforce/record/tally.ts';
import { PrivetError } from '../errors.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import type { Operation } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import { UNKNOWN_ROUTE } from './recognise.ts';
import { bodyBytes } from './wire/body.ts';

/**
 * Records the event that must be on disk before the first byte of an answer. Called twice, it is recorded once.
 * @throws (as rejection) PrivetError AUDIT_UNAVAILABLE where the posture denies
 */
export function recordDecision(house: House, passage: Passage): Promise<void> {
  passage.recorded ??= record(house, entryOf('decision', house, passage));
  // Keeps the rejection from counting as unhandled before somebody awaits it; every answer does.
  passage.recorded.catch(() => undefined);
  return passage.recorded;
}

/** What happened, and what it disclosed: audit event, metrics, log. */
export function recordCompletion(house: House, passage: Passage): void {
  const disclosed = passage.tally?.report();
  const { upstreamStatus, upstreamMs, res } = passage;
  const entry = entryOf('completion', house, passage);
  if (disclosed !== undefined) {
    entry.records = disclosed.records;
    entry.fields = disclosed.fields;
    if (disclosed.omissions.length > 0) entry.omissions = disclosed.omissions;
    if (disclosed.unmet.length > 0) entry.unmet = disclosed.unmet;
    entry.dataSubjects = disclosed.dataSubjects;
  }
  if (upstreamStatus !== undefined && upstreamMs !== undefined)
    entry.upstream = { status: upstreamStatus, ms: Math.round(upstreamMs) };
  entry.response = { status: res.statusCode, bytes: passage.bytesSent };
  entry.outcome = passage.outcome;
  record(house, entry).catch((error: unknown) => {
    house.log.error(
      { requestId: passage.id, err: error },
      'completion event lost: the decision event stands',
    );
  });
  measure(house, passage, disclosed);
}

function measure(house: House, passage: Passage, disclosed: TallyReport | undefined): void {
  const { door, operation, refusal, outcome, upstreamMs, req } = passage;
  const addedMs = performance.now() - passage.startedAt - (upstreamMs ?? 0);
  const upstream = door?.name ?? 'none';
  const route = operation?.route ?? UNKNOWN_ROUTE;
  const decision = refusal === undefined ? 'allow' : 'deny';
  house.meter.request({
    upstream,
    operation: route,
    decision,
    outcome,
    requestBytes: bodyBytes(req),
    responseBytes: passage.bytesSent,
    addedSeconds: addedMs / 1000,
    upstreamSeconds: upstreamMs === undefined ? undefined : upstreamMs / 1000,
    disclosed,
  });
  if (!house.log.isLevelEnabled('debug')) return;
  const { statusCode: status } = passage.res;
  house.log.debug({ requestId: passage.id, upstream, operation: route, decision, outcome, status, addedMs });
}

function record(house: House, entry: AuditEntry): Promise<void> {
  const recorded = house.record(entry);
  if (house.enforcement.posture.auditUnavailable !== 'allow') return recorded;
  return recorded.catch((error: unknown) => {
    if (!(error instanceof PrivetError)) throw error;
    house.log.error(
      { requestId: entry.request?.id, err: error },
      'audit event lost: posture.auditUnavailable is allow',
    );
  });
}

/** An entry that is not complete yet. */
type Draft = { -readonly [Member in keyof AuditEntry]: AuditEntry[Member] };

/** What is the same in both events of a request. */
function entryOf(phase: 'decision' | 'completion', house: House, passage: Passage): Draft {
  const { principal, operation, door, refusal } = passage;
  const entry: Draft = {
    phase,
    request: {
      id: passage.id,
      method: passage.req.method ?? '',
      route: operation?.route ?? UNKNOWN_ROUTE,
      upstream: door?.name ?? 'none',
    },
    operation: operation === undefined ? UNKNOWN : doneBy(operation),
    decision: refusal === undefined ? 'allow' : 'deny',
    mode: house.enforcement.mode,
    policies: policiesOf(passage),
    policySet: passage.policies.hash,
  };
  if (principal !== undefined) entry.principal = reportedOf(principal);
  if (refusal !== undefined) entry.reason = refusal.message;
  return entry;
}

/** One object per principal or operation that comes again: the audit trail remembers how an object is written. */
function oncePer<Key extends object, Said>(say: (key: Key) => Said): (key: Key) => Said {
  const known = new WeakMap<Key, Said>();
  return (key) => {
    const said = known.get(key) ?? say(key);
    known.set(key, said);
    return said;
  };
}

const reportedOf = oncePer(({ id, roles, purpose, via }: Principal) => ({
  id,
  roles,
  purposes: purpose === undefined ? [] : [purpose],
  via,
}));

const UNKNOWN = { kind: 'unknown', objects: [] } as const;

const doneBy = oncePer(({ kind, objects, route }: Operation) => ({
  kind: route === UNKNOWN_ROUTE ? UNKNOWN.kind : kind,
  objects,
}));

function policiesOf({ decision, refusal }: Passage): readonly string[] {
  const applied = decision?.policies ?? [];
  if (refusal === undefined || applied.includes(refusal.policy)) return applied;
  return [...applied, refusal.policy];
}
