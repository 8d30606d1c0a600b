import { createHash } from 'node:crypto';
import type { AdminKey } from '../../admin/config.ts';

/** The company's own program that tells Privet what people say, and orders links for its letters. */
const KEY = 'website-demo-key';
export const DESK_KEY: AdminKey = {
  id: 'website',
  sha256: createHash('sha256').update(KEY).digest('hex'),
  may: ['consent.read', 'consent.write', 'unsubscribe.links'],
};

/** Where a Privet answers: its own port, and the admin's. */
export interface Addresses {
  readonly proxyUrl: string;
  readonly adminUrl: string;
}

/** A call of the admin API. */
export interface DeskCall {
  readonly path: string;
  /** JSON. */
  readonly body: string;
}

const call = (path: string, body: object): DeskCall => ({ path, body: JSON.stringify(body) });

export function orderLink(email: string): DeskCall {
  return call('/api/consent/unsubscribe-links', [{ email, purpose: 'marketing.email' }]);
}

/** @param at RFC 3339 */
export function restrict(email: string, at: string): DeskCall {
  return call('/api/consent/events', [{ email, state: 'restricted', at, source: 'letter' }]);
}

export function lookUp(email: string): DeskCall {
  return call('/api/consent/look-up', { email });
}

/** @returns the body of the answer, JSON */
export async function callDesk(
  { adminUrl }: Pick<Addresses, 'adminUrl'>,
  { path, body }: DeskCall,
): Promise<string> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const response = await fetch(`${adminUrl}${path}`, { method: 'POST', headers, body });
  return response.text();
}

/** The link of an answer to `orderLink`, at the proxy of the stage, whatever port that got. */
export async function linkFor(stage: Addresses, email: string): Promise<string> {
  const answer = await callDesk(stage, orderLink(email));
  const url = /"url":"([^"]+)"/.exec(answer)?.[1];
  if (url === undefined) throw new Error('The admin API made no link.');
  return `${stage.proxyUrl}${new URL(url).pathname}`;
}

/** The same call for a shell. */
export function deskLine(adminUrl: string, { path, body }: DeskCall): string {
  return `curl -s -H 'authorization: Bearer ${KEY}' -H 'content-type: application/json' -d '${body}' "${adminUrl}${path}"`;
}
