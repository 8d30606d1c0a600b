import { hash } from 'node:crypto';
import type { FieldView, ObjectView, RowRule, View } from '../model/decision.ts';
import type { OperationKind } from '../model/operation.ts';
import { namesOf, type PersonFields, type Requirement } from '../model/requirement.ts';
import type { StoredField } from '../model/stored.ts';
import type { Treatment } from '../model/treatment.ts';
import type { Caller } from './caller.ts';
import { asksRecords, type CompiledPolicy, recordConditionsOf, type ShowRule } from './compiled-policy.ts';
import { covers } from './covers.ts';
import { type CrmModel, foldName, type MappedField, type MappedObject } from './data-map.ts';
import { fieldView, type Treating } from './field-view.ts';
import type { Meanings } from './meaning.ts';
import { type RecordCondition, recordCondition } from './record-condition.ts';
import { canBeAsked, createRequirement, neverMet, requirementRule, whereUnmet } from './requirement.ts';
import { restrictionRule } from './restriction.ts';
import { rowRule } from './row-rule.ts';
import type { UnclassifiedField } from './snapshot.ts';
import type { StoredFields } from './stored.ts';
import { coversCategory } from './vocabulary.ts';
import { contentOf, type TextContent } from './within-text.ts';

/** What `decide` needs of a view beyond what enforcement sees. */
export interface PolicyObjectView extends ObjectView {
  /** Every field that is known not to be shown clear, in order of name. */
  readonly treated: readonly FieldView[];
  /** Names of the stored fields. */
  readonly storedNames: readonly string[];
  /** What is known of the text in a field; `*`: in any of them. */
  readonly content: (name: string) => TextContent;
}

export interface PolicyView extends View {
  /** A field that is treated wherever its name stands in JSON; undefined: there is none. */
  readonly hidesInTexts: FieldView | undefined;
  readonly of: (object: string) => PolicyObjectView;
}

interface ViewInput {
  readonly model: CrmModel;
  /** The policies in force, in order of id. */
  readonly policies: readonly CompiledPolicy[];
  readonly principal: Caller;
  readonly meanings: Meanings;
  readonly operation: { readonly kind: OperationKind; readonly objects: readonly string[] };
  readonly unclassifiedField: UnclassifiedField;
  readonly stored: StoredFields;
  /** People whose processing is restricted are hidden. */
  readonly restricts: boolean;
}

/** Policy id that stands for the configuration's posture. */
const POSTURE = 'posture.unclassifiedField';
const REDACT: Treatment = { kind: 'redact' };
/** Views of objects that no data map knows, remembered: records of two of them often alternate. Their names are the CRM's. */
const STRANGERS_MAX = 500;
/** Stands for every object in the CRM at once. */
const ANY_OBJECT = '*';
const NOTHING_STORED: ReadonlyMap<string, StoredField> = new Map();

/** Fields by folded name with everything that policies do to them. */
type Treatments = Map<string, { readonly name: string; readonly by: Treating[] }>;

interface Draft {
  readonly treatments: Treatments;
  readonly rows: RowRule[];
  readonly requirements: Requirement[];
  readonly object: MappedObject | undefined;
  /** By folded name. */
  readonly stored: ReadonlyMap<string, StoredField>;
}

/** What a class of principals sees of a whole CRM in one kind of operation. */
export function createView(input: ViewInput): PolicyView {
  const { model } = input;
  const drafts = new Map([...model.objects].map(([key, object]) => [key, draftOf(input, key, object)]));
  const stranger = draftOf(input, undefined, undefined);
  const objects = new Map<string, PolicyObjectView>();
  for (const [key, draft] of drafts) {
    const view = objectView(input, draft, draft.object?.name ?? key, false);
    objects.set(key, view);
    objects.set(view.object, view);
  }
  const strangers = new Map<string, PolicyObjectView>();
  const everything = objectView(input, union([...drafts.values(), stranger]), ANY_OBJECT, true);
  objects.set(ANY_OBJECT, everything);
  return {
    id: digestOf(input, objects, objectView(input, stranger, '', false)),
    hidesInTexts: everything.treated.find(({ field }) => everything.classifies(field)),
    isClear: everything.isClear,
    reveals: everything.storedNames.length > 0,
    asksStanding: everything.asksStanding === true,
    marketing: marketingOf(input.principal),
    of: (name) => {
      const known = objects.get(name) ?? strangers.get(name) ?? objects.get(foldName(model.traits, name));
      if (known !== undefined) return known;
      const { objectOfType = (type: string) => type } = model.traits;
      const object = objectOfType(name);
      const seen = object === undefined ? everything : objects.get(object);
      const unknown = seen ?? objectView(input, stranger, object ?? name, false);
      if (strangers.size >= STRANGERS_MAX) strangers.clear();
      strangers.set(name, unknown);
      return unknown;
    },
  };
}

