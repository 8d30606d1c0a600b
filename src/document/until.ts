/** RFC 3339: a date, or a date-time with its offset. */
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;

/** Schema of an `until`; `endOf` checks the rest. */
export const UNTIL = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:Z|[+-]\\d{2}:\\d{2}))?$',
  title: 'a date (2026-12-31) or a date-time (2026-12-31T18:00:00+01:00)',
} as const;

/** The complaint about an `until` that names no real day or time. */
export const NO_SUCH_DAY = 'found a day or time that the calendar does not have, expected one that it has';

/**
 * The moment at which an `until` is over, in milliseconds since the epoch: a date ends at the end of that day in UTC,
 * whatever the time zone of the machine; a date-time is that moment itself. Undefined for a day or time that does not
 * exist.
 */
export function endOf(until: string): number | undefined {
  const day = DATE.test(until) ? until : DATE_TIME.exec(until)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const moment = Date.parse(until);
  if (Number.isNaN(moment)) return undefined;
  return day === until ? moment + DAY_MS : moment;
}

/** `Date` takes February 30th for March 2nd. */
function isDay(day: string): boolean {
  const moment = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
}
