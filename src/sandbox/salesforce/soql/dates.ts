import { malformed } from '../errors.ts';

/** First day and the day after the last, YYYY-MM-DD. */
interface Days {
  readonly from: string;
  readonly until: string;
}

function day(year: number, month: number, date: number): string {
  return new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10);
}

/** What a date literal such as TODAY or LAST_N_DAYS:30 means, in UTC. @throws AnswerError MALFORMED_QUERY */
export function daysOf(literal: string, now: number): Days {
  const today = new Date(now);
  const [y, m, d] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  const [name = '', count = '0'] = literal.toUpperCase().split(':');
  const n = Number(count);
  const week = d - today.getUTCDay();
  const ranges: Readonly<Record<string, readonly [from: string, until: string]>> = {
    TODAY: [day(y, m, d), day(y, m, d + 1)],
    YESTERDAY: [day(y, m, d - 1), day(y, m, d)],
    TOMORROW: [day(y, m, d + 1), day(y, m, d + 2)],
    LAST_WEEK: [day(y, m, week - 7), day(y, m, week)],
    THIS_WEEK: [day(y, m, week), day(y, m, week + 7)],
    NEXT_WEEK: [day(y, m, week + 7), day(y, m, week + 14)],
    LAST_MONTH: [day(y, m - 1, 1), day(y, m, 1)],
    THIS_MONTH: [day(y, m, 1), day(y, m + 1, 1)],
    NEXT_MONTH: [day(y, m + 1, 1), day(y, m + 2, 1)],
    LAST_90_DAYS: [day(y, m, d - 90), day(y, m, d + 1)],
    NEXT_90_DAYS: [day(y, m, d + 1), day(y, m, d + 91)],
    LAST_YEAR: [day(y - 1, 0, 1), day(y, 0, 1)],
    THIS_YEAR: [day(y, 0, 1), day(y + 1, 0, 1)],
    NEXT_YEAR: [day(y + 1, 0, 1), day(y + 2, 0, 1)],
    LAST_N_DAYS: [day(y, m, d - n), day(y, m, d + 1)],
    NEXT_N_DAYS: [day(y, m, d + 1), day(y, m, d + 1 + n)],
    N_DAYS_AGO: [day(y, m, d - n), day(y, m, d - n + 1)],
    LAST_N_MONTHS: [day(y, m - n, 1), day(y, m, 1)],
    NEXT_N_MONTHS: [day(y, m + 1, 1), day(y, m + 1 + n, 1)],
    LAST_N_YEARS: [day(y - n, 0, 1), day(y, 0, 1)],
    NEXT_N_YEARS: [day(y + 1, 0, 1), day(y + 1 + n, 0, 1)],
  };
  const range = ranges[name];
  if (!range) throw malformed(`Date literal ${name} is not supported here.`);
  return { from: range[0], until: range[1] };
}
