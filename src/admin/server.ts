import type { AddressInfo } from 'node:net';
import fastify, { type FastifyReply } from 'fastify';
import { PrivetError } from '../errors.ts';
import { type ApiOptions, addApi } from './api.ts';
import { API_ERRORS, sendError } from './api-error.ts';
import type { AdminConfig } from './config.ts';
import type { Metrics } from './metrics.ts';

/** What readiness depends on. Each source answers at once, from what is known already. */
export interface HealthSources {
  readonly policiesLoaded: () => boolean;
  readonly storeWritable: () => boolean;
  readonly spoolBelowLimit: () => boolean;
  /** Reported, not required: answering with the CRM's error is better than taking every instance out. */
  readonly upstreams: () => Readonly<Record<string, { readonly running: number; readonly waiting: number }>>;
  /** Reported, not required: the spool keeps events while Redis is away. */
  readonly redis: () => string;
  /** Reported, not required: while it is away only requests that need the registry are refused. */
  readonly consent: () => 'up' | 'away';
}

export interface AdminServer {
  /** @throws when the address cannot be had */
  readonly listen: () => Promise<AddressInfo>;
  readonly close: () => Promise<void>;
}

const MALFORMED = new PrivetError('REQUEST_MALFORMED');

/** As the API says it where there is one. */
function sendNothingHere(reply: FastifyReply): FastifyReply {
  const { status, message } = API_ERRORS.NOT_FOUND;
  return sendError(reply, status, 'NOT_FOUND', message);
}

/**
 * `/healthz`: the process answers. `/readyz`: it may take traffic. `/metrics`: Prometheus text.
 * Not reachable through the proxy's own listener. `/api`: for programs that hold a key; left out, there is none.
 */
export function createAdminServer(
  config: Pick<AdminConfig, 'host' | 'port'>,
  health: HealthSources,
  metrics: Metrics,
  api?: ApiOptions,
): AdminServer {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    // A target that is no URL comes to no route.
    frameworkErrors: (_error, _request, reply) => {
      sendError(reply, MALFORMED.status, MALFORMED.code, MALFORMED.message);
    },
  });
  app.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    const checks = {
      policies: health.policiesLoaded(),
      store: health.storeWritable(),
      spool: health.spoolBelowLimit(),
    };
    const isReady = Object.values(checks).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? 'ready' : 'not ready',
      checks,
      upstreams: health.upstreams(),
      redis: health.redis(),
      consent: health.consent(),
    });
  });
  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  if (api !== undefined) addApi(app, api);
  else app.setNotFoundHandler((_, reply) => sendNothingHere(reply));
  return {
    listen: async () => {
      await app.listen({ host: config.host, port: config.port });
      const address = app.server.address();
      if (address === null || typeof address === 'string')
        throw new PrivetError('INTERNAL', 'No address to listen on.');
      return address;
    },
    close: () => app.close(),
  };
}
