import { endOf } from '../document/until.ts';
import type { Caller } from './caller.ts';
import { callerOf } from './caller.ts';
import type { Declared } from './declared.ts';
import type { ExceptionMatch, PolicyDocument, PrincipalMatch } from './language/documents.ts';
import { coversPurpose } from './purposes.ts';

/** Who a policy is for. `at`: milliseconds since the epoch. */
export interface Who {
  /**
   * Whether a policy is for this caller: every key of `for` matches by one of its words, and no exception matches by
   * all of its keys. An unknown region or level matches no word. An exception that is over excepts nobody.
   *
   * A request whose purpose is not known (several are held, and none was asked for) may be for any purpose held: `for`
   * then matches by each of them, `except` by none. If an app calls from another region than its user's, `for` matches
   * by either, `except` only with both.
   */
  readonly isFor: (caller: Caller, at: number) => boolean;
  /** Whether the policy would match the caller if the request had a purpose. */
  readonly lacksPurpose: (caller: Caller, at: number) => boolean;
  /** The ends, up to `at`, of exceptions that this caller had. */
  readonly ended: (caller: Caller, at: number) => readonly number[];
}

interface Exception {
  readonly match: ExceptionMatch;
  readonly end: number;
}

export function whoOf(who: PolicyDocument['for']): Who {
  if (who === undefined) return { isFor: () => true, lacksPurpose: () => false, ended: () => [] };
  // An impossible date has been reported by the checks.
  const exceptions = exceptionsOf(who).map(
    (match): Exception => ({
      match,
      end: match.until === undefined ? Number.POSITIVE_INFINITY : (endOf(match.until) ?? 0),
    }),
  );
  const isExcepted = (caller: Caller, at: number): boolean => {
    const { purpose } = caller;
    const known = purpose === undefined ? [] : [purpose];
    return exceptions.some(({ match, end }) => at < end && isMet(match, caller, known));
  };
  const { purposes, ...others } = who;
  return {
    isFor: (caller, at) => {
      const { purpose } = caller;
      const possible = purpose === undefined ? caller.purposes : [purpose];
      return matches(who, caller, possible) && !isExcepted(caller, at);
    },
    lacksPurpose: (caller, at) =>
      purposes !== undefined &&
      caller.purpose === undefined &&
      matches(others, caller, []) &&
      !isExcepted(caller, at),
    ended: (caller, at) =>
      exceptions.flatMap(({ match, end }) =>
        end <= at && isMet(match, caller, caller.purposes) ? [end] : [],
      ),
  };
}

/** The exceptions of a policy: none, one or a list in the document. */
export function exceptionsOf(who: PolicyDocument['for']): readonly ExceptionMatch[] {
  const except = who?.except;
  if (except === undefined) return [];
  return isList(except) ? except : [except];
}

function isList(except: ExceptionMatch | readonly ExceptionMatch[]): except is readonly ExceptionMatch[] {
  return Array.isArray(except);
}

function matches(match: PrincipalMatch, caller: Caller, purposes: readonly string[]): boolean {
  return (
    anyOf(match.roles, caller.roles) &&
    (match.purposes?.some((word) => purposes.some((purpose) => coversPurpose(word, purpose))) ?? true) &&
    anyOf(match.ids, [caller.id]) &&
    anyOf(match.regions, caller.regions) &&
    anyOf(match.levels, caller.levels)
  );
}

/** An exception is one for a caller in all of its regions. */
function isMet(match: PrincipalMatch, caller: Caller, purposes: readonly string[]): boolean {
  const { regions } = match;
  return (
    matches(match, caller, purposes) && caller.regions.every((region) => regions?.includes(region) ?? true)
  );
}

function anyOf(words: readonly string[] | undefined, held: readonly (string | undefined)[]): boolean {
  return words === undefined || held.some((word) => word !== undefined && words.includes(word));
}

/**
 * True when everybody that `for` matches is also matched by an exception without an end, so that the policy is for
 * nobody. A principal with a word of `for` has everything that word includes, and so may be excepted by another word.
 */
export function isForNobody(who: PolicyDocument['for'], declared: Declared): boolean {
  if (who === undefined) return false;
  return exceptionsOf(who).some(({ until, ...except }) => {
    if (until !== undefined) return false;
    const keys = ['roles', 'purposes', 'ids', 'regions', 'levels'] as const;
    return keys.every(
      (key) =>
        except[key] === undefined ||
        (who[key]?.every((word) => matches({ [key]: except[key] }, holderOf(key, word, declared), [word])) ??
          false),
    );
  });
}

/** A principal with this one word and nothing else. */
function holderOf(key: keyof PrincipalMatch, word: string, declared: Declared): Caller {
  return callerOf(
    {
      id: key === 'ids' ? word : '',
      roles: key === 'roles' ? [word] : [],
      purposes: [],
      ...(key === 'regions' ? { region: word } : {}),
      ...(key === 'levels' ? { level: word } : {}),
      via: 'none',
    },
    declared,
  );
}
