import type { Problem } from '../document/problem.ts';
import type { DocumentPath, Position } from '../document/source.ts';
import { endOf } from '../document/until.ts';
import type { Placed, PolicyDocument, PrincipalMatch } from './language/documents.ts';
import { exceptionsOf } from './who.ts';

/** A permission that ends by itself, and where it is written. */
export interface Grant extends Position {
  readonly file: string;
  /** What ends, in a few words for a person: `the exception for roles auditor from policy p`. */
  readonly what: string;
  /** Id of the policy it is an exception from; undefined for a key. */
  readonly policy?: string;
  /** From when on it is over, in milliseconds since the epoch. */
  readonly end: number;
}

/** Every exception that ends by itself, in order of its end. */
export function grantsIn(policies: readonly Placed<PolicyDocument>[]): readonly Grant[] {
  return policies.flatMap(grantsOf).sort((a, b) => a.end - b.end);
}

function grantsOf({ content, source }: Placed<PolicyDocument>): Grant[] {
  const except = content.for?.except;
  return exceptionsOf(content.for).flatMap(({ until, ...match }, index) => {
    const end = until === undefined ? undefined : endOf(until);
    if (end === undefined) return [];
    const path: DocumentPath = Array.isArray(except) ? ['for', 'except', index] : ['for', 'except'];
    const place = source.positionOf([...path, 'until']);
    const what = `the exception for ${describe(match)} from policy "${content.policy}"`;
    return [{ file: source.file, ...place, what, policy: content.policy, end }];
  });
}

function describe(match: PrincipalMatch): string {
  return Object.entries(match)
    .map(([key, words]) => `${key} ${words.join(', ')}`)
    .join(' and ');
}

/**
 * The end of the grant that ended last, as of `now`; 0 when none has ended. Between two such ends nothing changes by
 * itself.
 */
export function lastEnd(grants: readonly Grant[], now: number): number {
  return grants.findLast(({ end }) => end <= now)?.end ?? 0;
}

/** Where a grant stands: `ending` when its end is near, `over` from its end on. */
export type GrantState = 'running' | 'ending' | 'over';

export function stateOf({ end }: Grant, now: number, warningMs: number): GrantState {
  if (end <= now) return 'over';
  return end - warningMs <= now ? 'ending' : 'running';
}

/** The state of a grant in words for people. */
export function sayGrant({ what, end }: Grant, state: GrantState): string {
  const moment = new Date(end).toISOString();
  return state === 'over' ? `${what} has ended at ${moment}` : `${what} ends at ${moment}`;
}

/** Warnings of grants that are over or soon will be; that is no mistake. */
export function grantWarnings(grants: readonly Grant[], now: number, warningMs: number): readonly Problem[] {
  return grants.flatMap((grant) => {
    const state = stateOf(grant, now, warningMs);
    const { file, line, column } = grant;
    return state === 'running' ? [] : [{ file, line, column, message: sayGrant(grant, state) }];
  });
}
