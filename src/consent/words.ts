import type { Standing } from '../model/consent.ts';
import type { Statement } from './event.ts';

const EVERYTHING = 'everything';

/**
 * What is known of a person in words, a line each: how they stand with each purpose that was ever spoken of, and all
 * that was said.
 */
export function describePerson(
  as: string,
  standing: Standing,
  said: readonly Statement[],
  now: number,
): readonly string[] {
  const purposes = [...new Set(said.flatMap(({ purpose }) => purpose ?? []))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
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
