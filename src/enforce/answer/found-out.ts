import { NOTHING_ON_RECORD, type Standing } from '../../model/consent.ts';
import type { ObjectView, RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Told } from '../people/told-people.ts';
import { isAboutPeople } from '../people/told-person.ts';
import type { WantedValue } from './reveal.ts';

/** What was looked up about a record before it is shown. */
export interface FoundOut {
  /** Undefined: not looked up, or the person cannot be told. */
  readonly told: Told | undefined;
  /** Undefined: not looked up, or the person cannot be told. */
  readonly standing: Standing | undefined;
  /** The values of the tokens in the layout's stored places, one by one; undefined: not looked up. */
  readonly values: readonly (WantedValue | undefined)[] | undefined;
  /** The rule that leaves it out, or `none`; undefined: the rules were not asked yet. */
  readonly failed: RowRule | 'none' | undefined;
}

export const NOTHING_FOUND_OUT: FoundOut = {
  told: undefined,
  standing: undefined,
  values: undefined,
  failed: undefined,
};

/** The standing of a record's person. Where no standing is asked, nothing counts as on record. */
export function standingIn(view: ObjectView, { standing }: Pick<FoundOut, 'standing'>): Standing | undefined {
  if (view.asksStanding !== true) return undefined;
  return isAboutPeople(view) ? standing : NOTHING_ON_RECORD;
}

/** The first rule that leaves the record out. */
export function failedRule(
  rows: readonly RowRule[],
  facts: RecordFacts,
  standing: Standing | undefined,
): RowRule | undefined {
  for (const rule of rows) if (!rule.holds(facts, standing)) return rule;
  return undefined;
}
