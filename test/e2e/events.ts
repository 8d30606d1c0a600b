import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { AuditEvent } from '../../src/model/audit-event.ts';

const PATIENCE_MS = 60_000;

/** All events in the stream so far, oldest first. */
export async function eventsIn(client: Redis): Promise<readonly AuditEvent[]> {
  const entries = await client.xrange('privet:audit', '-', '+');
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as AuditEvent);
}

/** The two events of a request, once both have been shipped. */
export async function eventsOf(
  client: Redis,
  requestId: unknown,
): Promise<readonly [AuditEvent, AuditEvent]> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const events = (await eventsIn(client)).filter(({ request }) => request?.id === requestId);
    const [decision, completion] = events;
    if (decision !== undefined && completion !== undefined) {
      if (events.length > 2) throw new Error(`${events.length} events of one request.`);
      return [decision, completion];
    }
  }
  throw new Error(`The events of ${String(requestId)} do not come.`);
}
