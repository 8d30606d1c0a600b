import { Agent, request } from 'undici';
import { PrivetError } from '../../errors.ts';
import type { LookUp } from '../../identity/look-up.ts';
import type { Limits } from '../../limits.ts';
import { collectBody } from './answer.ts';
import type { Upstream } from './upstream.ts';

/** Looks up at any URL, such as an issuer's signing keys. TLS is verified, redirects are not followed. */
export function createLookUp(limits: Limits): LookUp & { readonly close: () => Promise<void> } {
  const agent = new Agent({
    connect: { timeout: limits.lookupTimeoutMs, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    maxResponseSize: limits.lookupBytesMax,
  });
  const lookUp: LookUp = async (url, headers, signal) => {
    const answer = await request(url, { dispatcher: agent, headers, signal });
    return { status: answer.statusCode, body: await answer.body.text() };
  };
  return Object.assign(lookUp, { close: () => agent.destroy() });
}

/** Looks up a path at the CRM, over the connections its requests use. */
export function lookUpAt(upstream: Upstream, limits: Limits): LookUp {
  return async (path, headers, signal) => {
    const exchange = upstream.send({ method: 'GET', path, headers: { ...headers } });
    signal.addEventListener('abort', exchange.abort, { once: true });
    try {
      const { status, headers: answered, body } = await exchange.answer;
      if (answered['content-encoding'] !== undefined) {
        body.abort();
        throw new PrivetError('ANSWER_UNREADABLE', 'A coding was not asked for.');
      }
      return { status, body: (await collectBody(body, limits.lookupBytesMax)).toString() };
    } finally {
      signal.removeEventListener('abort', exchange.abort);
    }
  };
}
