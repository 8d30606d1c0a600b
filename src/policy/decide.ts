import type { Decision, DecisionFacts, Denial, ReadingLimit, View } from '../model/decision.ts';
import type { FieldPosition, FieldUse, Operation, OperationKind } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import { callerOf } from './caller.ts';
import { type CompiledPolicy, recordConditionsOf } from './compiled-policy.ts';
import type { CrmModel, CrmTraits } from './data-map.ts';
import { lastEnd } from './grant.ts';
import { policiesInForce, reaches, touches } from './in-force.ts';
import { purposeDenial } from './purposes.ts';
import { isHiddenFrom } from './restriction.ts';
import type { PolicySnapshot } from './snapshot.ts';
import type { StoredFields } from './stored.ts';
import { createView, type PolicyObjectView, type PolicyView } from './view.ts';
import { withinDenial } from './within-text.ts';

/** Operations in which a principal may have seen what it writes back. */
const READING: readonly OperationKind[] = ['read', 'search', 'bulk', 'export', 'report'];

/** A decision that only the fields a request names can still turn into a denial. */
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
 * What a principal may do and see. Pure: what it remembers, bounded by `limits.viewCacheMax`, never shows.
 *
 * - `deny` beats everything. On objects, it needs one of them to be among the operation's; where an operation does not
 *   tell its objects, it is denied, unless it is of kind auth or metadata. Operations of kind auth are denied only by
 *   policies that name auth, so that a sweeping policy does not keep people from logging in.
 * - `show`, `rows`, `require` and `limit` reach their objects wherever they appear in an answer. Answers of kind auth carry no
 *   records.
 * - A field that is not shown clear may be asked for and written, but is good for nothing else: filtering, sorting,
 *   grouping, ... by it would tell its value.
 */
export function decide(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  principal: Principal,
  operation: Operation,
  { now, anyRestricted }: DecisionFacts,
): Decision {
  const asker = { snapshot, crm, principal, at: lastEnd(snapshot.grants, now), anyRestricted };
  const { decision, view } = planFor(asker, operation);
  if (decision.denial !== undefined || (view.isClear && view.reveals !== true)) return decision;
  const denial = oracleDenial(view, operation.uses);
  return denial === undefined ? decision : { ...decision, denial };
}

/**
 * Every view in which a principal may have been shown the records it writes now, for whichever of its purposes or for
 * none: what it writes is compared with them. What it was shown while an exception of its was not yet over counts too, and after another
 * login: then another policy's mask may have stood where now something else does.
 */
export function viewsOfReading(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  principal: Principal,
  operation: Operation,
  { now, anyRestricted }: DecisionFacts,
): readonly View[] {
  const { otherKinds: _, ...only } = operation;
  const { grants, policies, declared } = snapshot;
  const self = callerOf(principal, declared);
  const ended = policies.flatMap(({ who }) => who.ended(self, now));
  const moments = new Set([now, ...ended.map((end) => end - 1)].map((moment) => lastEnd(grants, moment)));
  const { amr: _amr, acr: _acr, ...anyhow } = principal;
  const logins = [principal, ...snapshot.logins.map((login) => ({ ...anyhow, ...login }))];
  const views = logins
    .flatMap(forEachPurpose)
    .flatMap((caller) =>
      [...moments].flatMap((at) =>
        [...READING, operation.kind].map(
          (kind) =>
            planFor({ snapshot, crm, principal: caller, at, anyRestricted }, { ...only, kind, uses: [] })
              .view,
        ),
      ),
    );
  return [...new Map(views.map((view) => [view.id, view])).values()].filter((view) => !view.isClear);
}

/**
 * Every view in which a principal, as it has logged in now, may read or fetch the records it writes, for whichever of its purposes or for none.
 * Empty where nothing that is hidden rests on what stands in a record.
 */
export function viewsAhead(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  principal: Principal,
  operation: Operation,
  { now, anyRestricted }: DecisionFacts,
): readonly View[] {
  if (!snapshot.policies.some((policy) => recordConditionsOf(policy).length > 0)) return [];
  const { otherKinds: _, ...only } = operation;
  const at = lastEnd(snapshot.grants, now);
  return forEachPurpose(principal).flatMap((caller) =>
    [...READING, 'file' as const].map(
      (kind) =>
        planFor({ snapshot, crm, principal: caller, at, anyRestricted }, { ...only, kind, uses: [] }).view,
    ),
  );
}

