import type { Treatment } from '../model/treatment.ts';
import type { Transform, TransformContext } from './transform.ts';

/** 22 base64url characters are 132 bits: shorter ones collide within reach of a real CRM's size. */
const HASHED = /h_[\w-]{22}/;

/**
 * Strings become `h_` and a keyed hash: equal values of one field stay equal, and nobody without the key can try out
 * candidates. Numbers become null, since a hash is not a number.
 */
export function hashTransform(
  treatment: Treatment & { kind: 'hash' },
  { field, hash }: Pick<TransformContext, 'field' | 'hash'>,
): Transform {
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : `h_${hash(field, text)}`),
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises: (text) => HASHED.test(text),
  };
}
