import { describe, expect, it } from 'vitest';
import { createMetrics, type MetricSources } from '../../src/admin/metrics.ts';
import type { RequestMeasure } from '../../src/model/request-measure.ts';

const SOURCES: MetricSources = {
  spoolEvents: () => 1,
  spoolBytes: () => 2,
  auditShipped: () => 3,
  consentWaiting: () => 7,
  consentLost: () => 4,
  grantsEnding: () => 5,
  grantsOver: () => 6,
};
const READ: RequestMeasure = {
  upstream: 'sales',
  operation: 'read',
  decision: 'allow',
  outcome: 'complete',
  requestBytes: 10,
  responseBytes: 200,
  addedSeconds: 0.002,
  upstreamSeconds: 0.2,
};

/** Everything of Privet's own but the help texts, buckets left out. */
async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('privet_') && !line.includes('_bucket'));
}

describe('metrics', () => {
  it('count requests by what they were, and their time and bytes', async () => {
    const metrics = createMetrics(SOURCES);
    metrics.request(READ);
    metrics.request(READ);
    metrics.request({ ...READ, decision: 'deny', upstreamSeconds: undefined });
    const allowed = '{upstream="sales",operation="read",decision="allow"}';
    const denied = '{upstream="sales",operation="read",decision="deny"}';
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'privet_requests_total{upstream="sales",operation="read",decision="allow",outcome="complete"} 2',
        'privet_requests_total{upstream="sales",operation="read",decision="deny",outcome="complete"} 1',
        `privet_request_bytes_total${allowed} 20`,
        `privet_response_bytes_total${denied} 200`,
        `privet_added_seconds_sum${allowed} 0.004`,
        `privet_added_seconds_count${denied} 1`,
        'privet_upstream_seconds_sum{upstream="sales"} 0.4',
        'privet_upstream_seconds_count{upstream="sales"} 2',
      ]),
    );
  });

  it('are there from the start where somebody is alerted: Prometheus sees no increase from nothing to one', async () => {
    expect(await linesOf(createMetrics(SOURCES))).toEqual(
      expect.arrayContaining([
        'privet_policy_reloads_total{outcome="loaded"} 0',
        'privet_policy_reloads_total{outcome="refused"} 0',
        'privet_logins_total{outcome="locked",because=""} 0',
      ]),
    );
  });

  it('count each thing once, however often somebody looks', async () => {
    const metrics = createMetrics(SOURCES);
    metrics.request(READ);
    metrics.transformed('mask', 3);
    await metrics.text();
    metrics.transformed('mask', 2);
    const lines = await linesOf(metrics);
    expect(lines).toContain('privet_transforms_total{kind="mask"} 5');
    expect(lines).toContain(
      'privet_requests_total{upstream="sales",operation="read",decision="allow",outcome="complete"} 1',
    );
  });

  it('say what became of fields, policies, budgets, logins and tokens', async () => {
    const metrics = createMetrics(SOURCES);
    metrics.unclassified('Contact', 7);
    metrics.policyReload('refused');
    metrics.overBudget('reading-budget');
    metrics.login({ outcome: 'refused', because: 'expired' });
    metrics.login({ outcome: 'accepted' });
    metrics.vaultSwept({ reclaimed: 2, unheard: 5 });
    metrics.vaultSwept({ reclaimed: 3, unheard: 1 });
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'privet_unclassified_fields_total{object="Contact"} 7',
        'privet_policy_reloads_total{outcome="refused"} 1',
        'privet_budget_refusals_total{policy="reading-budget"} 1',
        'privet_logins_total{outcome="refused",because="expired"} 1',
        'privet_logins_total{outcome="accepted",because=""} 1',
        'privet_vault_reclaimed_total 5',
        'privet_vault_unheard_uses 1',
      ]),
    );
  });

  it('read the rest where it stands', async () => {
    expect(await linesOf(createMetrics(SOURCES))).toEqual(
      expect.arrayContaining([
        'privet_spool_events 1',
        'privet_spool_bytes 2',
        'privet_audit_shipped_events 3',
        'privet_consent_waiting_withdrawals 7',
        'privet_consent_lost_observations 4',
        'privet_grants_ending 5',
        'privet_grants_over 6',
      ]),
    );
  });

  it('have a bounded number of labels: what comes after them is one', async () => {
    const metrics = createMetrics(SOURCES);
    for (let index = 0; index < 5_010; index++) metrics.unclassified(`Object${index}__c`, 1);
    const lines = (await linesOf(metrics)).filter((line) => line.startsWith('privet_unclassified'));
    expect(lines).toHaveLength(5_001);
    expect(lines).toContain('privet_unclassified_fields_total{object="other"} 10');
  });
});
