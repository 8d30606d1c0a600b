export type Precision = 'month' | 'year';

/** ISO 8601 / RFC 3339 as CRMs write it: `1985-07-12`, with `T` or a space a time, a fraction, `Z` or an offset. */
const ISO =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:([T ])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/;
const BASIC = /^(\d{4})(\d{2})(\d{2})$/;
const YEAR = /^\d{4}$/;
/** Milliseconds since the epoch, as HubSpot writes dates into strings. */
const EPOCH = /^-?\d{9,15}$/;

function isDay(month: string, day: string): boolean {
  return month >= '01' && month <= '12' && day >= '01' && day <= '31';
}

/** Keeps the form, and sets everything finer than the precision to its lowest value. */
function truncateIso(match: RegExpExecArray, precision: Precision): string | null {
  const [, year = '', month = '', day, between, hours, minutes, seconds, fraction, zone = ''] = match;
  if (!isDay(month, day ?? '01')) return null;
  const date = `${year}-${precision === 'year' ? '01' : month}${day === undefined ? '' : '-01'}`;
  if (between === undefined) return date;
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds ?? 0) > 60) return null;
  const time = `00:00${seconds === undefined ? '' : ':00'}${fraction === undefined ? '' : `.${'0'.repeat(fraction.length)}`}`;
  return `${date}${between}${time}${zone}`;
}

/**
 * A number is always read as milliseconds. Seconds read as milliseconds all fall into January 1970 and show nothing;
 * the other way round, days would show.
 * @param lexeme a JSON number
 */
export function generalizeEpoch(lexeme: string, precision: Precision): string | null {
  const date = new Date(Number(lexeme));
  if (!Number.isInteger(date.getTime())) return null;
  date.setUTCHours(0, 0, 0, 0);
  if (precision === 'year') date.setUTCMonth(0, 1);
  else date.setUTCDate(1);
  const result = date.getTime();
  return Number.isNaN(result) ? null : String(result);
}

/** `1985-07-12` → `1985-07-01` or `1985-01-01`. Forms that can be read in two ways (`07/12/1985`) are not read. */
export function generalizeDate(text: string, precision: Precision): string | null {
  const value = text.trim();
  const iso = ISO.exec(value);
  if (iso !== null) return truncateIso(iso, precision);
  if (YEAR.test(value)) return value;
  const basic = BASIC.exec(value);
  if (basic !== null) {
    const [, year = '', month = '', day = ''] = basic;
    return isDay(month, day) ? `${year}${precision === 'year' ? '01' : month}01` : null;
  }
  return EPOCH.test(value) ? generalizeEpoch(value, precision) : null;
}