/** What a request may be for: the purpose it names, or any that the principal holds. */
function marketingOf({ purpose, purposes }: Caller): readonly string[] {
  const possible = purpose === undefined ? purposes : [purpose];
  return possible.filter((one) => /^marketing(?:\.|$)/.test(one));
}

/** @param key folded name; undefined for an object that no data map knows, which only policies on everything reach */
function draftOf(input: ViewInput, key: string | undefined, object: MappedObject | undefined): Draft {
  const { model, principal, operation, meanings } = input;
  const treatments: Treatments = new Map();
  const rows: RowRule[] = [];
  const requirements: Requirement[] = [];
  for (const policy of input.policies) {
    const on = policy.objects?.get(model.traits.name);
    if (policy.objects !== undefined && (key === undefined || !on?.has(key))) continue;
    const place = { model, object, principal, operation, meanings };
    const when = asksRecords(policy) ? recordCondition({ ...place, condition: policy.when }) : undefined;
    const treater = { policy: policy.id, model, object };
    addTreatments(treatments, { ...treater, rules: policy.show, when });
    if (policy.rows !== undefined) {
      rows.push(rowRule({ ...place, policy: policy.id, condition: policy.rows, when }));
    }
    const rule = policy.require;
    if (rule === undefined || object === undefined || !canBeAsked(object, rule.purpose)) continue;
    const requirement = createRequirement({ policy: policy.id, rule, object, when });
    requirements.push(requirement);
    if (typeof rule.otherwise === 'string') rows.push(requirementRule(requirement));
    else addTreatments(treatments, { ...treater, rules: rule.otherwise, when: whereUnmet(requirement) });
  }
  if (input.restricts && object?.person !== undefined) rows.push(restrictionRule(object));
  return {
    treatments,
    rows,
    requirements,
    object,
    stored: (key === undefined ? undefined : input.stored.get(key)) ?? NOTHING_STORED,
  };
}

interface Treater {
  readonly policy: string;
  readonly rules: readonly ShowRule[];
  readonly model: CrmModel;
  readonly object: MappedObject | undefined;
  readonly when: RecordCondition | undefined;
}

function addTreatments(treatments: Treatments, { policy, rules, model, object, when }: Treater): void {
  const add = (key: string, name: string, treatment: Treatment): void => {
    const entry = treatments.get(key) ?? { name, by: [] };
    entry.by.push({ treatment, policy, when });
    treatments.set(key, entry);
  };
  for (const rule of rules) {
    for (const [key, field] of object?.fields ?? []) {
      if (covers(rule, model, key, field)) add(key, field.name, treatmentOn(field, rule.treatment));
    }
    // A field named in a policy is meant wherever a field of that name appears, classified or not.
    const key = foldName(model.traits, rule.key);
    if (rule.isField && !object?.fields.has(key)) add(key, rule.key, rule.treatment);
  }
}

/** Detectors search texts: what a document holds, or where its bytes can be fetched, is no text to be searched. */
function treatmentOn({ categories }: MappedField, treatment: Treatment): Treatment {
  const isDocument = categories.some(
    (category) => coversCategory('document.*', category) || category === 'document',
  );
  return isDocument && treatment.kind === 'scan' ? REDACT : treatment;
}

function union(drafts: readonly Draft[]): Draft {
  const treatments: Treatments = new Map();
  for (const draft of drafts) {
    for (const [key, { name, by }] of draft.treatments) {
      const entry = treatments.get(key) ?? { name, by: [] };
      // Where the object cannot be known, neither can what its fields mean: every condition counts as true.
      entry.by.push(...by.map(({ treatment, policy }) => ({ treatment, policy })));
      treatments.set(key, entry);
    }
  }
  const stored = new Map(drafts.flatMap((draft) => [...draft.stored]));
  return {
    treatments,
    rows: drafts.flatMap(({ rows }) => rows.map(unanswered)),
    requirements: drafts.flatMap(({ requirements }) => requirements.map(neverMet)),
    object: undefined,
    stored,
  };
}

/** Of a record of which nobody knows what it is, nobody knows who it is about. */
function unanswered(rule: RowRule): RowRule {
  if (rule.requires !== undefined) return requirementRule(neverMet(rule.requires));
  return rule.restricts === true ? { ...rule, holds: () => false } : rule;
}

