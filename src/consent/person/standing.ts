import type { Consent, Standing } from '../../model/consent.ts';
import {
  consentTo,
  endOfObjectionTo,
  type LastWords,
  objectionTo,
  prevailing,
  RESTRICTION,
  type Said,
} from './said.ts';

const UNKNOWN: Consent = { state: 'unknown' };
const EVERYTHING = '';
const MARKETING = 'marketing';

/** The matters on one purpose: the purpose itself or one above it. */
interface Scope {
  readonly scope: string;
  /** Consent to it. */
  readonly matter: string;
  /** The end of an objection to it. */
  readonly end: string;
}

interface Objection {
  readonly scope: string;
  readonly said: Said;
}

/** A person's standing at any time, worked out again only when one of their last words has ended. */
export type Standings = (now: number) => Standing;

export function standingsOf(words: LastWords): Standings {
  let standing: Standing | undefined;
  let from = 0;
  let to = 0;
  return (now) => {
    if (standing === undefined || now < from || now >= to) {
      standing = standingOf(words, now);
      from = now;
      to = nextEnd(words, now);
    }
    return standing;
  };
}

/** When the next of them runs out. */
function nextEnd(words: LastWords, now: number): number {
  let end = Number.POSITIVE_INFINITY;
  for (const matter in words) {
    const until = words[matter]?.until;
    if (until !== undefined && until > now && until < end) end = until;
  }
  return end;
}

/** What a person's last words mean at a time. @param now milliseconds since the epoch */
export function standingOf(words: LastWords, now: number): Standing {
  const restriction = words[RESTRICTION];
  let last: { readonly purpose: string; readonly consent: Consent } | undefined;
  return {
    restricted: restriction?.state === 'restricted' && isInForce(restriction, now),
    // Asked for every record, mostly for the same purpose.
    consent: (purpose) => {
      if (last?.purpose !== purpose) last = { purpose, consent: consentOf(words, purpose, now) };
      return last.consent;
    },
  };
}

/**
 * The latest word holds, with three exceptions. An objection to any marketing puts the person out of all of it until it
 * has ended (GDPR Art. 21(3)). What is refused for a purpose is refused for those below it, but what is granted is
 * granted for that purpose alone, since consent is specific (Art. 4(11)). And a grant from before an objection is not
 * revived by the end of the objection.
 */
function consentOf(words: LastWords, purpose: string, now: number): Consent {
  const scopes = scopesOf(purpose);
  const objections = objectionsIn(words, purpose, scopes);
  let prevails: Said | undefined;
  for (const { scope, said } of objections) {
    if (isInForce(said, now) && !hasEnded(words, scope, said)) prevails = later(prevails, said);
  }
  if (prevails !== undefined && isMarketing(purpose)) return consent(prevails);
  for (const { scope, matter } of scopes) {
    const said = words[matter];
    if (said === undefined || !isInForce(said, now)) continue;
    const isMeant =
      said.state === 'withdrawn' ||
      (scope === purpose && objections.every((objection) => objection.said.at < said.at));
    if (isMeant) prevails = later(prevails, said);
  }
  return prevails === undefined ? UNKNOWN : consent(prevails);
}

function consent({ state, at, source }: Said): Consent {
  // Only words on consent and on objections come here.
  return { state: state === 'granted' || state === 'withdrawn' ? state : 'objected', at, source };
}

function later(one: Said | undefined, other: Said): Said {
  return one === undefined ? other : prevailing(one, other);
}

/** A word that has ended counts as never said. */
function isInForce({ until }: Said, now: number): boolean {
  return until === undefined || now < until;
}

/** Purposes whose scopes are remembered; policies name fewer. */
const PURPOSES_MAX = 64;
const known = new Map<string, readonly Scope[]>();

/** A purpose and all that is above it: `marketing.email` is below `marketing`, and everything is above both. */
function scopesOf(purpose: string): readonly Scope[] {
  const before = known.get(purpose);
  if (before !== undefined) return before;
  const parts = purpose.split('.');
  const names = [EVERYTHING, ...parts.map((_, index) => parts.slice(0, index + 1).join('.'))];
  const scopes = names.map((scope) => ({ scope, matter: consentTo(scope), end: endOfObjectionTo(scope) }));
  if (known.size >= PURPOSES_MAX) known.clear();
  known.set(purpose, scopes);
  return scopes;
}

function isMarketing(purpose: string): boolean {
  return purpose === MARKETING || purpose.startsWith(`${MARKETING}.`);
}

const OBJECTION = objectionTo('');

/** Objections to what the purpose is for: for marketing, to everything or to any marketing. */
function objectionsIn(words: LastWords, purpose: string, scopes: readonly Scope[]): readonly Objection[] {
  const objections: Objection[] = [];
  for (const matter in words) {
    const said = matter.startsWith(OBJECTION) ? words[matter] : undefined;
    if (said === undefined) continue;
    const objectedTo = matter.slice(OBJECTION.length);
    const concerns = isMarketing(purpose)
      ? objectedTo === EVERYTHING || isMarketing(objectedTo)
      : scopes.some(({ scope }) => scope === objectedTo);
    if (concerns) objections.push({ scope: objectedTo, said });
  }
  return objections;
}

/** The end of an objection must be later than it, and to its scope or one above. */
function hasEnded(words: LastWords, objectedTo: string, { at }: Said): boolean {
  return scopesOf(objectedTo).some(({ end }) => {
    const ended = words[end];
    return ended !== undefined && ended.at > at;
  });
}
