import type { Scalar } from '../wire/json.ts';

/** A stored record by canonical field name. Never changed in place: a write puts a new one in its stead. */
export type SObject = Readonly<Record<string, Scalar>>;
