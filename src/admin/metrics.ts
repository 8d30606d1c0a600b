import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestMeasure } from '../model/request-measure.ts';

/** Gauges that are read when the metrics are scraped. */
export interface MetricSources {
  /** Audit events waiting in the spool. */
  readonly spoolEvents: () => number;
  readonly spoolBytes: () => number;
  /** Events shipped since the start. */
  readonly auditShipped: () => number;
  /** Withdrawals that are not in the registry yet. */
  readonly consentWaiting: () => number;
  /** Values of CRMs' own consent fields that were lost since the start. */
  readonly consentLost: () => number;
  /** Exceptions and keys that end by themselves, by whether they end soon or are over. */
  readonly grantsEnding: () => number;
  readonly grantsOver: () => number;
}

export interface Metrics {
  readonly request: (measure: RequestMeasure) => void;
  /** `count` values were treated this way (a treatment's kind). */
  readonly transformed: (kind: string, count: number) => void;
  /** Fields that the data map does not know were seen. */
  readonly unclassified: (object: string, count: number) => void;
  /** An answer was refused because more was read than a policy with `limit` allows. */
  readonly overBudget: (policy: string) => void;
  /** A credential was accepted for the first time in a while, refused, locked or unlocked. */
  readonly login: (login: { readonly outcome: string; readonly because?: string }) => void;
  readonly policyReload: (outcome: 'loaded' | 'refused') => void;
  /** The vault was swept by this instance. */
  readonly vaultSwept: (swept: { readonly reclaimed: number; readonly unheard: number }) => void;
  /** The Prometheus text format. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
}

/**
 * Label sets remembered per metric: operations × upstreams × decisions stay far below; beyond it they count as `other`.
 */
const LABEL_SETS_MAX = 5_000;

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** @param sources read at every scrape, so that nothing is counted twice */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addGauges(registry, sources);
  const families = addFamilies(registry);
  beginAlerts(families);

  const counts = countAhead();
  const measuresOf = remembered((key) => {
    const [name = '', operation = '', decision = '', outcome = ''] = key.split('\n');
    const labels = { upstream: name, operation, decision };
    return {
      requests: counts.of(families.requests.labels({ ...labels, outcome })),
      requestBytes: counts.of(families.requestBytes.labels(labels)),
      responseBytes: counts.of(families.responseBytes.labels(labels)),
      added: families.added.labels(labels),
      upstream: families.upstream.labels({ upstream: name }),
    };
  });
  const transformsOf = remembered((kind) => counts.of(families.transforms.labels({ kind })));
  const unclassifiedOf = remembered((object) => counts.of(families.unclassified.labels({ object })));
  const overBudgetOf = remembered((policy) => families.overBudget.labels({ policy }));

  return {
    request: (measure) => {
      const of = measuresOf(
        `${measure.upstream}\n${measure.operation}\n${measure.decision}\n${measure.outcome}`,
      );
      of.requests(1);
      of.requestBytes(measure.requestBytes);
      of.responseBytes(measure.responseBytes);
      of.added.observe(Math.max(0, measure.addedSeconds));
      if (measure.upstreamSeconds !== undefined) of.upstream.observe(measure.upstreamSeconds);
    },
    transformed: (kind, count) => transformsOf(kind)(count),
    unclassified: (object, count) => unclassifiedOf(object)(count),
    overBudget: (policy) => overBudgetOf(policy).inc(),
    login: ({ outcome, because = '' }) => families.logins.inc({ outcome, because }),
    policyReload: (outcome) => families.reloads.inc({ outcome }),
    vaultSwept: (swept) => {
      families.reclaimed.inc(swept.reclaimed);
      families.unheard.set(swept.unheard);
    },
    text: () => {
      counts.handOver();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/**
 * What is alerted on begins at 0: of a series that was not there before, Prometheus sees no increase
 * (https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics).
 */
function beginAlerts({ reloads, logins }: ReturnType<typeof addFamilies>): void {
  for (const outcome of ['loaded', 'refused']) reloads.inc({ outcome }, 0);
  logins.inc({ outcome: 'locked', because: '' }, 0);
}

/** The metrics that are counted as requests pass. */
function addFamilies(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const seconds = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const labelNames = ['upstream', 'operation', 'decision'] as const;
  return {
    requests: counter(
      'privet_requests_total',
      'Requests by operation, decision and outcome.',
      ...labelNames,
      'outcome',
    ),
    requestBytes: counter('privet_request_bytes_total', 'Bytes of request bodies.', ...labelNames),
    responseBytes: counter('privet_response_bytes_total', 'Bytes of answer bodies sent.', ...labelNames),
    added: seconds(
      'privet_added_seconds',
      'Time that Privet added to a request: all of it less the time spent waiting for the CRM.',
      ...labelNames,
    ),
    upstream: seconds('privet_upstream_seconds', 'Time spent waiting for the CRM.', 'upstream'),
    transforms: counter('privet_transforms_total', 'Values treated, by kind.', 'kind'),
    unclassified: counter(
      'privet_unclassified_fields_total',
      'Fields seen that the data map does not know, by object.',
      'object',
    ),
    reloads: counter(
      'privet_policy_reloads_total',
      'Policy reloads, by outcome; refused: the snapshot before stays in force.',
      'outcome',
    ),
    logins: counter(
      'privet_logins_total',
      'Credentials by what happened to them, and why they were refused; accepted: for the first time in a while.',
      'outcome',
      'because',
    ),
    overBudget: counter(
      'privet_budget_refusals_total',
      'Answers refused because more was read than a limit allows, by policy.',
      'policy',
    ),
    reclaimed: counter('privet_vault_reclaimed_total', 'Tokens reclaimed that the CRM refused.'),
    unheard: new Gauge({
      name: 'privet_vault_unheard_uses',
      help: 'Tokens, at the last sweep of this instance, of writes whose outcome was never heard.',
      registers,
    }),
  };
}

/** Counts in plain numbers until the next scrape, because prom-client builds the name of a label set at every count. */
function countAhead() {
  const handOvers: (() => void)[] = [];
  return {
    of: (counter: { readonly inc: (by: number) => void }): ((by: number) => void) => {
      let count = 0;
      handOvers.push(() => {
        counter.inc(count);
        count = 0;
      });
      return (by) => {
        count += by;
      };
    },
    handOver: (): void => {
      for (const handOver of handOvers) handOver();
    },
  };
}

function addGauges(registry: Registry, sources: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  gauge('privet_spool_events', 'Audit events waiting in the spool.', sources.spoolEvents);
  gauge('privet_spool_bytes', 'Bytes of the audit spool.', sources.spoolBytes);
  gauge('privet_audit_shipped_events', 'Audit events shipped since the start.', sources.auditShipped);
  gauge(
    'privet_consent_waiting_withdrawals',
    'Withdrawals that are not in the registry yet; they are tried again.',
    sources.consentWaiting,
  );
  gauge(
    'privet_consent_lost_observations',
    "Values of the CRM's own consent fields that were lost since the start; they are seen again.",
    sources.consentLost,
  );
  gauge('privet_grants_ending', 'Exceptions and keys that end by themselves soon.', sources.grantsEnding);
  gauge('privet_grants_over', 'Exceptions and keys that have ended by themselves.', sources.grantsOver);
}

/** Resolves each label set once. Beyond the limit all share one set, whose labels are all `other`. */
function remembered<T>(resolve: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const label = known.size < LABEL_SETS_MAX ? key : key.replace(/[^\n]+/g, 'other');
    const fresh = known.get(label) ?? resolve(label);
    known.set(label, fresh);
    return fresh;
  };
}
