import { dirname, join } from 'node:path';
import { type AuditVerification, verifyAudit } from '../../audit/query.ts';
import { spoolDirectory } from '../../audit/spool.ts';
import { tailEvents } from '../../audit/tail.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import { openJournalReader } from '../../store/journal-reader.ts';

/** Every event that a closed stage has recorded, and what the check of their chain says. */
export interface Trail {
  readonly events: readonly AuditEvent[];
  readonly verification: AuditVerification;
}

/** @param config the stage's configuration file: the store lies beside it */
export async function readTrail(config: string): Promise<Trail> {
  const spool = openJournalReader(spoolDirectory(join(dirname(config), 'data')));
  const sources = { spools: [spool], limits: DEFAULT_LIMITS };
  try {
    const events: AuditEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of tailEvents(sources, { from: 'start', follow: false, signal }))
      events.push(event);
    return { events, verification: await verifyAudit(sources) };
  } finally {
    spool.close();
  }
}

/**
 * An event as two sentences: who did what and how it was decided; because of what, what was treated and who was left
 * out.
 */
export function eventText(event: AuditEvent): { readonly what: string; readonly why: string } {
  const { seq, phase, principal, request, operation, decision, response, reason = '' } = event;
  const { policies = [], fields = [], omissions = [] } = event;
  if (phase === 'consent') return { what: `#${seq} ${principal?.id ?? 'by a link'}: consent`, why: reason };
  const who = principal === undefined ? 'nobody known' : `${principal.id} (${principal.roles.join(', ')})`;
  const where = `${operation?.objects.join(', ')} in ${request?.upstream}`;
  const because = policies.length === 0 ? 'no policy applied' : `by ${policies.join(', ')}`;
  const byTreatment = Map.groupBy(fields, ({ treatment }) => treatment);
  const treated = Array.from(
    byTreatment,
    ([treatment, same]) => `${treatment} ${same.map(({ field }) => field).join(', ')}`,
  );
  const left = omissions.map(
    ({ object, policy, reason: because, count }) => `left out ${count} ${object} (${policy}: ${because})`,
  );
  const done = [...treated, ...left].join('; ');
  return {
    what: `#${seq} ${who}: ${request?.route} ${where} → ${decision} ${response?.status}`,
    why: done === '' ? because : `${because}: ${done}`,
  };
}
