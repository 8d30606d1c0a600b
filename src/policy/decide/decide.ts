import type { Decision, DecisionFacts, Denial, ReadingLimit, View } from '../../model/decision.ts';
import type { Operation, OperationKind } from '../../model/operation.ts';
import type { Principal } from '../../model/principal.ts';
import { callerOf } from '../caller.ts';
import { type CompiledPolicy, recordConditionsOf } from '../compiled-policy.ts';
import type { CrmModel, CrmTraits } from '../data-map.ts';
import { lastEnd } from '../grant.ts';
import { purposeDenial } from '../purposes.ts';
import type { PolicySnapshot } from '../snapshot.ts';
import { asConditionsReadIt, policiesInForce, reaches, touches } from './in-force.ts';
import { oracleDenial } from './oracle-denial.ts';
import { isHiddenFrom } from './restriction.ts';
import { createView, type PolicyView } from './view.ts';
import type { ViewInput } from './view-draft.ts';

/** Kinds of operation in which a principal may have seen what it now writes back. */
const READING: readonly OperationKind[] = ['read', 'search', 'bulk', 'export', 'report'];

/** Who asks for what, and all that the answer depends on. */
export interface DecisionRequest {
  readonly snapshot: PolicySnapshot;
  readonly crm: CrmTraits;
  readonly principal: Principal;
  readonly operation: Operation;
  readonly facts: DecisionFacts;
}

/** A decision before the fields that the request uses are looked at: these may still turn it into a denial. */
interface Plan {
  readonly decision: Decision;
  readonly view: PolicyView;
}

/** Plans of one class of principals in one CRM. */
interface PrincipalPlans {
  readonly crm: string;
  readonly at: number;
  /** Kinds → objects → plan. */
  readonly byKind: Map<string, Map<string, Plan>>;
  /** Policies in force → view, so that operations on different objects share it. */
  readonly views: Map<string, PolicyView>;
}

interface PlanCache {
  size: number;
  byPrincipal: WeakMap<Principal, PrincipalPlans>;
  byClass: Map<string, PrincipalPlans>;
}

const CACHES = new WeakMap<PolicySnapshot, PlanCache>();

/**
 * What a principal may do and see. Pure, except for a cache that never shows, bounded by `limits.viewCacheMax`.
 *
 * - `deny` beats everything. A `deny` on objects applies when the operation names one of them; an operation that does
 *   not tell its objects is denied too, unless its kind is auth or metadata. Operations of kind auth are denied only by
 *   policies that name auth, so that a sweeping policy does not keep people from logging in.
 * - `show`, `rows`, `require` and `limit` reach their objects wherever they appear in an answer. Answers of kind auth
 *   carry no records.
 * - A field that is not shown clear may be selected and written, and nothing else: filtering, sorting or grouping by it
 *   would reveal its value.
 */
export function decide(request: DecisionRequest): Decision {
  const { operation } = request;
  const { decision, view } = planFor(askerOf(request), operation);
  if (decision.denial !== undefined || (view.isClear && view.reveals !== true)) return decision;
  const denial = oracleDenial(view, operation.uses);
  return denial === undefined ? decision : { ...decision, denial };
}

/**
 * Every view in which a principal may have been shown the records it now writes: for any of its purposes or none,
 * before an exception of its ended, and after another kind of login. What it writes is compared with all of them,
 * because each may have shown another mask.
 */
export function viewsOfReading(request: DecisionRequest): readonly View[] {
  const { snapshot, principal, operation, facts } = request;
  const { grants, policies, declared, logins } = snapshot;
  const self = callerOf(principal, declared);
  const ended = policies.flatMap(({ who }) => who.ended(self, facts.now));
  const moments = [facts.now, ...ended.map((end) => end - 1)].map((moment) => lastEnd(grants, moment));
  const { amr: _amr, acr: _acr, ...anyhow } = principal;
  const callers = [principal, ...logins.map((login) => ({ ...anyhow, ...login }))].flatMap(forEachPurpose);
  const askers = [...new Set(moments)].flatMap((at) =>
    callers.map((caller) => ({ ...askerOf(request), principal: caller, at })),
  );
  const views = askers.flatMap((asker) => viewsFor(asker, operation, [...READING, operation.kind]));
  return [...new Map(views.map((view) => [view.id, view])).values()].filter((view) => !view.isClear);
}

