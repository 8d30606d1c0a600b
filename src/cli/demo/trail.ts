import { dirname, join } from 'node:path';
import { type AuditVerification, verifyAudit } from '../../audit/query.ts';
import { tailEvents } from '../../audit/tail.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import { openEmbeddedForReading } from '../../store/embedded.ts';

/** Every event that a closed stage has recorded, and what the check of their chain says. */
export interface Trail {
  readonly events: readonly AuditEvent[];
  readonly verification: AuditVerification;
}

/** @param config the stage's configuration file: the store lies beside it */
export async function readTrail(config: string): Promise<Trail> {
  const store = openEmbeddedForReading(join(dirname(config), 'data'));
  const sources = { store, limits: DEFAULT_LIMITS };
  try {
    const events: AuditEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of tailEvents(sources, { from: 'start', follow: false, signal }))
      events.push(event);
    return { events, verification: await verifyAudit(sources) };
  } finally {
    await store.close();
  }
}

/** An event in a sentence: who, what, the decision, why, and what was treated. */
export function eventSentence(event: AuditEvent): string {
  const { seq, principal, request, operation, decision, response, policies = [], fields = [] } = event;
  const who = `${principal?.id} (${principal?.roles.join(', ')})`;
  const what = `${request?.route} ${operation?.objects.join(', ')} in ${request?.upstream}`;
  const because = policies.length === 0 ? 'no policy applied' : `by ${policies.join(', ')}`;
  const treated = fields.map(({ field, treatment }) => `${field} ${treatment}`).join(', ');
  const end = treated === '' ? '' : `; ${treated}`;
  return `#${seq} ${who} ${what}: ${decision} ${response?.status}, ${because}${end}`;
}
