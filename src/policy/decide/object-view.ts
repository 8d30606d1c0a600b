import type { FieldView, ObjectView } from '../../model/decision.ts';
import { namesOf, type PersonFields } from '../../model/requirement.ts';
import type { Treatment } from '../../model/treatment.ts';
import { compoundsOf, foldName, type MappedField, type MappedObject, mappedField } from '../data-map.ts';
import { fieldView, type Treating } from './field-view.ts';
import type { Draft, ViewInput } from './view-draft.ts';
import { contentOf, type TextContent } from './within-text.ts';

/** A view of one object, with what `decide` needs beyond what enforcement sees. */
export interface PolicyObjectView extends ObjectView {
  /** Every field that is known not to be shown clear, in order of name. */
  readonly treated: readonly FieldView[];
  /** Names of the stored fields that a data map names. */
  readonly storedNames: readonly string[];
  /** The name of a stored field whose value a compound field contains. */
  readonly storedPart: (name: string) => string | undefined;
  /** What is known about the text in a field; `*`: in any field. */
  readonly content: (name: string) => TextContent;
}

/** Policy id that stands for the configuration's posture. */
const POSTURE = 'posture.unclassifiedField';
const REDACT: Treatment = { kind: 'redact' };
const OWN_ID: ReadonlySet<string> = new Set(['id']);

/** @param objects all that it is a view of */
export function objectView(
  input: ViewInput,
  draft: Draft,
  name: string,
  objects: readonly (MappedObject | undefined)[] = [draft.object],
): PolicyObjectView {
  const { model } = input;
  const fold = (field: string): string => foldName(model.traits, field);
  const tells = tellingFields(input, draft);
  const redacts = input.unclassifiedField === 'redact';
  const isKnown = objects.includes(draft.object);
  const views = fieldViews(input, draft, (field) => isKnown && isOwnId(model, field));
  const mapped = (field: string): readonly MappedField[] =>
    objects.flatMap((object) =>
      field === '*' ? [...(object?.fields.values() ?? [])] : (mappedField(model, object, field) ?? []),
    );
  return {
    object: name,
    isClear: views.treated.length === 0 && draft.rows.length === 0 && !redacts,
    alters: views.treated.length > 0 || redacts,
    field: views.of,
    classifies: (field) => objects.some((object) => mappedField(model, object, field) !== undefined),
    content: (field) => contentOf(mapped(field)),
    rows: draft.rows,
    guards: draft.guards,
    stored: (field) => (draft.stored.size === 0 ? undefined : storedField(model, draft, field)),
    keepsTokens: draft.stored.size > 0,
    storedNames: storedNames(draft, objects),
    storedPart: (field) => storedPart(model, draft, fold(field)),
    needs: [...new Set(views.treated.flatMap(({ perRecord }) => perRecord?.needs ?? []))],
    requirements: draft.requirements,
    ...(draft.weakLogins.length === 0 ? {} : { weakLogins: draft.weakLogins }),
    restricts: draft.rows.some(({ restricts }) => restricts === true),
    asksStanding: asksStanding(draft),
    isPersonal: (field) => tells.has(fold(field)) || isPersonal(mappedField(model, draft.object, field)),
    treated: views.treated,
    ...(draft.object?.dataSubjectId === undefined ? {} : { dataSubjectId: draft.object.dataSubjectId }),
    ...(draft.object?.person === undefined ? {} : personIn(draft.object, draft.object.person)),
    ...(draft.through.length === 0 ? {} : { through: draft.through }),
    ...(draft.relatedBy.length === 0 ? {} : { relatedBy: draft.relatedBy }),
    ...(draft.ownId === undefined ? {} : { ownId: draft.ownId }),
  };
}

/** What the CRM keeps of a field: as the data map names it, or else as of the compound field that contains it. */
function storedField({ traits }: ViewInput['model'], { stored, object }: Draft, field: string) {
  const key = foldName(traits, field);
  const own = stored.get(key);
  if (own !== undefined || object?.fields.has(key) === true) return own;
  return compoundsOf(traits, field)
    .map((compound) => stored.get(foldName(traits, compound)))
    .find((found) => found !== undefined);
}

