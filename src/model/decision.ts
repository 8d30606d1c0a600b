import type { Standing } from './consent.ts';
import type { RecordFacts } from './record-facts.ts';
import type { ConsentFlag, PersonFields, Requirement } from './requirement.ts';
import type { StoredField } from './stored.ts';
import type { Treatment } from './treatment.ts';

/** What a decision depends on beyond the request and the policies. */
export interface DecisionFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** True unless it is known that nobody's processing is restricted (GDPR Art. 18). */
  readonly anyRestricted: boolean;
}

/** Why a request is refused, in words for the client. Never holds a value from a record. */
export interface Denial {
  /** Id of the policy behind it, or `posture.<name>` where the configuration's posture denies. */
  readonly policy: string;
  readonly message: string;
}

/** What a principal sees of one field. A field without a FieldView is shown clear. */
export interface FieldView {
  readonly field: string;
  readonly treatment: Treatment;
  /** Ids of the policies that led to it. */
  readonly policies: readonly string[];
  /**
   * Present where the view differs from record to record; the other members are then those of the least revealing
   * record.
   */
  readonly perRecord?: PerRecordView;
}

/** What a principal sees of one field, record by record. */
export interface PerRecordView {
  /** Fields that the conditions read. */
  readonly needs: readonly string[];
  /** It also depends on the data subject's standing. */
  readonly asksStanding?: true;
  /**
   * The view for one record; undefined: shown clear. A condition on an unknown fact counts as true. Never throws. Equal
   * results are the same object.
   * @param standing of the record's data subject; undefined: not known
   */
  readonly of: (facts: RecordFacts, standing?: Standing) => FieldView | undefined;
  /** The views by all conditions together, by each alone and by none; undefined: clear. */
  readonly possible: readonly (FieldView | undefined)[];
}

/** The field must have one of these values, none of which is empty. */
export interface RowEquality {
  readonly field: string;
  readonly values: readonly string[];
  /** The rule compares without case and accents: texts that a CRM takes for equal are equal to the rule, too. */
  readonly foldsText?: true;
}

/**
 * A condition that a record must meet to be shown: of `rows`, of `require`, or that its data subject is not restricted.
 * A condition of `rows` holds for writing to the record as well.
 */
export interface RowRule {
  readonly policy: string;
  /** Fields the condition reads. */
  readonly needs: readonly string[];
  /**
   * The same rule for the CRM's query language, when it says no more than which values fields must have; all must hold.
   */
  readonly equals?: readonly RowEquality[];
  /**
   * Unknown facts make it false. Never throws.
   * @param standing of the record's data subject; undefined: not known
   */
  readonly holds: (facts: RecordFacts, standing?: Standing) => boolean;
  /** What it leaves records out for, in a few words; absent: a requirement or a restriction says it. */
  readonly because?: string;
  /** What the caller can do about it, in words for the client; absent: nothing. */
  readonly remedy?: string;
  /** The requirement behind it. */
  readonly requires?: Requirement;
  /** It leaves out people whose processing is restricted. */
  readonly restricts?: true;
}

/** A condition on records by which something of them is hidden. */
export interface Guard {
  readonly policy: string;
  /** Fields the condition reads. */
  readonly needs: readonly string[];
  /** Whether it hides something of this record. Unknown facts hide. Never throws. */
  readonly hides: (facts: RecordFacts) => boolean;
}

/** What a principal sees of one object type. */
export interface ObjectView {
  readonly object: string;
  /** True when every field is shown clear and no row rule applies. */
  readonly isClear: boolean;
  /** False: the records that are shown are shown unchanged. */
  readonly alters?: boolean;
  /** Undefined: shown clear. Spelling is folded where the CRM ignores case. */
  readonly field: (name: string) => FieldView | undefined;
  /** True when the data map says what the field is. */
  readonly classifies: (name: string) => boolean;
  readonly rows: readonly RowRule[];
  /** Conditions that hide something of a record; absent: none. */
  readonly guards?: readonly Guard[];
  /** Fields of a record that must be known before any of it can be shown; absent: none. */
  readonly needs?: readonly string[];
  /** What the CRM keeps instead of a field's values; absent or undefined: the values themselves. */
  readonly stored?: (name: string) => StoredField | undefined;
  /** Some field of the object is `stored`. */
  readonly keepsTokens?: boolean;
  /** Field that holds the data subject's id, where the object is about a person. */
  readonly dataSubjectId?: string;
  /** How that person is known. */
  readonly person?: PersonFields;
  /**
   * Its records are also about the people of others: of the records of these objects that they are associated with, or
   * of the records of `Object` that name them in `Field` (`Object.Field`). Never empty.
   */
  readonly through?: readonly string[];
  /** Fields with ids of records: its records are also about the people of these. Never empty. */
  readonly relatedBy?: readonly string[];
  /** Field with a record's own id, if that is needed to find what `through` leads to. */
  readonly ownId?: string;
  /**
   * Its records are what others are about people through: those that these fields name. Present where something is
   * required of such others.
   */
  readonly linking?: { readonly fields: readonly string[]; readonly requirements: readonly Requirement[] };
  /** What is shown of a record depends on its data subject's standing. */
  readonly asksStanding?: boolean;
  /** The fields in which the CRM keeps that person's consent; absent: none. */
  readonly consents?: readonly { readonly purpose: string; readonly flag: ConsentFlag }[];
  /** All consent that is required; absent: none. */
  readonly requirements?: readonly Requirement[];
  /** Policies that treat fields because the caller's login is too weak, and what it lacks; absent: none. */
  readonly weakLogins?: readonly { readonly policy: string; readonly reason: string }[];
  /** People whose processing is restricted are left out. */
  readonly restricts?: boolean;
  /** Whether a field tells something about a person; absent: none does. */
  readonly isPersonal?: (name: string) => boolean;
}

/**
 * What a principal sees of the whole CRM in this operation. One class of principals and operations shares one View
 * object.
 */
export interface View {
  /** Digest of all that it shows: two views with one id show the same bytes for the same record. */
  readonly id: string;
  /** Nothing is hidden. */
  readonly isClear: boolean;
  /** The CRM keeps tokens of some field, so its answers have to be rewritten even where nothing is hidden. */
  readonly reveals?: boolean;
  /** What is shown of some object's records depends on their data subjects' standing. */
  readonly asksStanding?: boolean;
  /** One record without the required consent refuses the whole answer. */
  readonly refusesAnswers?: boolean;
  /** The marketing purposes that the request may be for: nothing is sent to people who have objected to one of them. */
  readonly marketing?: readonly string[];
  /** The object of a record id, by what data maps say of how ids begin; absent: they say nothing. */
  readonly objectOfId?: (id: string) => string | undefined;
  /** `*` gives the least revealing union over all objects, for records whose object cannot be known. */
  readonly of: (object: string) => ObjectView;
}

/** How many distinct records a principal may be shown within a time (`limit`). */
export interface ReadingLimit {
  readonly policy: string;
  readonly records: number;
  readonly perMs: number;
  /** Whether records of an object count. Records of an unknown object (`*`) do. */
  readonly covers: (object: string) => boolean;
}

/** What this principal may do and see, with the policy ids behind it. */
export interface Decision {
  readonly denial?: Denial;
  /** Ids of every policy that applied, in order of id. */
  readonly policies: readonly string[];
  /** Hash of the policy snapshot. */
  readonly policySet: string;
  readonly view: View;
  /** Shortest window first; absent: records are not counted. */
  readonly limits?: readonly ReadingLimit[];
}
