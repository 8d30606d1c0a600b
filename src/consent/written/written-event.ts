import type { Clock } from '../../clock.ts';
import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import type { ConsentEvent } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import { canonicalEmail, canonicalPhone } from '../person/identifier.ts';
import { CRM_SOURCE } from '../person/said.ts';

/** Columns of a file and members of the API, by their names. */
export const EVENT_FIELDS = [
  'id',
  'email',
  'phone',
  'purpose',
  'state',
  'at',
  'source',
  'basis',
  'until',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

export const STATES: readonly ConsentEvent['state'][] = [
  'granted',
  'withdrawn',
  'objected',
  'restricted',
  'objection-ended',
  'restriction-ended',
];

/** An event as people write it. An absent or empty field says nothing. */
export type WrittenEvent = Readonly<Partial<Record<EventField, string>>>;

export interface EventReading {
  /** The name of a record by `[upstream:][object:]id`, or what is wrong with that. */
  readonly resolve: (id: string) => { readonly record: string } | { readonly problem: string };
  readonly phoneRegion?: string;
  /** Purposes that are declared; undefined: any will do. */
  readonly purposes: () => readonly string[] | undefined;
  /** Where an event names no source. */
  readonly source: string;
  readonly clock: Clock;
  readonly clockToleranceMs: number;
}

/** An event, or all that is wrong with it, in words that hold no personal value. */
export type ReadEvent = { readonly event: ConsentEvent } | { readonly problems: readonly string[] };

export const PURPOSE = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/;
export const PURPOSE_LENGTH_MAX = 100;
export const WORDS_LENGTH_MAX = 200;

export function readWrittenEvent(written: WrittenEvent, reading: EventReading): ReadEvent {
  const problems: string[] = [];
  const text = (field: EventField): string | undefined => written[field]?.trim() || undefined;
  const named = readWho(written, reading);
  if ('problems' in named) problems.push(...named.problems);
  const state = readState(text('state'), problems);
  const purpose = readPurpose(text('purpose'), state, reading, problems);
  const at = readTime('at', text('at'), problems);
  if (text('at') === undefined) problems.push('found no "at", expected when it was said');
  if (at !== undefined && at > reading.clock() + reading.clockToleranceMs)
    problems.push('found an "at" in the future, expected when it was said');
  const until = readTime('until', text('until'), problems);
  if (until !== undefined && at !== undefined && until <= at)
    problems.push('found an "until" that is not after "at", expected when it ends by itself');
  if (until !== undefined && state?.endsWith('-ended') === true)
    problems.push('found an "until", expected none: an end does not end');
  const source = readWords('source', text('source'), problems) ?? reading.source;
  if (text('source') === CRM_SOURCE)
    problems.push(`found the source ${CRM_SOURCE}, expected another: it is for what CRMs themselves say`);
  const basis = readWords('basis', text('basis'), problems);
  if ('problems' in named || state === undefined || at === undefined || problems.length > 0)
    return { problems };
  return {
    event: {
      who: named.who,
      ...(purpose === undefined ? {} : { purpose }),
      state,
      at,
      source,
      ...(basis === undefined ? {} : { basis }),
      ...(until === undefined ? {} : { until }),
    },
  };
}

/** The people that something is about, or what is wrong with the way they are named. */
export function readWho(
  written: Pick<WrittenEvent, 'id' | 'email' | 'phone'>,
  { resolve, phoneRegion }: Pick<EventReading, 'resolve' | 'phoneRegion'>,
): { readonly who: DataSubjectKeys } | { readonly problems: readonly string[] } {
  const [id, email, phone] = [written.id, written.email, written.phone].map(
    (text) => text?.trim() || undefined,
  );
  const problems: string[] = [];
  if (id === undefined && email === undefined && phone === undefined)
    problems.push('found nobody, expected an id, an email or a phone');
  const resolved = id === undefined ? undefined : resolve(id);
  if (resolved !== undefined && 'problem' in resolved) problems.push(resolved.problem);
  if (email !== undefined && canonicalEmail(email) === undefined)
    problems.push('found an email that is no address, expected one such as name@example.com');
  if (phone !== undefined && canonicalPhone(phone, phoneRegion) === undefined) {
    const hint = phoneRegion === undefined ? ', or consent.phoneRegion in the configuration' : '';
    problems.push(`found a phone that cannot be read, expected one such as +34600100200${hint}`);
  }
  if (problems.length > 0) return { problems };
  return {
    who: {
      ...(resolved !== undefined && 'record' in resolved ? { record: resolved.record } : {}),
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone }),
    },
  };
}

function readState(text: string | undefined, problems: string[]): ConsentEvent['state'] | undefined {
  const state = STATES.find((known) => known === text);
  if (state !== undefined) return state;
  const near = text === undefined ? undefined : nearest(text, STATES);
  problems.push(
    `found ${text === undefined ? 'no state' : 'an unknown state'}, expected one of ${STATES.join(', ')}${didYouMean(near)}`,
  );
  return undefined;
}

function readPurpose(
  text: string | undefined,
  state: ConsentEvent['state'] | undefined,
  reading: EventReading,
  problems: string[],
): string | undefined {
  if (text === undefined) {
    if (state === 'granted') problems.push('found no purpose, expected one: consent is given for a purpose');
    return undefined;
  }
  if (state?.startsWith('restrict') === true)
    problems.push('found a purpose, expected none: a restriction is of all of them');
  if (text.length > PURPOSE_LENGTH_MAX || !PURPOSE.test(text))
    problems.push('found a purpose that is none, expected dotted lower-case words such as marketing.email');
  const purposes = reading.purposes();
  // A refusal, or an end, may name an undeclared purpose above declared ones: it is for all below it.
  const isDeclared = (declared: string): boolean =>
    declared === text || (state !== 'granted' && declared.startsWith(`${text}.`));
  if (purposes !== undefined && PURPOSE.test(text) && !purposes.some(isDeclared))
    problems.push(
      `found an undeclared purpose, expected one of ${purposes.join(', ')}${didYouMean(nearest(text, purposes))}`,
    );
  return text;
}

/** RFC 3339, or a date alone: its first moment in UTC, but of `until` the end of that day, as in policies. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/;

const DAY_MS = 86_400_000;

function readTime(field: EventField, text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const [, date = ''] = TIME.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00:00Z`);
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'));
  // `Date` would take a day that the month does not have for one of the next month.
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
  const isWholeDay = field === 'until' && text === date;
  if (date !== '' && exists && !Number.isNaN(time) && time >= 0) return isWholeDay ? time + DAY_MS : time;
  problems.push(`found an ${field} that is no time, expected one such as 2026-11-25T09:30:00Z or 2026-11-25`);
  return undefined;
}

function readWords(field: EventField, text: string | undefined, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  if (text.length > WORDS_LENGTH_MAX || /\p{Cc}/u.test(text))
    problems.push(
      `found a ${field} that is too long, expected at most ${WORDS_LENGTH_MAX} characters on one line`,
    );
  return text;
}
