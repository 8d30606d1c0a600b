import type { PurposeDocument } from './language/documents.ts';

/** The kinds of word that can be declared. */
export type DeclaredKind = 'role' | 'level' | 'purpose' | 'region';

/** What the documents declare. Undefined: nothing of that kind is declared, so any word is accepted. */
export interface Declared {
  /** Role → itself and every role it includes, however indirectly. */
  readonly roles?: ReadonlyMap<string, readonly string[]>;
  /** Lowest first. */
  readonly levels?: readonly string[];
  readonly purposes?: ReadonlyMap<string, PurposeDocument>;
  /** Region → its countries. */
  readonly regions?: ReadonlyMap<string, readonly string[]>;
}