/**
 * Every view in which a principal, as it has logged in now, may read or fetch the records it writes, for any of its
 * purposes or none. Empty where nothing that is hidden depends on what stands in a record.
 */
export function viewsAhead(request: DecisionRequest): readonly View[] {
  const { snapshot, principal, operation } = request;
  if (!snapshot.policies.some((policy) => recordConditionsOf(policy).length > 0)) return [];
  return forEachPurpose(principal).flatMap((caller) =>
    viewsFor({ ...askerOf(request), principal: caller }, operation, [...READING, 'file']),
  );
}

/** The views that an asker would have of the operation's objects in operations of these kinds. */
function viewsFor(
  asker: Asker,
  operation: Operation,
  kinds: readonly OperationKind[],
): readonly PolicyView[] {
  const { otherKinds: _, ...only } = operation;
  return kinds.map((kind) => planFor(asker, { ...only, kind, uses: [] }).view);
}

function forEachPurpose({ purpose, ...aimless }: Principal): readonly Principal[] {
  const purposes = [...new Set([purpose, undefined, ...aimless.purposes])];
  return purposes.map((one) => (one === undefined ? aimless : { ...aimless, purpose: one }));
}

/** Who asks about what, and when. */
interface Asker {
  readonly snapshot: PolicySnapshot;
  readonly crm: CrmTraits;
  readonly principal: Principal;
  /** The last end of a grant that is over. */
  readonly at: number;
  readonly anyRestricted: boolean;
}

function askerOf({ snapshot, crm, principal, facts }: DecisionRequest): Asker {
  const { now, anyRestricted } = facts;
  return { snapshot, crm, principal, at: lastEnd(snapshot.grants, now), anyRestricted };
}

function planFor(asker: Asker, operation: Operation): Plan {
  const { snapshot } = asker;
  let cache = CACHES.get(snapshot);
  if (cache === undefined) {
    cache = { size: 0, byPrincipal: new WeakMap(), byClass: new Map() };
    CACHES.set(snapshot, cache);
  }
  const { objects } = operation;
  const key = planKey(objects);
  const restricts =
    asker.anyRestricted && isHiddenFrom(snapshot.restriction, callerOf(asker.principal, snapshot.declared));
  const kinds = kindsOf(operation).join('+') + (restricts ? ' but restricted' : '');
  const known = plansOf(cache, asker);
  const plan = known.byKind.get(kinds)?.get(key);
  if (plan !== undefined) return plan;
  const made = createPlan(asker, { ...operation, restricts }, known.views);
  if (cache.size >= snapshot.viewCacheMax) {
    cache.size = 0;
    cache.byPrincipal = new WeakMap();
    cache.byClass = new Map();
  }
  cache.size++;
  const { byKind } = plansOf(cache, asker);
  const ofKind = byKind.get(kinds) ?? new Map<string, Plan>();
  byKind.set(kinds, ofKind.set(key, made));
  return made;
}

/** An upsert creates or updates: what a policy says of either holds for it. */
function kindsOf({ kind, otherKinds = [] }: Operation): readonly OperationKind[] {
  return [kind, ...otherKinds];
}

/** A single name is its own key, unless it could be taken for a list of names. */
function planKey(objects: readonly string[]): string {
  const [first] = objects;
  return objects.length === 1 && first !== undefined && !first.startsWith('[')
    ? first
    : JSON.stringify(objects);
}

