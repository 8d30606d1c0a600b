import type { DocumentPath, SourceDocument } from '../document/source.ts';
import type { ConsentFlag, PersonFields } from '../model/requirement.ts';

/** What policy needs to know of a CRM adapter. */
export interface CrmTraits {
  readonly name: string;
  /** Object and field names compare without case (Salesforce). */
  readonly namesIgnoreCase: boolean;
  /**
   * The object that a record's own type names; undefined when the type is not known, so that the record may be of any
   * object. Absent: type and object are the same.
   */
  readonly objectOfType?: (type: string) => string | undefined;
  /** Objects that its description names. Absent: it names none, because the CRM is built in. */
  readonly describedObjects?: readonly string[];
  /** Fields whose values contain that of a field, such as the address of a street. Absent: there are none. */
  readonly compoundsOf?: (field: string) => readonly string[];
  /** Where a field stands once more when records of another object are people as well. Absent: nowhere. */
  readonly repeatedIn?: (object: string, field: string) => FieldPlace | undefined;
  /** Fields that hold a record's own id, lower case. Absent: `id`. */
  readonly ownIds?: ReadonlySet<string>;
  /** What `through` of a data map may name. Absent: nothing, because the CRM does not tell what belongs together. */
  readonly through?: 'objects' | 'fields';
  /** Field that holds a record's own id, in all objects. Absent: there is none of that meaning. */
  readonly idField?: string;
  /** The object that a record's id is of; undefined where its kind is not known. Absent: ids do not tell. */
  readonly objectOfId?: (id: string) => string | undefined;
}

interface FieldPlace {
  readonly object: string;
  readonly field: string;
}

/** A field that a data map classifies. */
export interface MappedField {
  readonly name: string;
  /** Folded name of the field of another object that it repeats. */
  readonly repeats?: string;
  readonly categories: readonly string[];
  /** False for category `none`. */
  readonly isPersonal: boolean;
  readonly source: SourceDocument;
  readonly path: DocumentPath;
  /** Layer of the document that classifies it. */
  readonly layer: number;
}

/** Facts that conditions call by the same name in every CRM. */
export const FACTS = ['id', 'owner', 'country', 'region', 'level', 'created', 'lastActivity'] as const;
export type Fact = (typeof FACTS)[number];

/** One object type after all data maps are merged. */
export interface MappedObject {
  readonly name: string;
  /** By folded name. */
  readonly fields: ReadonlyMap<string, MappedField>;
  readonly facts: ReadonlyMap<Fact, string>;
  readonly dataSubjectId: string | undefined;
  /** Fields that identify a person the record is about; undefined: there are none. */
  readonly person: PersonFields | undefined;
  /**
   * What leads to further records, whose people a record is about as well: objects, for the records of these that it is
   * associated with, or `Object.Field`, for the records of an object that name it in this field.
   */
  readonly through: readonly string[];
  /** Fields with ids of records whose people a record is about as well. */
  readonly relatedBy: readonly string[];
  /** Field with the record's own id, if that is needed to find what `through` leads to. */
  readonly ownId: string | undefined;
  /** How ids of its records begin, where the CRM's own objects do not say so. */
  readonly idPrefix: string | undefined;
  /** Purpose → the field that says whether its data subject has agreed. */
  readonly consent: ReadonlyMap<string, ConsentFlag>;
}

/** Everything that the data maps say about one CRM. */
export interface CrmModel {
  readonly traits: CrmTraits;
  /** By folded name. */
  readonly objects: ReadonlyMap<string, MappedObject>;
}

/** The form in which names of this CRM compare. */
export function foldName(traits: CrmTraits, name: string): string {
  return traits.namesIgnoreCase ? name.toLowerCase() : name;
}

const NO_COMPOUNDS: readonly string[] = [];

/** Fields that contain a field's value. */
export function compoundsOf({ compoundsOf: named }: CrmTraits, name: string): readonly string[] {
  return named === undefined ? NO_COMPOUNDS : named(name);
}

/** What a data map says of a field: by its name, or where it does not name it, of a compound field that contains it. */
export function mappedField(
  { traits }: CrmModel,
  object: MappedObject | undefined,
  field: string,
): MappedField | undefined {
  const fields = object?.fields;
  if (fields === undefined) return undefined;
  return [field, ...compoundsOf(traits, field)]
    .map((name) => fields.get(foldName(traits, name)))
    .find((found) => found !== undefined);
}

export function isFact(name: string): name is Fact {
  return FACTS.some((fact) => fact === name);
}

/** The field that `record.<name>` reads on an object: through the data map, or as the CRM spells it. */
export function fieldOfFact(model: CrmModel, object: MappedObject, name: string): string | undefined {
  if (isFact(name)) return object.facts.get(name);
  return object.fields.get(foldName(model.traits, name))?.name;
}

/** Whether records of an object are about people. */
export function isAboutPeople({ person, through, relatedBy }: MappedObject): boolean {
  return person !== undefined || through.length > 0 || relatedBy.length > 0;
}

/** The object and the field of an `Object.Field` in `through`; undefined where it is one name. */
export function relationIn(name: string): { readonly object: string; readonly field: string } | undefined {
  const [object = '', field, ...more] = name.split('.');
  return field === undefined || more.length > 0 ? undefined : { object, field };
}

/** Whether the data map says enough about an object to ask for consent to its records. */
export function canBeAsked(object: MappedObject, purpose: string): boolean {
  return isAboutPeople(object) || object.consent.has(purpose);
}
