import type { Answer } from './answer.ts';

/** Seconds, fewer than an identifier has digits, or a date as RFC 9110 section 5.6.7 has it written. */
const RETRY_AFTER =
  /^(?:\d{1,7}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT)$/;

/**
 * When the CRM that has refused may be asked again (RFC 9110 section 10.2.3); undefined where it says anything else.
 */
export function retryAfterOf({ status, headers }: Answer): string | undefined {
  const value = headers['retry-after'];
  return status >= 400 && typeof value === 'string' && RETRY_AFTER.test(value) ? value : undefined;
}
