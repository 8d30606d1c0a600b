import { nearest } from '../../document/nearest.ts';
import type { DocumentPath, SourceDocument } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { ConsentFlag, FurtherField, PersonFields } from '../../model/requirement.ts';
import {
  type CrmModel,
  type CrmTraits,
  FACTS,
  type Fact,
  foldName,
  type MappedField,
  type MappedObject,
  relationIn,
} from '../data-map.ts';
import type { Complain, DataMapDocument, ObjectMapDocument, Placed } from '../language/documents.ts';
import { NOT_PERSONAL } from '../language/vocabulary.ts';

/** Where something is said, and in which layer. */
interface Origin {
  readonly layer: number;
  readonly path: DocumentPath;
  readonly source: SourceDocument;
}

interface PlacedSetting extends Origin {
  readonly field: string;
  /** Value that means yes, where the field says whether somebody has agreed. */
  readonly granted?: Granted;
  /** What else the field says of how the person is known. */
  readonly as?: FurtherField['as'];
}

interface Draft {
  readonly name: string;
  readonly fields: Map<string, MappedField>;
  through?: { readonly layer: number; readonly names: readonly string[] };
  idPrefix?: Origin & { readonly text: string };
  /** Single settings by name, such as `owner` or `dataSubject.email`. */
  readonly settings: Map<string, PlacedSetting>;
}

type Granted = string | number | boolean;

/**
 * Merges data maps, object by object and field by field. A later layer overrides an earlier one; within one layer
 * nothing may be said twice.
 */
export function mergeDataMaps(
  documents: readonly Placed<DataMapDocument>[],
  crms: readonly CrmTraits[],
  complain: Complain,
): Map<string, CrmModel> {
  const drafts = new Map<string, Map<string, Draft>>();
  for (const document of documents.toSorted((a, b) => a.layer - b.layer)) {
    const { dataMap, objects } = document.content;
    const traits = crms.find(({ name }) => name === dataMap);
    if (traits === undefined) {
      const known = crms.map(({ name }) => name);
      const expected =
        known.length === 0
          ? 'which no upstream has'
          : `expected one that an upstream has: ${known.join(', ')}`;
      const message = `found CRM "${dataMap}", ${expected}${didYouMean(nearest(dataMap, known))}`;
      complain(document.source, ['dataMap'], message);
      continue;
    }
    const ofCrm = drafts.get(dataMap) ?? new Map<string, Draft>();
    drafts.set(dataMap, ofCrm);
    for (const [name, object] of Object.entries(objects)) {
      const key = foldName(traits, name);
      const draft = ofCrm.get(key) ?? { name, fields: new Map(), settings: new Map() };
      ofCrm.set(key, draft);
      mergeObject({ draft, traits, object, name, document, complain });
    }
  }
  return new Map(
    crms.map((traits) => {
      const ofCrm = drafts.get(traits.name);
      if (ofCrm !== undefined) repeatFields(ofCrm, traits);
      const objects = [...(ofCrm ?? [])];
      return [
        traits.name,
        { traits, objects: new Map(objects.map(([key, draft]) => [key, finished(draft, traits)])) },
      ];
    }),
  );
}

/** What stands once more on an object whose records are people is the same there, unless a data map names it there. */
function repeatFields(drafts: ReadonlyMap<string, Draft>, traits: CrmTraits): void {
  for (const { name, fields } of drafts.values())
    for (const [repeats, field] of fields) {
      const place = traits.repeatedIn?.(name, field.name);
      const target = place && drafts.get(foldName(traits, place.object));
      if (place === undefined || target?.settings.has('dataSubject.id') !== true) continue;
      const key = foldName(traits, place.field);
      if (!target.fields.has(key)) target.fields.set(key, { ...field, name: place.field, repeats });
    }
}

/** One object of a data map, to be merged into its draft. */
interface Merge {
  readonly draft: Draft;
  readonly traits: CrmTraits;
  readonly object: ObjectMapDocument;
  /** As the document spells it. */
  readonly name: string;
  readonly document: Placed<DataMapDocument>;
  readonly complain: Complain;
}

function mergeObject(merge: Merge): void {
  mergeFields(merge);
  mergeSettings(merge);
  mergeThrough(merge);
  mergeIdPrefix(merge);
}

function mergeFields(merge: Merge): void {
  const { draft, traits, object, name, complain } = merge;
  const { source, layer } = merge.document;
  for (const [field, written] of Object.entries(object.fields ?? {})) {
    const path = ['objects', name, 'fields', field];
    const key = foldName(traits, field);
    refuseTwice(merge, `field ${field}`, path, draft.fields.get(key));
    const categories = typeof written === 'string' ? [written] : written;
    const isPersonal = !categories.includes(NOT_PERSONAL);
    if (!isPersonal && categories.length > 1) {
      complain(source, path, `found ${NOT_PERSONAL} beside other categories, expected it alone`);
    }
    draft.fields.set(key, { name: field, categories, isPersonal, source, path, layer });
  }
}

function mergeSettings(merge: Merge): void {
  const { draft, object, name } = merge;
  const { source, layer } = merge.document;
  for (const [setting, field, path, meant] of settingsOf(object)) {
    if (field === undefined) continue;
    const placed = { field, layer, source, path: ['objects', name, ...path], ...meant };
    refuseTwice(merge, setting, placed.path, draft.settings.get(setting));
    draft.settings.set(setting, placed);
  }
}

