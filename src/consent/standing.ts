import type { Consent, Standing } from '../model/consent.ts';
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

interface Objection {
  readonly scope: string;
  readonly said: Said;
}

/** What a person's last words mean at a time. @param now milliseconds since the epoch */
export function standingOf(words: LastWords, now: number): Standing {
  const restriction = words[RESTRICTION];
  return {
    restricted: restriction?.state === 'restricted' && isInForce(restriction, now),
    consent: (purpose) => consentOf(words, purpose, now),
  };
}

/**
 * The latest word holds, with three exceptions. An objection to any marketing puts the person out of all of it until it has ended (GDPR
 * Art. 21(3)). What is refused for a purpose is refused for those below it, but what is granted is granted for that purpose alone, since
 * consent is specific (Art. 4(11)). And a grant from before an objection is not revived by the end of the objection.
 */
function consentOf(words: LastWords, purpose: string, now: number): Consent {
  const scopes = scopesOf(purpose);
  const objections = objectionsIn(words, isMarketing(purpose) ? marketingScopes(words) : scopes);
  const standing = objections
    .filter(({ scope, said }) => isInForce(said, now) && !hasEnded(words, scope, said))
    .map(({ said }) => said);
  const objected = latest(standing);
  if (objected !== undefined && isMarketing(purpose)) return consent(objected);
  const given = scopes.flatMap((scope) => {
    const said = words[consentTo(scope)];
    if (said === undefined || !isInForce(said, now)) return [];
    const isMeant =
      said.state === 'withdrawn' ||
      (scope === purpose && objections.every((objection) => objection.said.at < said.at));
    return isMeant ? [said] : [];
  });
  const said = latest([...standing, ...given]);
  return said === undefined ? UNKNOWN : consent(said);
}

function consent({ state, at, source }: Said): Consent {
  // Only words on consent and on objections come here.
  return { state: state === 'granted' || state === 'withdrawn' ? state : 'objected', at, source };
}

function latest(all: readonly Said[]): Said | undefined {
  return all.length === 0 ? undefined : all.reduce(prevailing);
}

/** What has run out is as if it had not been said. */
function isInForce({ until }: Said, now: number): boolean {
  return until === undefined || now < until;
}

/** A purpose and all that is above it: `marketing.email` is below `marketing`, and everything is above both. */
function scopesOf(purpose: string): readonly string[] {
  const parts = purpose.split('.');
  return [EVERYTHING, ...parts.map((_, index) => parts.slice(0, index + 1).join('.'))];
}

function isMarketing(purpose: string): boolean {
  return purpose === MARKETING || purpose.startsWith(`${MARKETING}.`);
}

const OBJECTION = objectionTo('');

/** Everything, and every marketing that somebody objected to. */
function marketingScopes(words: LastWords): readonly string[] {
  const scopes: string[] = [];
  for (const matter in words) {
    if (!matter.startsWith(OBJECTION)) continue;
    const scope = matter.slice(OBJECTION.length);
    if (scope === EVERYTHING || isMarketing(scope)) scopes.push(scope);
  }
  return scopes;
}

function objectionsIn(words: LastWords, scopes: readonly string[]): readonly Objection[] {
  return scopes.flatMap((scope) => {
    const said = words[objectionTo(scope)];
    return said === undefined ? [] : [{ scope, said }];
  });
}

/** The end of an objection must be later than it, and to its scope or one above. */
function hasEnded(words: LastWords, objectedTo: string, { at }: Said): boolean {
  return scopesOf(objectedTo).some((scope) => {
    const end = words[endOfObjectionTo(scope)];
    return end !== undefined && end.at > at;
  });
}
