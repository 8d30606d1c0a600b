import type { Treatment } from '../model/treatment.ts';
import type { Transform } from './transform.ts';

/** The member leaves the record. Whoever cannot take it out writes null in its place. */
export function removeTransform(treatment: Treatment & { kind: 'remove' }): Transform {
  return {
    treatment,
    structure: 'remove',
    string: () => null,
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises: () => false,
  };
}
