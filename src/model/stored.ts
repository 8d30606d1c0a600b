/** Shapes that a token can keep, so that the CRM's own checks of a value still pass. */
export const TOKEN_SHAPES = [
  'email',
  'digits',
  'phone',
  'card',
  'iban',
  'es-nif',
  'pl-pesel',
  'ua-rnokpp',
  'de-steuer-id',
  'fr-nir',
] as const;
export type TokenShape = (typeof TOKEN_SHAPES)[number];

/** What the CRM keeps in place of a value. Equal values have equal tokens, except with `random`. */
export type TokenForm =
  | { readonly kind: 'deterministic' | 'random' }
  | { readonly kind: 'format-preserving'; readonly format: TokenShape };

/** A field of which the CRM keeps tokens. */
export interface StoredField {
  readonly form: TokenForm;
  /**
   * The category of the field. Tokens of equal values are equal within one domain, so that copies and joins inside the
   * CRM keep their meaning.
   */
  readonly domain: string;
  /** Ids of the policies that say so. */
  readonly policies: readonly string[];
}