function storedNames({ stored }: Draft, objects: readonly (MappedObject | undefined)[]): readonly string[] {
  return [...stored.keys()]
    .flatMap((key) => objects.find((object) => object?.fields.has(key))?.fields.get(key)?.name ?? [])
    .sort();
}

function storedPart({ traits }: ViewInput['model'], { stored, object }: Draft, whole: string) {
  const part = [...stored.keys()].find((key) =>
    compoundsOf(traits, key).some((compound) => foldName(traits, compound) === whole),
  );
  return part && (object?.fields.get(part)?.name ?? part);
}

/** A record's own id says nothing about it, and stands in its address as well. */
function isOwnId({ traits }: ViewInput['model'], field: string): boolean {
  return (traits.ownIds ?? OWN_ID).has(field.toLowerCase());
}

interface FieldViews {
  /** Every field that is known not to be shown clear, in order of name. */
  readonly treated: readonly FieldView[];
  /** Undefined: shown clear. */
  readonly of: (field: string) => FieldView | undefined;
}

/** @param stays says which fields the posture leaves alone */
function fieldViews(
  { model, unclassifiedField }: ViewInput,
  draft: Draft,
  stays: (field: string) => boolean,
): FieldViews {
  const { traits } = model;
  const fields = draft.object?.fields;
  // An object that cannot be known may be one without a data map, where nothing is classified.
  const byPosture = (field: string): readonly Treating[] =>
    unclassifiedField === 'redact' && mappedField(model, draft.object, field) === undefined && !stays(field)
      ? [BY_POSTURE]
      : [];
  const asPartOfCompound = (field: string): readonly Treating[] =>
    compoundsOf(traits, field).flatMap(
      (compound) => draft.compounds.get(foldName(traits, compound))?.by ?? [],
    );
  const views = new Map<string, FieldView>();
  const treated: FieldView[] = [];
  for (const [key, { name, by }] of draft.treatments) {
    const view = fieldView(name, [...by, ...byPosture(name)]);
    views.set(key, view).set(name, view);
    treated.push(view);
  }
  const names = fields?.values().map(({ name }) => name);
  const clear = new Set(names?.filter((name) => !views.has(name)));
  return {
    treated: treated.sort((a, b) => (a.field < b.field ? -1 : 1)),
    of: (field) => {
      if (clear.has(field)) return undefined;
      const exact = views.get(field);
      if (exact !== undefined) return exact;
      const key = foldName(traits, field);
      const known = views.get(key);
      if (known !== undefined || fields?.has(key) === true) return known;
      const by = [...asPartOfCompound(field), ...byPosture(field)];
      return by.length === 0 ? undefined : fieldView(field, by);
    },
  };
}

/** The fields that tell people apart, by folded name. What is about people by other records is told apart by its own id. */
function tellingFields(
  { model: { traits } }: ViewInput,
  { object, through, relatedBy }: Draft,
): ReadonlySet<string> {
  const own = through.length === 0 ? [] : (traits.ownIds ?? OWN_ID);
  return new Set([...namesOf(object?.person), ...relatedBy, ...own].map((field) => foldName(traits, field)));
}

function personIn({ consent }: MappedObject, person: PersonFields): Pick<ObjectView, 'person' | 'consents'> {
  if (consent.size === 0) return { person };
  return { person, consents: Array.from(consent, ([purpose, flag]) => ({ purpose, flag })) };
}

function asksStanding({ rows, requirements }: Draft): boolean {
  return requirements.length > 0 || rows.some(({ restricts }) => restricts === true);
}

/** Whether a field may tell something about somebody: every category but `none`, and fields that no data map knows. */
function isPersonal(field: MappedField | undefined): boolean {
  return field?.isPersonal !== false;
}

const BY_POSTURE = { treatment: REDACT, policy: POSTURE };
