import type { Standing } from './consent.ts';
import type { RecordFacts } from './record-facts.ts';
import type { ConsentFlag, PersonFields, Requirement } from './requirement.ts';
import type { StoredField } from './stored.ts';
import type { Treatment } from './treatment.ts';

/** What a decision rests on beyond the request and the policies. */
export interface DecisionFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Somebody's processing is restricted (GDPR Art. 18), or it is not known that nobody's is. */
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
  /** Where it differs from record to record; the rest of this view is then what the least revealing record shows. */
  readonly perRecord?: PerRecordView;
}

/** What a principal sees of one field, record by record. */
export interface PerRecordView {
  /** Fields that the conditions read. */
  readonly needs: readonly string[];
  /** It rests on where the data subject stands, too. */
  readonly asksStanding?: true;
  /**
   * Undefined: shown clear. A condition on an unknown fact counts as true. Never throws; one object for one result.
   * @param standing of the record's data subject; undefined: not known
   */
  readonly of: (facts: RecordFacts, standing?: Standing) => FieldView | undefined;
  /** What a record may show by one condition alone, by all of them and by none; undefined: clear. */
  readonly possible: readonly (FieldView | undefined)[];
}

/** A field has one of these values, which are not empty. */
export interface RowEquality {
  readonly field: string;
  readonly values: readonly string[];
  /** The rule compares without case and accents: whatever a CRM takes for equal is equal to it as well. */
  readonly foldsText?: true;
}

/** A condition that a record must meet to be shown and, of `rows`, to be written to: of `rows`, of `require`, or that its data subject is not restricted. */
export interface RowRule {
  readonly policy: string;
  /** Fields the condition reads. */
  readonly needs: readonly string[];
  /** When the whole condition is that fields have one of some values, the same as conditions for the CRM's query language: all must hold. */
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
  /** It leaves out whoever's processing is restricted. */
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
  /** False: whatever is shown of a record is shown as it is, though some records may be left out. */
  readonly alters?: boolean;
  /** Undefined: shown clear. Spelling is folded where the CRM ignores case. */
  readonly field: (name: string) => FieldView | undefined;
  /** True when the data map says what the field is. */
  readonly classifies: (name: string) => boolean;
  readonly rows: readonly RowRule[];
  /** Conditions on which rests what is hidden of a record; absent: none. */
  readonly guards?: readonly Guard[];
  /** Fields that must be known of a record before its fields can be shown; absent: none. */
  readonly needs?: readonly string[];
  /** What the CRM keeps of a field instead of its values; absent, or undefined: the values themselves. */
  readonly stored?: (name: string) => StoredField | undefined;
  /** Some field of the object is `stored`. */
  readonly keepsTokens?: boolean;
  /** Field that holds the data subject's id, where the object is about a person. */
  readonly dataSubjectId?: string;
  /** How that person is known. */
  readonly person?: PersonFields;
  /** What is shown of a record rests on where its data subject stands. */
  readonly asksStanding?: boolean;
  /** The fields in which the CRM keeps what that person has agreed to; absent: none. */
  readonly consents?: readonly { readonly purpose: string; readonly flag: ConsentFlag }[];
  /** All that must have been agreed to; absent: nothing. */
  readonly requirements?: readonly Requirement[];
  /** Policies that treat fields because the caller's login is too weak for them, and what it lacks; absent: none. */
  readonly weakLogins?: readonly { readonly policy: string; readonly reason: string }[];
  /** Whoever's processing is restricted is left out. */
  readonly restricts?: boolean;
  /** Whether a field tells one person from another; absent: none does. */
  readonly identifies?: (name: string) => boolean;
}

/** What a principal sees of the whole CRM in this operation. Same class of principal and operation, same View object. */
export interface View {
  /** Digest of all that it shows: two views with one id show the same bytes for the same record. */
  readonly id: string;
  /** Nothing is hidden. */
  readonly isClear: boolean;
  /** The CRM keeps tokens of some field: what it answers is not what is shown, even where nothing is hidden. */
  readonly reveals?: boolean;
  /** What is shown of some object's records rests on where their data subjects stand. */
  readonly asksStanding?: boolean;
  /** The marketing purposes that the request may be for: whoever has objected to one is not sent to. */
  readonly marketing?: readonly string[];
  /** `*` gives the least revealing union over all objects, for records whose object cannot be known. */
  readonly of: (object: string) => ObjectView;
}

/** How many distinct records a principal may be shown within a time (`limit`). */
export interface ReadingLimit {
  readonly policy: string;
  readonly records: number;
  readonly perMs: number;
  /** Whether records of an object count. One that is not known (`*`) does. */
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
