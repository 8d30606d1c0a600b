/** What SOQL needs to know of a Salesforce org's objects. All names are taken and given in any case. */
export interface SoqlSchema {
  /** Canonical object name; an unknown one as it is. */
  readonly object: (name: string) => string;
  /** Objects a parent relationship (`Account`, `Owner`) of an object may lead to; `['*']` when that cannot be known. */
  readonly parent: (object: string, relationship: string) => readonly string[];
  /** Objects a child relationship (`Contacts`) of an object holds; `['*']` when that cannot be known. */
  readonly child: (object: string, relationship: string) => readonly string[];
  /** Relationship name as answers spell it; an unknown one as it is. */
  readonly relationship: (name: string) => string;
}