function forEachPurpose({ purpose, ...aimless }: Principal): readonly Principal[] {
  const purposes = [...new Set([purpose, undefined, ...aimless.purposes])];
  return purposes.map((one) => (one === undefined ? aimless : { ...aimless, purpose: one }));
}

/** Who asks, of what, when. */
interface Asker {
  readonly snapshot: PolicySnapshot;
  readonly crm: CrmTraits;
  readonly principal: Principal;
  /** The last end of a grant that is over. */
  readonly at: number;
  readonly anyRestricted: boolean;
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

/** One name stands for itself unless it could be taken for a list of names. */
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
  views: Map<string, PolicyView>,
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
  const limits = readingLimits(limiting, model);
  // Conditions on records may read the operation too; then views differ by it.
  const conditions = showing.flatMap(recordConditionsOf);
  const viewKey = JSON.stringify([
    kind === 'auth',
    showing.map(({ id }) => id),
    conditions.some(({ readsObjects }) => readsObjects) ? objects : null,
    conditions.some(({ readsKind }) => readsKind) ? kind : null,
    restricts,
  ]);
  let view = views.get(viewKey);
  if (view === undefined) {
    const unclassifiedField = kind === 'auth' ? 'show' : snapshot.unclassifiedField;
    const stored: StoredFields = (kind === 'auth' ? undefined : snapshot.stored.get(crm.name)) ?? new Map();
    view = createView({
      model,
      policies: showing,
      principal: caller,
      meanings: snapshot.meanings,
      operation,
      unclassifiedField,
      stored,
      restricts: restricts && kind !== 'auth',
    });
    views.set(viewKey, view);
  }
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

/** @param aimless a policy that is bound to a purpose, where the request has none */
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

/** How a denial says what a field was to be used for. */
const USED_TO: Readonly<Record<Exclude<FieldPosition, 'select' | 'write'>, string>> = {
  filter: 'filter',
  sort: 'sort',
  group: 'group',
  aggregate: 'aggregate',
  derive: 'compute a value',
  lookup: 'look up records',
  search: 'search',
};

function oracleDenial(view: PolicyView, uses: readonly FieldUse[]): Denial | undefined {
  for (const use of uses) {
    const { object, field, position } = use;
    if (position === 'select' || position === 'write') continue;
    const seen = view.of(object);
    const found = field === '*' ? (seen.treated[0] ?? seen.field('*')) : seen.field(field);
    if (found === undefined) {
      const denial = tokenDenial(seen, use) ?? withinDenial(view.hidesInTexts, seen.content(field), use);
      if (denial === undefined) continue;
      return denial;
    }
    const named = found.field === '*' ? 'a field that no data map classifies' : found.field;
    const of = object === '*' ? '' : ` of ${object}`;
    const policy = found.policies[0] ?? '';
    return {
      policy,
      message: `${named}${of} is not shown in clear, so it cannot be used to ${USED_TO[position]}.`,
    };
  }
  return undefined;
}

/** Tokens are in no order and have no parts. Where they are equal for equal values, a value can be compared with them. */
function tokenDenial(
  seen: PolicyObjectView,
  { object, field, position, equals }: FieldUse,
): Denial | undefined {
  if (position === 'select' || position === 'write') return undefined;
  const name = field === '*' ? seen.storedNames[0] : field;
  const stored = name === undefined ? undefined : seen.stored?.(name);
  if (stored === undefined) return undefined;
  // No value and the empty one have no token, whatever the form.
  const asksForAny = position === 'filter' && equals?.length === 0;
  if (asksForAny || (stored.form.kind !== 'random' && equals !== undefined)) return undefined;
  const of = object === '*' ? '' : ` of ${object}`;
  const only = stored.form.kind === 'random' ? '' : ' but for equality';
  const message = `The CRM keeps tokens of ${name}${of}, so it cannot be used to ${USED_TO[position]}${only}.`;
  return { policy: stored.policies[0] ?? 'store', message };
}
