import type { Treatment } from '../model/treatment.ts';
import { becomes } from './bytes/constant.ts';
import type { Transform } from './transform.ts';

/** Stands for a text that is hidden whole: a constant, so that it says nothing of length or content. */
export const REDACTED = '[redacted]';

/** Strings become a constant; whatever is not a string becomes null. */
export function redactTransform(treatment: Treatment & { kind: 'redact' | 'token' }): Transform {
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : REDACTED),
    bytes: becomes(REDACTED),
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises: (text) => text.includes(REDACTED),
  };
}
