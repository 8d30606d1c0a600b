import type { FieldView, ObjectView } from '../../model/decision.ts';
import { namesOf, type PersonFields } from '../../model/requirement.ts';
import type { Treatment } from '../../model/treatment.ts';
import { foldName, type MappedField, type MappedObject } from '../data-map.ts';
import { fieldView } from './field-view.ts';
import type { Draft, ViewInput } from './view-draft.ts';
import { contentOf, type TextContent } from './within-text.ts';

/** A view of one object, with what `decide` needs beyond what enforcement sees. */
export interface PolicyObjectView extends ObjectView {
  /** Every field that is known not to be shown clear, in order of name. */
  readonly treated: readonly FieldView[];
  /** Names of the stored fields. */
  readonly storedNames: readonly string[];
  /** What is known about the text in a field; `*`: in any field. */
  readonly content: (name: string) => TextContent;
}

/** Policy id that stands for the configuration's posture. */
const POSTURE = 'posture.unclassifiedField';
const REDACT: Treatment = { kind: 'redact' };

/** @param isAny it is of every object at once */
export function objectView(input: ViewInput, draft: Draft, name: string, isAny: boolean): PolicyObjectView {
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
  // An object that cannot be known may be one without a data map, where nothing is classified.
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

/** Whether a field may tell who somebody is: names, addresses, and fields that the data map does not know. */
function identifies(field: MappedField | undefined): boolean {
  return field === undefined || field.categories.some((category) => /^(?:identity|contact)\./.test(category));
}

const BY_POSTURE = { treatment: REDACT, policy: POSTURE };
