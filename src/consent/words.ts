import type { Standing } from '../model/consent.ts';
import { purposesToTell, type Statement } from './event.ts';

const EVERYTHING = 'everything';

/** What is known of one person. */
export interface KnownPerson {
  readonly standing: Standing;
  readonly said: readonly Statement[];
}

/**
 * What is known of a person in words, a line each: how they stand with each purpose that is declared or was spoken of,
 * and all that was said.
 * @param declared undefined: no purposes are declared
 */
export function describePerson(
  as: string,
  { standing, said }: KnownPerson,
  declared: readonly string[] | undefined,
  now: number,
): readonly string[] {
  const purposes = purposesToTell(said, declared);
  return [
    `known by this ${as}`,
    standing.restricted
      ? 'restricted: shown to nobody but those who may see restricted people'
      : 'not restricted',
    ...purposes.map((purpose) => `${purpose}: ${describeConsent(standing, purpose)}`),
    'history:',
    ...said.map((statement) => `  ${describeStatement(statement, now)}`),
  ];
}

function describeConsent(standing: Standing, purpose: string): string {
  const { state, at, source } = standing.consent(purpose);
  return at === undefined ? state : `${state} since ${timeOf(at)}, by ${source ?? 'nobody'}`;
}

function describeStatement(statement: Statement, now: number): string {
  const { state, purpose, at, source, basis, until } = statement;
  const about = state.startsWith('restrict') ? '' : ` ${purpose ?? EVERYTHING}`;
  const end = until === undefined ? '' : `, ${until <= now ? 'ran out' : 'until'} ${timeOf(until)}`;
  return `${timeOf(at)} ${state}${about}, by ${source}${basis === undefined ? '' : `, basis: ${basis}`}${end}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
