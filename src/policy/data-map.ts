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
}

/** A field that a data map classifies. */
export interface MappedField {
  readonly name: string;
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
  /** Fields that identify the person a record is about; undefined: its records are about nobody. */
  readonly person: PersonFields | undefined;
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

export function isFact(name: string): name is Fact {
  return FACTS.some((fact) => fact === name);
}

/** The field that `record.<name>` reads on an object: through the data map, or as the CRM spells it. */
export function fieldOfFact(model: CrmModel, object: MappedObject, name: string): string | undefined {
  if (isFact(name)) return object.facts.get(name);
  return object.fields.get(foldName(model.traits, name))?.name;
}

/** Whether the data map says enough about an object to ask for consent to its records. */
export function canBeAsked({ person, consent }: MappedObject, purpose: string): boolean {
  return person !== undefined || consent.has(purpose);
}
