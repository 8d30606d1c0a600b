import type { Guard, ObjectView, RowRule } from '../../model/decision.ts';
import type { Requirement } from '../../model/requirement.ts';
import type { StoredField } from '../../model/stored.ts';
import type { Treatment } from '../../model/treatment.ts';
import type { Caller } from '../caller.ts';
import { asksRecords, type CompiledPolicy, type ShowRule } from '../compiled-policy.ts';
import type { ConditionOperation } from '../condition.ts';
import { covers } from '../covers.ts';
import {
  type CrmModel,
  canBeAsked,
  foldName,
  isAboutPeople,
  type MappedField,
  type MappedObject,
} from '../data-map.ts';
import { coversCategory } from '../language/vocabulary.ts';
import type { Meanings } from '../meaning.ts';
import { ANY_OBJECT, type StoredFields, type UnclassifiedField } from '../snapshot.ts';
import { weakLoginsOf } from '../step-up.ts';
import { guardsOf } from './guard.ts';
import { type RecordCondition, recordCondition } from './record-condition.ts';
import { createRequirement, neverMet, requirementRule, whereUnmet } from './requirement.ts';
import { restrictionRule } from './restriction.ts';
import { rowRule } from './row-rule.ts';
import { addToCompounds, copyOf, type Treatments, united } from './treatments.ts';

/** What a view follows from. */
export interface ViewInput {
  readonly model: CrmModel;
  /** The policies in force, in order of id. */
  readonly policies: readonly CompiledPolicy[];
  readonly principal: Caller;
  readonly meanings: Meanings;
  /** What the operation counts as. */
  readonly operations: readonly ConditionOperation[];
  readonly unclassifiedField: UnclassifiedField;
  readonly stored: StoredFields;
  /** People whose processing is restricted are hidden. */
  readonly restricts: boolean;
}

const REDACT: Treatment = { kind: 'redact' };
const NOTHING_TREATED: Treatments = new Map();
const NOTHING_STORED: ReadonlyMap<string, StoredField> = new Map();

/** What policies do to the records of one object, before it becomes a view. */
export interface Draft {
  readonly treatments: Treatments;
  /** What policies do to compound fields themselves, and so to parts of them that no data map names. */
  readonly compounds: Treatments;
  readonly rows: RowRule[];
  readonly guards: Guard[];
  readonly weakLogins: NonNullable<ObjectView['weakLogins']>[number][];
  readonly requirements: Requirement[];
  readonly object: MappedObject | undefined;
  /** What its records are about further people through. */
  readonly through: readonly string[];
  readonly relatedBy: readonly string[];
  readonly ownId: string | undefined;
  /** By folded name. */
  readonly stored: ReadonlyMap<string, StoredField>;
}

/** @param key folded name; undefined for an object that no data map knows, which only policies on everything reach */
export function draftOf(input: ViewInput, key: string | undefined, object: MappedObject | undefined): Draft {
  const { model, principal, operations, meanings } = input;
  const treatments: Treatments = new Map();
  const rules: RowRule[] = [];
  const guards: Guard[] = [];
  const weakLogins: Draft['weakLogins'] = [];
  const requirements: Requirement[] = [];
  for (const policy of input.policies) {
    const on = policy.objects?.get(model.traits.name);
    if (policy.objects !== undefined && (key === undefined || !on?.has(key))) continue;
    const place = { model, object, principal, operations, meanings };
    const when = asksRecords(policy) ? recordCondition({ ...place, condition: policy.when }) : undefined;
    const treater = { policy: policy.id, model, object };
    const treats = addTreatments(treatments, { ...treater, rules: policy.show, when });
    weakLogins.push(...weakLoginsOf(policy));
    const rows = policy.rows && rowRule({ ...place, policy: policy.id, condition: policy.rows, when });
    if (rows !== undefined) rules.push(rows);
    const rule = policy.require;
    const asks = rule !== undefined && object !== undefined && canBeAsked(object, rule.purpose);
    guards.push(...guardsOf(policy, treats || asks ? when : undefined, rows));
    if (!asks) continue;
    const requirement = createRequirement({ policy: policy.id, rule, object, when });
    requirements.push(requirement);
    if (typeof rule.otherwise === 'string') rules.push(requirementRule(requirement));
    else addTreatments(treatments, { ...treater, rules: rule.otherwise, when: whereUnmet(requirement) });
  }
  const compounds = model.traits.compoundsOf === undefined ? NOTHING_TREATED : copyOf(treatments);
  addToCompounds(treatments, model.traits);
  rules.push(...restrictionsOn(input, object));
  return {
    treatments,
    compounds,
    rows: rules,
    guards,
    weakLogins,
    requirements,
    object,
    ...furtherPeopleOf(object),
    stored: input.stored.get(key ?? ANY_OBJECT) ?? NOTHING_STORED,
  };
}