/** Packs that are included together add to each other: the records are about whoever one of them leads to. */
function mergeThrough({ draft, object, document: { layer } }: Merge): void {
  const names = object.dataSubject?.through;
  if (names === undefined) return;
  const others = draft.through?.layer === layer ? draft.through.names : [];
  draft.through = { layer, names: [...new Set([...others, ...names])] };
}

function mergeIdPrefix(merge: Merge): void {
  const { draft, object, name } = merge;
  const { source, layer } = merge.document;
  const text = object.idPrefix;
  if (text === undefined) return;
  const prefix = { text, layer, source, path: ['objects', name, 'idPrefix'] };
  refuseTwice(merge, 'idPrefix', prefix.path, draft.idPrefix);
  draft.idPrefix = prefix;
}

/** Complains when the same is said twice within one layer. */
function refuseTwice(
  { draft, document: { source, layer }, complain }: Merge,
  what: string,
  path: DocumentPath,
  before: Origin | undefined,
): void {
  if (before?.layer !== layer) return;
  const { line, column } = before.source.positionOf(before.path, 'key');
  const message = `found ${what} of ${draft.name} again, expected it once: it already stands at ${before.source.file}:${line}:${column}`;
  complain(source, path, message, 'key');
}

type Setting = readonly [
  setting: string,
  field: string | undefined,
  path: readonly string[],
  meant?: { readonly granted: Granted } | { readonly as: FurtherField['as'] },
];

function settingsOf({ dataSubject, owner, country, level, dates, consent }: ObjectMapDocument): Setting[] {
  return [
    ['dataSubject.id', dataSubject?.id, ['dataSubject', 'id']],
    ['dataSubject.email', dataSubject?.email, ['dataSubject', 'email']],
    ['dataSubject.phone', dataSubject?.phone, ['dataSubject', 'phone']],
    ...Object.entries(dataSubject?.also ?? {}).map(
      ([field, as]): Setting => [`${ALSO}${field}`, field, ['dataSubject', 'also', field], { as }],
    ),
    ['owner', owner, ['owner']],
    ['country', country, ['country']],
    ['level', level, ['level']],
    ['dates.created', dates?.created, ['dates', 'created']],
    ['dates.lastActivity', dates?.lastActivity, ['dates', 'lastActivity']],
    ...Object.entries(consent ?? {}).map(
      ([purpose, { field, granted }]): Setting => [
        `${CONSENT}${purpose}`,
        field,
        ['consent', purpose],
        { granted },
      ],
    ),
  ];
}

const CONSENT = 'consent.';
const ALSO = 'dataSubject.also.';

/** Fields that identify the person are personal even where `fields` does not say so. */
const IMPLIED: ReadonlyMap<string, string> = new Map([
  ['dataSubject.email', 'contact.email'],
  ['dataSubject.phone', 'contact.phone'],
]);

/** The setting that names a fact's field. */
const SETTING_OF: Readonly<Record<Fact, string>> = {
  id: 'dataSubject.id',
  owner: 'owner',
  country: 'country',
  // Which region a country is in is declared; see `Meaning`.
  region: 'country',
  level: 'level',
  created: 'dates.created',
  lastActivity: 'dates.lastActivity',
};

function finished(draft: Draft, traits: CrmTraits): MappedObject {
  const fields = new Map<string, MappedField>(draft.fields);
  for (const [setting, { field, source, path, layer, as }] of draft.settings) {
    const key = foldName(traits, field);
    if (fields.has(key)) continue;
    const category = IMPLIED.get(typeof as === 'string' ? `dataSubject.${as}` : setting) ?? NOT_PERSONAL;
    fields.set(key, {
      name: field,
      categories: [category],
      isPersonal: category !== NOT_PERSONAL,
      source,
      path,
      layer,
    });
  }
  const facts = new Map<Fact, string>();
  for (const fact of FACTS) {
    const field = draft.settings.get(SETTING_OF[fact])?.field;
    if (field !== undefined) facts.set(fact, field);
  }
  return {
    name: draft.name,
    fields,
    facts,
    dataSubjectId: facts.get('id'),
    person: personOf(draft),
    ...furtherPeopleOf(draft, traits),
    idPrefix: draft.idPrefix?.text,
    consent: flagsOf(draft),
  };
}

function furtherPeopleOf(
  { through }: Draft,
  traits: CrmTraits,
): Pick<MappedObject, 'through' | 'relatedBy' | 'ownId'> {
  const names = through?.names ?? [];
  if (traits.through !== 'fields') {
    return { through: traits.through === undefined ? [] : names, relatedBy: [], ownId: undefined };
  }
  const relations = names.filter((name) => relationIn(name) !== undefined);
  return {
    through: relations,
    relatedBy: names.filter((name) => relationIn(name) === undefined),
    ownId: relations.length === 0 ? undefined : traits.idField,
  };
}

function personOf({ settings }: Draft): PersonFields | undefined {
  const id = settings.get('dataSubject.id')?.field;
  const email = settings.get('dataSubject.email')?.field;
  const phone = settings.get('dataSubject.phone')?.field;
  if (id === undefined) return undefined;
  const also = [...settings.values()].flatMap(({ field, as }) => (as === undefined ? [] : [{ field, as }]));
  return {
    id,
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(also.length === 0 ? {} : { also }),
  };
}

function flagsOf({ settings }: Draft): ReadonlyMap<string, ConsentFlag> {
  const flags = new Map<string, ConsentFlag>();
  for (const [setting, { field, granted }] of settings) {
    if (granted === undefined) continue;
    const flag = { field, granted: String(granted), isBoolean: typeof granted === 'boolean' };
    flags.set(setting.slice(CONSENT.length), flag);
  }
  return flags;
}