function objectView(input: ViewInput, draft: Draft, name: string, isAny: boolean): PolicyObjectView {
  const { model } = input;
  const fields = draft.object?.fields;
  const tells = new Set(namesOf(draft.object?.person).map((field) => foldName(model.traits, field)));
  const redacts = input.unclassifiedField === 'redact';
  const classifies = isAny
    ? (field: string): boolean => {
        const key = foldName(model.traits, field);
        return model.objects.values().some((object) => object.fields.has(key));
      }
    : (field: string): boolean => fields?.has(foldName(model.traits, field)) ?? false;
  const mapped = (field: string): readonly MappedField[] =>
    (isAny ? [...model.objects.values()] : [draft.object]).flatMap((object) =>
      field === '*'
        ? [...(object?.fields.values() ?? [])]
        : (object?.fields.get(foldName(model.traits, field)) ?? []),
    );
  // An object that cannot be known may be one that no data map knows: there, nothing is classified.
  const isUnclassified = (key: string): boolean => redacts && !(fields?.has(key) ?? false);
  const views = new Map<string, FieldView>();
  const treated: FieldView[] = [];
  for (const [key, entry] of draft.treatments) {
    const view = fieldView(entry.name, isUnclassified(key) ? [...entry.by, BY_POSTURE] : entry.by);
    views.set(key, view).set(entry.name, view);
    treated.push(view);
  }
  const clear = new Set(
    fields
      ?.values()
      .map((field) => field.name)
      .filter((field) => !views.has(field)),
  );
  return {
    object: name,
    isClear: treated.length === 0 && draft.rows.length === 0 && !redacts,
    alters: treated.length > 0 || redacts,
    field: (field) => {
      if (clear.has(field)) return undefined;
      const exact = views.get(field);
      if (exact !== undefined) return exact;
      const key = foldName(model.traits, field);
      return views.get(key) ?? (isUnclassified(key) ? fieldView(field, [BY_POSTURE]) : undefined);
    },
    classifies,
    content: (field) => contentOf(mapped(field)),
    rows: draft.rows,
    stored: (field) =>
      draft.stored.size === 0 ? undefined : draft.stored.get(foldName(model.traits, field)),
    keepsTokens: draft.stored.size > 0,
    storedNames: [...draft.stored.keys()].map((key) => fields?.get(key)?.name ?? key).sort(),
    needs: [...new Set(treated.flatMap(({ perRecord }) => perRecord?.needs ?? []))],
    requirements: draft.requirements,
    restricts: draft.rows.some(({ restricts }) => restricts === true),
    asksStanding: asksStanding(draft),
    identifies: (field) => {
      const key = foldName(model.traits, field);
      return tells.has(key) || identifies(fields?.get(key));
    },
    treated: treated.sort((a, b) => (a.field < b.field ? -1 : 1)),
    ...(draft.object?.dataSubjectId === undefined ? {} : { dataSubjectId: draft.object.dataSubjectId }),
    ...(draft.object?.person === undefined ? {} : personIn(draft.object, draft.object.person)),
  };
}

function personIn({ consent }: MappedObject, person: PersonFields): Pick<ObjectView, 'person' | 'consents'> {
  if (consent.size === 0) return { person };
  return { person, consents: Array.from(consent, ([purpose, flag]) => ({ purpose, flag })) };
}

function asksStanding({ rows, requirements }: Draft): boolean {
  return requirements.length > 0 || rows.some(({ restricts }) => restricts === true);
}

/** A name or an address tells who somebody is; so does whatever the data map does not know. */
function identifies(field: MappedField | undefined): boolean {
  return field === undefined || field.categories.some((category) => /^(?:identity|contact)\./.test(category));
}

const BY_POSTURE = { treatment: REDACT, policy: POSTURE };

/** First 64 bits of a SHA-256 over all that decides what is shown: treatments, row conditions and whom they compare with. */
function digestOf(
  { model, policies, principal, meanings, operation, unclassifiedField, stored }: ViewInput,
  objects: ReadonlyMap<string, PolicyObjectView>,
  stranger: PolicyObjectView,
): string {
  const describe = ({ object, treated, rows, requirements }: PolicyObjectView): unknown => [
    object,
    treated.map(({ field, treatment }) => [field, treatment]),
    rows.map(({ policy, needs, equals }) => [policy, needs, equals]),
    (requirements ?? []).map(({ policy, purpose, otherwise, flag, allowsUnknown }) => [
      policy,
      purpose,
      otherwise,
      flag ?? null,
      allowsUnknown,
    ]),
  ];
  const distinct = [...new Set(objects.values())].sort((a, b) => (a.object < b.object ? -1 : 1));
  const conditions = policies.flatMap((policy) =>
    recordConditionsOf(policy).map(({ source, recordNames, principalNames, readsKind, readsObjects }) => [
      policy.id,
      source,
      recordNames.map((name) => [...(meanings.get(name)?.words ?? [])]),
      principalNames.map((name) => principal[name] ?? null),
      readsKind ? operation.kind : null,
      readsObjects ? operation.objects : null,
    ]),
  );
  const description = [
    model.traits.name,
    unclassifiedField,
    [...distinct, stranger].map(describe),
    conditions,
    Array.from(stored, ([object, fields]) => [object, ...fields.keys()]),
  ];
  return hash('sha256', JSON.stringify(description)).slice(0, 16);
}
