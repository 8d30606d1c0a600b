import type { Treatment } from '../model/treatment.ts';
import type { Transform } from './transform.ts';

/** The member stays, its value is null. */
export function nullTransform(treatment: Treatment & { kind: 'null' }): Transform {
  return {
    treatment,
    structure: 'null',
    string: () => null,
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises: () => false,
  };
}
