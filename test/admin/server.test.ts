import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/admin/metrics.ts';
import { type AdminServer, createAdminServer, type HealthSources } from '../../src/admin/server.ts';

let server: AdminServer | undefined;

afterEach(async () => {
  await server?.close();
});

const healthy: HealthSources = {
  policiesLoaded: () => true,
  storeWritable: () => true,
  spoolBelowLimit: () => true,
  upstreams: () => ({ sales: { running: 0, waiting: 0 } }),
  redis: () => 'connected',
  consent: () => 'up',
};

function metricsOf(): Metrics {
  return createMetrics({
    spoolEvents: () => 3,
    spoolBytes: () => 2_048,
    auditShipped: () => 41,
    consentLost: () => 0,
    consentWaiting: () => 4,
    grantsEnding: () => 2,
    grantsOver: () => 1,
  });
}

async function start(health: Partial<HealthSources> = {}, metrics = metricsOf()): Promise<string> {
  server = createAdminServer({ host: '127.0.0.1', port: 0 }, { ...healthy, ...health }, metrics);
  const { port } = await server.listen();
  return `http://127.0.0.1:${port}`;
}

describe('the admin server', () => {
  it('says that the process lives', async () => {
    const reply = await fetch(`${await start({ policiesLoaded: () => false })}/healthz`);
    expect(reply.status).toBe(200);
  });

  it.each([
    [{}, 200],
    [{ policiesLoaded: () => false }, 503],
    [{ storeWritable: () => false }, 503],
    [{ spoolBelowLimit: () => false }, 503],
    [{ upstreams: () => ({ sales: { running: 9, waiting: 3 } }) }, 200],
    [{ redis: () => 'away' }, 200],
    [{ consent: () => 'away' as const }, 200],
  ])('with %j is ready with %i', async (health, status) => {
    const reply = await fetch(`${await start(health)}/readyz`);
    expect(reply.status).toBe(status);
    expect(await reply.json()).toMatchObject({
      checks: expect.anything(),
      upstreams: expect.anything(),
      redis: expect.anything(),
      consent: expect.anything(),
    });
  });

  it('knows nothing else', async () => {
    const base = await start();
    const reply = await fetch(`${base}/ana@example.com`);
    expect([reply.status, await reply.json()]).toEqual([
      404,
      { error: { code: 'NOT_FOUND', message: 'There is nothing here.' } },
    ]);
    expect((await fetch(`${base}/readyz`, { method: 'POST' })).status).toBe(404);
  });

  it('refuses a target that is no URL in the shape of all its errors', async () => {
    const reply = await fetch(`${await start()}/%zz`);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({
      error: { code: 'REQUEST_MALFORMED', message: 'The request is malformed.' },
    });
  });

  it('gives metrics in the Prometheus text format', async () => {
    const metrics = metricsOf();
    const measure = {
      upstream: 'sales',
      operation: 'query',
      decision: 'allow',
      outcome: 'complete',
      requestBytes: 10,
      responseBytes: 2_000,
      addedSeconds: 0.0007,
      upstreamSeconds: 0.2,
    } as const;
    metrics.request(measure);
    metrics.request(measure);
    metrics.request({ ...measure, decision: 'deny', upstreamSeconds: undefined });
    metrics.transformed('mask', 12);
    metrics.unclassified('Contact', 2);
    metrics.policyReload('refused');
    const reply = await fetch(`${await start({}, metrics)}/metrics`);
    const text = await reply.text();
    expect(reply.headers.get('content-type')).toContain('text/plain');
    for (const line of [
      'privet_requests_total{upstream="sales",operation="query",decision="allow",outcome="complete"} 2',
      'privet_requests_total{upstream="sales",operation="query",decision="deny",outcome="complete"} 1',
      'privet_response_bytes_total{upstream="sales",operation="query",decision="allow"} 4000',
      'privet_added_seconds_bucket{le="0.001",upstream="sales",operation="query",decision="allow"} 2',
      'privet_upstream_seconds_count{upstream="sales"} 2',
      'privet_transforms_total{kind="mask"} 12',
      'privet_unclassified_fields_total{object="Contact"} 2',
      'privet_policy_reloads_total{outcome="refused"} 1',
      'privet_spool_events 3',
      'privet_spool_bytes 2048',
      'privet_consent_waiting_withdrawals 4',
      'privet_audit_shipped_events 41',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('bounds the number of label sets', async () => {
    const metrics = metricsOf();
    for (let index = 0; index < 6_000; index += 1) metrics.unclassified(`Object${index}`, 1);
    const lines = (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith('privet_unclassified_fields_total{'));
    expect(lines.length).toBeLessThanOrEqual(5_001);
    expect(lines.some((line) => line.includes('object="other"'))).toBe(true);
  });
});
