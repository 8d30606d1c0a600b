/** What detectors can find inside free text. */
export const DETECTORS = ['email', 'phone', 'iban', 'card', 'national-id'] as const;
export type Detector = (typeof DETECTORS)[number];

/** What happens to one field's value on its way to the client. */
export type Treatment =
  | { readonly kind: 'remove' }
  | { readonly kind: 'null' }
  | { readonly kind: 'redact' }
  | { readonly kind: 'hash' }
  /** The token that the CRM keeps in its place (`store`): the same for the same value, unless tokens are random. */
  | { readonly kind: 'token' }
  | { readonly kind: 'generalize'; readonly to: 'month' | 'year' }
  | { readonly kind: 'generalize'; readonly to: 'range'; readonly size: number }
  | { readonly kind: 'generalize'; readonly to: 'prefix'; readonly keep: number }
  | { readonly kind: 'mask'; readonly style: 'email' | 'initials' }
  | { readonly kind: 'mask'; readonly style: 'keep-first' | 'keep-last'; readonly keep: number }
  | { readonly kind: 'scan'; readonly find: readonly Detector[] };

export type TreatmentKind = Treatment['kind'];

/** Least revealing first. Where two treatments meet on one field, the one further left wins. */
export const LEAST_REVEALING_FIRST: readonly TreatmentKind[] = [
  'remove',
  'null',
  'redact',
  'hash',
  'token',
  'generalize',
  'mask',
  'scan',
];