function restrictionsOn({ restricts }: ViewInput, object: MappedObject | undefined): readonly RowRule[] {
  return restricts && object !== undefined && isAboutPeople(object) ? [restrictionRule(object)] : [];
}

type FurtherPeople = Pick<Draft, 'through' | 'relatedBy' | 'ownId'>;

const NOBODY_ELSE: FurtherPeople = { through: [], relatedBy: [], ownId: undefined };

function furtherPeopleOf(object: MappedObject | undefined): FurtherPeople {
  if (object === undefined) return NOBODY_ELSE;
  const { through, relatedBy, ownId } = object;
  return { through, relatedBy, ownId };
}

interface Treater {
  readonly policy: string;
  readonly rules: readonly ShowRule[];
  readonly model: CrmModel;
  readonly object: MappedObject | undefined;
  readonly when: RecordCondition | undefined;
}

/** @returns whether there was any for this object */
function addTreatments(treatments: Treatments, { policy, rules, model, object, when }: Treater): boolean {
  let isAny = false;
  const add = (key: string, name: string, treatment: Treatment): void => {
    const entry = treatments.get(key) ?? { name, by: [] };
    entry.by.push({ treatment, policy, when });
    treatments.set(key, entry);
    isAny = true;
  };
  for (const rule of rules) {
    for (const [key, field] of object?.fields ?? []) {
      if (covers(rule, model, key, field)) add(key, field.name, treatmentOn(field, rule.treatment));
    }
    // A policy that names a field means every field of that name, classified or not.
    const key = foldName(model.traits, rule.key);
    if (rule.isField && !object?.fields.has(key)) add(key, rule.key, rule.treatment);
  }
  return isAny;
}

/** Detectors search texts. A document's bytes, or the address they can be fetched from, are no text to search. */
function treatmentOn({ categories }: MappedField, treatment: Treatment): Treatment {
  const isDocument = categories.some(
    (category) => coversCategory('document.*', category) || category === 'document',
  );
  return isDocument && treatment.kind === 'scan' ? REDACT : treatment;
}

/** The least revealing draft over several objects, for records whose object cannot be known. */
export function union(drafts: readonly Draft[]): Draft {
  const stored = new Map(drafts.flatMap((draft) => [...draft.stored]));
  return {
    treatments: united(drafts.map(({ treatments }) => treatments)),
    compounds: united(drafts.map(({ compounds }) => compounds)),
    rows: drafts.flatMap(({ rows }) => rows.map(unanswered)),
    guards: drafts.flatMap(({ guards }) => guards.map((guard) => ({ ...guard, hides: () => true }))),
    weakLogins: drafts.flatMap((draft) => draft.weakLogins),
    requirements: drafts.flatMap(({ requirements }) => requirements.map(neverMet)),
    object: undefined,
    through: [...new Set(drafts.flatMap(({ through }) => through))],
    relatedBy: [],
    ownId: undefined,
    stored,
  };
}

/**
 * A rule for records whose object is not known: who they are about is not known either, so what depends on the person
 * never holds.
 */
function unanswered(rule: RowRule): RowRule {
  if (rule.requires !== undefined) return requirementRule(neverMet(rule.requires));
  return rule.restricts === true ? { ...rule, holds: () => false } : rule;
}
