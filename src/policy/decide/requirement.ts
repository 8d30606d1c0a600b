import type { Standing } from '../../model/consent.ts';
import type { RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { type ConsentFlag, type ConsentGap, namesOf, type Requirement } from '../../model/requirement.ts';
import type { RequireRule } from '../compiled-policy.ts';
import type { MappedObject } from '../data-map.ts';
import type { RecordCondition } from './record-condition.ts';

interface RequirementInput {
  readonly policy: string;
  readonly rule: RequireRule;
  readonly object: MappedObject;
  /** The policy applies only to records for which it may hold. */
  readonly when: RecordCondition | undefined;
}

/** A `require` for one object and one class of principal. */
export function createRequirement({ policy, rule, object, when }: RequirementInput): Requirement {
  const { purpose, allowsUnknown } = rule;
  const flag = object.consent.get(purpose);
  const reads = [...(flag === undefined ? [] : [flag.field]), ...(when?.needs ?? [])];
  return {
    policy,
    purpose,
    allowsUnknown,
    otherwise: typeof rule.otherwise === 'string' ? rule.otherwise : 'treat',
    needs: [...personNeeds(object), ...reads],
    reads,
    ...(flag === undefined ? {} : { flag }),
    unmet: (facts, standing) => {
      if (when?.mayHold(facts, standing) === false) return undefined;
      return gapOf({ said: flag && saidIn(flag, facts), standing, purpose, allowsUnknown });
    },
  };
}

/** The fields that identify the people a record is about. */
export function personNeeds({ person, relatedBy, ownId }: MappedObject): readonly string[] {
  return [...namesOf(person), ...relatedBy, ...(ownId === undefined ? [] : [ownId])];
}

export type Said = 'yes' | 'no' | 'nothing' | 'untold';

/** What the record's own field says. */
export function saidIn({ field, granted, isBoolean }: ConsentFlag, facts: RecordFacts): Said {
  const fact = facts(field);
  if (fact === undefined) return 'untold';
  if (fact === null || fact === '') return 'nothing';
  const text = isBoolean ? fact.toLowerCase() : fact;
  return text === granted ? 'yes' : 'no';
}

interface Asked {
  /** Undefined: the CRM has no field for the purpose. */
  readonly said: Said | undefined;
  readonly standing: Standing | undefined;
  readonly purpose: string;
  readonly allowsUnknown: boolean;
}

/**
 * A no in the record's own field is a no, whatever the registry says. A yes there counts unless a withdrawal is on
 * record; when the field is seen to change to yes after that, the registry has a newer event.
 */
function gapOf({ said, standing, purpose, allowsUnknown }: Asked): ConsentGap | undefined {
  if (said === 'no') return 'refused';
  if (said === 'untold' || standing === undefined) return 'untold';
  const { state } = standing.consent(purpose);
  if (state === 'granted') return undefined;
  if (state !== 'unknown') return state;
  return said === 'yes' || allowsUnknown ? undefined : 'unknown';
}

/** Leaves records out, or refuses the whole answer, where a requirement is not met. */
export function requirementRule(requirement: Requirement): RowRule {
  const { policy, needs, unmet } = requirement;
  return {
    policy,
    needs,
    holds: (facts, standing) => unmet(facts, standing) === undefined,
    requires: requirement,
  };
}

/** Makes a treatment depend on a requirement: it applies where the requirement is not met. */
export function whereUnmet({ needs, unmet }: Requirement): RecordCondition {
  return {
    needs,
    asksStanding: true,
    mayHold: (facts, standing) => unmet(facts, standing) !== undefined,
  };
}

/** The requirement for records whose object is not known: it is never met. */
export function neverMet(requirement: Requirement): Requirement {
  return { ...requirement, unmet: () => 'untold' };
}
