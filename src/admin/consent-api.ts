import { purposesToTell } from '../consent/event.ts';
import type { OpenConsentRegistry } from '../consent/open-registry.ts';
import type { AppendOutcome } from '../consent/registry.ts';
import type { UnsubscribeLinks } from '../consent/unsubscribe/links.ts';
import {
  EVENT_FIELDS,
  type EventReading,
  readWho,
  readWrittenEvent,
  type WrittenEvent,
} from '../consent/written/written-event.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import type { ConsentEvent } from '../model/consent.ts';
import type { ApiOperation } from './api.ts';
import { ApiError } from './api-error.ts';
import type { AdminKey } from './config.ts';

export interface ConsentApiOptions {
  readonly registry: Pick<OpenConsentRegistry, 'append' | 'standings' | 'history' | 'pseudonyms'>;
  readonly reading: EventReading;
  /** Undefined: there is no unsubscribe endpoint, and no link to it. */
  readonly links: UnsubscribeLinks | undefined;
  /** Puts a change or a look-up on record. @throws PrivetError AUDIT_UNAVAILABLE */
  readonly record: (entry: Omit<AuditEntry, 'policySet'>) => Promise<void>;
  /** False while changes cannot be put on record, unless the posture allows that. */
  readonly mayChange: () => boolean;
  readonly limits: Pick<Limits, 'consentBatchMax'>;
}

type Refused = { readonly outcome: 'refused'; readonly problems: readonly string[] };

/** What the API says of an event that was not appended as it stands. */
const REFUSALS: Readonly<Partial<Record<AppendOutcome, string>>> = {
  nobody: 'found nobody, expected an id, an email or a phone',
  crowded: 'found an id, email or phone that many share, expected one person (limits.consentIdentifiersMax)',
  full: 'found a full history, expected only what takes something further away (limits.consentEventsMax)',
};

export function consentOperations(options: ConsentApiOptions): readonly ApiOperation[] {
  const { links } = options;
  return [
    {
      path: '/api/consent/events',
      may: 'consent.write',
      run: (body, key) => appendEvents(options, body, key),
    },
    { path: '/api/consent/look-up', may: 'consent.read', run: (body, key) => lookUp(options, body, key) },
    ...(links === undefined
      ? []
      : [
          {
            path: '/api/consent/unsubscribe-links',
            may: 'unsubscribe.links',
            run: async (body: unknown) => ({
              links: listOf(body, options).map((item) =>
                links.make(writtenOf(item, [...EVENT_FIELDS]), options.reading),
              ),
            }),
          } as const,
        ]),
  ];
}

async function appendEvents(options: ConsentApiOptions, body: unknown, key: AdminKey): Promise<object> {
  const { registry, reading, mayChange } = options;
  const read = listOf(body, options).map((item) => {
    const written = writtenOf(item, EVENT_FIELDS);
    return 'problems' in written ? written : readWrittenEvent(written.written, reading);
  });
  if (!mayChange()) throw new PrivetError('AUDIT_UNAVAILABLE');
  const events = read.flatMap((one) => ('event' in one ? [one.event] : []));
  const { outcomes } = await registry.append(events);
  await recordAll(options, events, outcomes, key);
  let next = 0;
  const results = read.map((one): { readonly outcome: 'appended' | 'known' | 'apart' } | Refused => {
    if (!('event' in one)) return { outcome: 'refused', problems: one.problems };
    const outcome = outcomes[next++] ?? 'nobody';
    const refusal = REFUSALS[outcome];
    return outcome === 'appended' || outcome === 'known' || outcome === 'apart'
      ? { outcome }
      : { outcome: 'refused', problems: refusal === undefined ? [] : [refusal] };
  });
  const count = (...of: readonly string[]): number =>
    results.filter(({ outcome }) => of.includes(outcome)).length;
  return {
    appended: count('appended', 'apart'),
    known: count('known'),
    refused: count('refused'),
    results,
  };
}

/** One audit event for each change. */
async function recordAll(
  { registry, record }: ConsentApiOptions,
  events: readonly ConsentEvent[],
  outcomes: readonly AppendOutcome[],
  { id }: AdminKey,
): Promise<void> {
  const changes = events.filter((_, index) => ['appended', 'apart'].includes(outcomes[index] ?? ''));
  await Promise.all(
    changes.map((event) =>
      record({
        phase: 'consent',
        principal: { id, roles: [], purposes: [], via: 'admin' },
        reason: `${event.purpose ?? 'everything'}: ${event.state}, by ${event.source}`,
        dataSubjects: registry.pseudonyms(event.who),
      }),
    ),
  );
}

/** A look-up is on record before its answer is sent. */
async function lookUp(options: ConsentApiOptions, body: unknown, { id }: AdminKey): Promise<object> {
  const { registry, reading, record, mayChange } = options;
  const written = writtenOf(body, ['id', 'email', 'phone']);
  if ('problems' in written) throw new ApiError('BODY_INVALID', sentence(written.problems));
  const who = readWho(written.written, reading);
  if ('problems' in who) throw new ApiError('BODY_INVALID', sentence(who.problems));
  if (!mayChange()) throw new PrivetError('AUDIT_UNAVAILABLE');
  await record({
    phase: 'consent',
    principal: { id, roles: [], purposes: [], via: 'admin' },
    reason: 'looked up',
    dataSubjects: registry.pseudonyms(who.who),
  });
  const [history, [standing]] = await Promise.all([registry.history(who.who), registry.standings([who.who])]);
  return {
    known: history.length > 0,
    restricted: standing?.restricted ?? false,
    consents: purposesToTell(history, reading.purposes()).map((purpose) => {
      const { state = 'unknown', at, source } = standing?.consent(purpose) ?? {};
      return { purpose, state, ...(at === undefined ? {} : { at: timeOf(at), source }) };
    }),
    history: history.map(({ at, until, ...rest }) => ({
      ...rest,
      at: timeOf(at),
      ...(until === undefined ? {} : { until: timeOf(until) }),
    })),
  };
}

function listOf(body: unknown, { limits }: Pick<ConsentApiOptions, 'limits'>): readonly unknown[] {
  if (!Array.isArray(body)) throw new ApiError('BODY_INVALID', 'Expected a list.');
  if (body.length > limits.consentBatchMax)
    throw new ApiError('BODY_TOO_LARGE', `At most ${limits.consentBatchMax} items (limits.consentBatchMax).`);
  return body as readonly unknown[];
}

/** An item as people write it: an object of texts. */
function writtenOf(
  item: unknown,
  fields: readonly string[],
): { readonly written: WrittenEvent } | { readonly problems: readonly string[] } {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return { problems: ['found no object, expected one'] };
  const entries: readonly (readonly [string, unknown])[] = Object.entries(item);
  const problems: string[] = [];
  if (entries.some(([name]) => !fields.includes(name)))
    problems.push(`found a member of another name, expected names of ${fields.join(', ')}`);
  if (entries.some(([, value]) => typeof value !== 'string'))
    problems.push('found a member that is no text, expected texts');
  return problems.length > 0 ? { problems } : { written: Object.fromEntries(entries) as WrittenEvent };
}

function sentence(problems: readonly string[]): string {
  return problems.map((problem) => `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`).join(' ');
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
