/** Tells log, metrics and audit trail what has happened. */
import type { Logger } from 'pino';
import type { Metrics } from '../admin/metrics.ts';
import type { AuditLog } from '../audit/log.ts';
import { formatProblem } from '../document/problem.ts';
import { loginEntry } from '../identity/login/login-entry.ts';
import type { LoginsOptions } from '../identity/login/logins.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import { type Grant, sayGrant } from '../policy/grant.ts';
import type { Reload } from '../policy/reload/store.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import type { MeteredRequest } from '../proxy/meter.ts';
import type { HousekeepingEvent } from '../vault/upkeep/housekeeping.ts';

export interface Witnesses {
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A reload stands in the log, the metrics and the audit trail. */
export function tellOfReload(
  reload: Reload,
  inForce: PolicySnapshot,
  { audit, metrics, log }: Witnesses,
): void {
  if (reload.outcome === 'unchanged') return;
  const replaced = reload.outcome === 'replaced';
  metrics.policyReload(replaced ? 'loaded' : 'refused');
  const policySet = replaced ? reload.snapshot.hash : inForce.hash;
  if (replaced) {
    log.info({ policySet }, 'policies replaced');
    for (const warning of reload.warnings) log.warn({ policySet }, formatProblem(warning));
  } else {
    const problems = reload.outcome === 'refused' ? reload.problems.map(formatProblem) : [];
    const failure = reload.outcome === 'failed' ? { err: reload.error } : {};
    log.error({ policySet, problems, ...failure }, 'policies refused: the old ones stay in force');
  }
  const reason = replaced ? 'policies replaced' : 'policies refused: the old ones stay in force';
  recordOrLog({ audit, log }, { phase: 'policy', policySet, reason });
}

export function tellOfVault(
  event: HousekeepingEvent,
  { metrics, log }: Pick<Witnesses, 'metrics' | 'log'>,
): void {
  if ('swept' in event) metrics.vaultSwept(event.swept);
  else if ('rotatedTo' in event) log.info({ version: event.rotatedTo }, 'the keyring was rotated');
  else log.error({ err: event.failed }, 'the vault cannot be looked after');
}

/** Says that something will soon end by itself, and that it has. */
export function tellOfGrant(
  grant: Grant,
  state: 'ending' | 'over',
  { hash }: PolicySnapshot,
  { audit, log }: Pick<Witnesses, 'audit' | 'log'>,
): void {
  const reason = sayGrant(grant, state);
  const policies = grant.policy === undefined ? {} : { policies: [grant.policy] };
  log.warn({ policySet: hash, ...policies }, reason);
  recordOrLog({ audit, log }, { phase: 'policy', policySet: hash, ...policies, reason });
}

export function tellOfLogins(
  inForce: () => PolicySnapshot,
  { audit, metrics, log }: Witnesses,
): Pick<LoginsOptions, 'tell' | 'meter' | 'warn'> {
  return {
    tell: (event) => {
      recordOrLog({ audit, log }, { phase: 'login', policySet: inForce().hash, ...loginEntry(event) });
    },
    meter: ({ login }) => metrics.login(login),
    warn: (error) => log.warn({ err: error }, 'locks of credentials are not shared with other instances'),
  };
}

export function measure(metrics: Metrics, request: MeteredRequest): void {
  const { disclosed } = request;
  metrics.request(request);
  if (disclosed === undefined) return;
  for (const { treatment, count } of disclosed.fields) metrics.transformed(treatment, count);
  for (const { object, count } of disclosed.unclassified) metrics.unclassified(object, count);
  if (disclosed.overBudget !== undefined) metrics.overBudget(disclosed.overBudget);
}

/** Nobody waits for these events, and nothing that they tell of can be taken back. */
function recordOrLog({ audit, log }: Pick<Witnesses, 'audit' | 'log'>, entry: AuditEntry): void {
  audit.record(entry).catch((error: unknown) => log.error({ err: error }, 'audit event lost'));
}
