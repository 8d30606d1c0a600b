import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { OpenConsentRegistry } from '../../consent/open-registry.ts';
import { isNegative } from '../../consent/person/said.ts';
import type { UnsubscribeLink, UnsubscribeTokens } from '../../consent/unsubscribe/link.ts';
import { UNSUBSCRIBE_PATH } from '../../consent/unsubscribe/links.ts';
import { PrivetError } from '../../errors.ts';
import { networkOf } from '../../identity/login/address.ts';
import type { Limits } from '../../limits.ts';
import type { AuditEntry } from '../../model/audit-event.ts';
import type { ConsentEvent } from '../../model/consent.ts';
import type { Handle } from '../pipeline.ts';
import { sendWhole } from '../wire/send-whole.ts';
import { PAGE_HEADERS, unsubscribePage } from './page.ts';
import { pageLanguage, type UnsubscribeWords } from './words.ts';

export interface UnsubscribeOptions {
  readonly tokens: UnsubscribeTokens;
  /** Purpose → what it is called on the page. */
  readonly purposes: Readonly<Record<string, string>>;
  readonly registry: Pick<OpenConsentRegistry, 'append' | 'history' | 'pseudonyms'>;
  readonly record: (entry: Omit<AuditEntry, 'policySet'>) => Promise<void>;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'unsubscribesRunningMax' | 'badUnsubscribesPerMinuteMax'>;
  readonly log: Pick<Logger, 'error'>;
}

interface Answer {
  readonly status: number;
  readonly says: Exclude<keyof UnsubscribeWords, 'title' | 'button'>;
  readonly purpose?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every path below it is Privet's own, at every door. */
const RESERVED = '/.privet/';
/** Enough for an empty form or for what RFC 8058 section 3.2 sends. Nothing in it is read. */
const BODY_BYTES_MAX = 4_096;
const SOURCE = 'unsubscribe';
const METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'POST']);
const INVALID: Answer = { status: 400, says: 'invalid' };
const NO_SUCH_METHOD: Answer = { ...INVALID, status: 405, headers: { allow: 'GET, HEAD, POST' } };
const TOO_LARGE: Answer = { ...INVALID, status: 413 };
const TOO_MANY: Answer = { ...INVALID, status: 429, headers: { 'retry-after': '60' } };
const EXPIRED: Answer = { status: 410, says: 'expired' };
const BUSY: Answer = { status: 503, says: 'busy', headers: { 'retry-after': '60' } };

/**
 * Answers the links by which people unsubscribe, without login or CRM, before any door is looked for. GET shows a page
 * and changes nothing, since mail scanners follow links. POST, from that page or from a mail program's one click (RFC
 * 8058), puts the withdrawal on record. All other requests go to `next`.
 */
export function withUnsubscribe(options: UnsubscribeOptions, next: Handle): Handle {
  const { tokens, clock, limits, log } = options;
  const isGuessing = createGuesses(clock, limits.badUnsubscribesPerMinuteMax);
  let running = 0;

  async function answerTo(req: IncomingMessage, isSmall: boolean): Promise<Answer> {
    if (!METHODS.has(req.method)) return NO_SUCH_METHOD;
    if (!isSmall) return TOO_LARGE;
    // Mail programs and click counters add queries to links.
    const [path = ''] = (req.url ?? '').split('?');
    const opened = path.startsWith(UNSUBSCRIBE_PATH)
      ? tokens.open(path.slice(UNSUBSCRIBE_PATH.length), clock())
      : ({ refused: 'invalid' } as const);
    if ('refused' in opened) {
      if (isGuessing(networkOf(req.socket.remoteAddress ?? ''))) return TOO_MANY;
      return opened.refused === 'expired' ? EXPIRED : INVALID;
    }
    const purpose = options.purposes[opened.link.purpose] ?? opened.link.purpose;
    if (req.method !== 'POST') return { status: 200, says: 'question', purpose };
    if (running >= limits.unsubscribesRunningMax) return BUSY;
    running += 1;
    try {
      await unsubscribe(options, opened.link);
      return { status: 200, says: 'done', purpose };
    } catch (error) {
      log.error({ err: error }, 'an unsubscription could not be recorded');
      return BUSY;
    } finally {
      running -= 1;
    }
  }

  return async (req, res, receivedAt) => {
    if (req.url?.startsWith(RESERVED) !== true) return next(req, res, receivedAt);
    const isSmall = await hasSmallBody(req);
    send(req, res, await answerTo(req, isSmall));
  };
}

function send(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  if (res.destroyed) return;
  const language = pageLanguage(req.headers['accept-language'] ?? '');
  const headers = {
    ...PAGE_HEADERS,
    'content-language': language,
    ...answer.headers,
  };
  sendWhole(res, answer.status, headers, unsubscribePage(language, answer.says, answer.purpose));
}

/**
 * Puts the withdrawal on record unless it is already: two clicks are one withdrawal.
 * @throws PrivetError CONSENT_UNAVAILABLE
 */
async function unsubscribe(
  { registry, record, clock, log }: UnsubscribeOptions,
  { who, purpose, state }: UnsubscribeLink,
): Promise<void> {
  const history = await registry.history(who);
  if (isSaid(history, { purpose, state })) return;
  // Not before the last event: one from a clock that is ahead must not outlast the withdrawal.
  const at = history.reduce((latest, said) => Math.max(latest, said.at), clock());
  const { outcomes } = await registry.append([{ who, purpose, state, at, source: SOURCE }]);
  if (outcomes.includes('nobody'))
    throw new PrivetError('CONSENT_UNAVAILABLE', 'The link names nobody who can be known.');
  try {
    await record({
      phase: 'consent',
      reason: `${purpose}: ${state}, by ${SOURCE}`,
      dataSubjects: registry.pseudonyms(who),
    });
  } catch (error) {
    // The withdrawal stands, audited or not: the history has it.
    log.error({ err: error }, 'audit event lost');
  }
}

/**
 * True when the same statement is on record without an end, and nothing was permitted after it. Another statement that
 * denies the purpose today is not enough: it may be taken back.
 */
function isSaid(
  history: readonly Omit<ConsentEvent, 'who'>[],
  { purpose, state }: Pick<UnsubscribeLink, 'purpose' | 'state'>,
): boolean {
  return history.some(
    (said) =>
      said.state === state &&
      said.purpose === purpose &&
      said.until === undefined &&
      history.every((other) => isNegative(other) || other.at <= said.at),
  );
}

/** Reads a body to its end and discards it. @returns false when it is too large to wait for */
async function hasSmallBody(req: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  // Leaving the loop must not destroy the request: it is still to be answered.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return false;
  }
  return true;
}

const MINUTE_MS = 60_000;
/** Networks counted apart within a minute; all others count as one. */
const ADDRESSES_MAX = 10_000;

/** Counts links that do not open, by network. @returns whether one has sent too many within the minute */
function createGuesses(clock: Clock, perMinuteMax: number): (address: string) => boolean {
  let minute = 0;
  let counts = new Map<string, number>();
  return (address) => {
    const now = Math.floor(clock() / MINUTE_MS);
    if (now !== minute) counts = new Map();
    minute = now;
    const name = counts.has(address) || counts.size < ADDRESSES_MAX ? address : '';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count > perMinuteMax;
  };
}