function plansOf(cache: PlanCache, { snapshot, crm, principal, at }: Asker): PrincipalPlans {
  const remembered = cache.byPrincipal.get(principal);
  if (remembered?.crm === crm.name && remembered.at === at) return remembered;
  const { roles, purposes, purpose, region, appRegion, level, id, crmUserId, team, amr, acr } = principal;
  const key = JSON.stringify([
    crm.name,
    at,
    roles.toSorted(),
    purposes.toSorted(),
    [purpose, region, appRegion, level].map((value) => value ?? null),
    snapshot.reads.id ? id : null,
    snapshot.reads.crmUserId ? (crmUserId ?? null) : null,
    snapshot.reads.team ? (team ?? null) : null,
    snapshot.logins.length > 0 ? [amr ?? [], acr ?? null] : null,
  ]);
  const plans = cache.byClass.get(key) ?? { crm: crm.name, at, byKind: new Map(), views: new Map() };
  cache.byClass.set(key, plans);
  cache.byPrincipal.set(principal, plans);
  return plans;
}

interface Asked extends Pick<Operation, 'kind' | 'otherKinds' | 'objects'> {
  /** People whose processing is restricted are hidden. */
  readonly restricts: boolean;
}

function createPlan(
  { snapshot, crm, principal, at }: Asker,
  { kind, otherKinds = [], objects, restricts }: Asked,
  views: PrincipalPlans['views'],
): Plan {
  const model: CrmModel = snapshot.crms.get(crm.name) ?? { traits: crm, objects: new Map() };
  const operation = { kind, objects };
  const caller = callerOf(principal, snapshot.declared);
  const { denying, aimless, showing, limiting } = policiesInForce(
    snapshot,
    model,
    { caller, at },
    { kind, otherKinds, objects },
  );
  const isAuth = kind === 'auth';
  const view = viewOf(views, {
    model,
    policies: showing,
    principal: caller,
    meanings: snapshot.meanings,
    operations: asConditionsReadIt(model, { kind, otherKinds, objects }),
    unclassifiedField: isAuth ? 'show' : snapshot.unclassifiedField,
    stored: (isAuth ? undefined : snapshot.stored.get(crm.name)) ?? new Map(),
    restricts: restricts && !isAuth,
  });
  const limits = readingLimits(limiting, model);
  const denial = denialBy(denying[0], aimless[0], principal);
  const touching = [...showing, ...limiting].filter((policy) => touches(policy, model, operation));
  const decision: Decision = {
    policies: [...new Set([...denying, ...aimless, ...touching].map(({ id }) => id))].sort(),
    policySet: snapshot.hash,
    view,
    ...(denial === undefined ? {} : { denial }),
    ...(limits.length === 0 ? {} : { limits }),
  };
  return { decision, view };
}

/** The view of these policies, made once for all operations that it is the same for. */
function viewOf(views: PrincipalPlans['views'], input: ViewInput): PolicyView {
  const { policies, operations, restricts } = input;
  // Where a condition on records reads the operation, views differ by operation.
  const conditions = policies.flatMap(recordConditionsOf);
  const kinds = operations.map(({ kind }) => kind);
  const key = JSON.stringify([
    kinds.includes('auth'),
    policies.map(({ id }) => id),
    conditions.some(({ readsObjects }) => readsObjects) ? operations[0]?.objects : null,
    conditions.some(({ readsKind }) => readsKind) ? kinds : null,
    restricts,
  ]);
  const view = views.get(key) ?? createView(input);
  views.set(key, view);
  return view;
}

/** @param aimless a policy bound to a purpose, when the request has none */
function denialBy(
  denying: CompiledPolicy | undefined,
  aimless: CompiledPolicy | undefined,
  { purposes }: Principal,
): Denial | undefined {
  if (denying?.deny !== undefined) return { policy: denying.id, message: denying.deny };
  return aimless && purposeDenial(aimless.id, purposes);
}

function readingLimits(policies: readonly CompiledPolicy[], model: CrmModel): ReadingLimit[] {
  return policies
    .flatMap((policy) => {
      const { id, limit } = policy;
      if (limit === undefined) return [];
      const covers = (object: string): boolean => reaches(policy, model, [object], true);
      return [{ policy: id, ...limit, covers }];
    })
    .sort((a, b) => a.perMs - b.perMs);
}
