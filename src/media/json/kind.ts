import type { ValueKind } from '../record.ts';

/** Kind of a value as a number; the index of its name in KIND_NAMES. */
export type Kind = 0 | 1 | 2 | 3 | 4 | 5;
export const STRING = 0;
export const NUMBER = 1;
export const BOOLEAN = 2;
export const NULL = 3;
export const CONTAINER = 4;
export const RECORDS = 5;

export const KIND_NAMES: readonly ValueKind[] = [
  'string',
  'number',
  'boolean',
  'null',
  'container',
  'records',
];
