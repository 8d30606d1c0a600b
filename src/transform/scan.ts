import type { Treatment } from '../model/treatment.ts';
import { REDACTED } from './redact.ts';
import { createScanEdit } from './scan/bytes/scan-edit.ts';
import { labelOf, scanText } from './scan/scan-text.ts';
import type { Transform, TransformContext } from './transform.ts';

/**
 * Free text keeps its words; what is found in it is replaced by `[email]`, `[phone]`, `[iban]`, `[card]` or
 * `[national-id]`. A number that is one of these by itself (a phone saved as a number) becomes null.
 */
export function scanTransform(
  treatment: Treatment & { kind: 'scan' },
  { limits }: Pick<TransformContext, 'limits'>,
): Transform {
  const labels = [...treatment.find.map(labelOf), REDACTED];
  return {
    treatment,
    structure: 'keep',
    string: (text) => scanText(text, treatment.find, limits),
    bytes: createScanEdit(treatment.find, limits),
    number: (lexeme) => (scanText(lexeme, treatment.find, limits) === lexeme ? lexeme : null),
    boolean: () => null,
    container: () => null,
    recognises: (text) => labels.some((label) => text.includes(label)),
  };
}
