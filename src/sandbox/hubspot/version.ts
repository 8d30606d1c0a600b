import { noSuchRoute } from './errors.ts';

const VERSION = /^(v\d+|\d{4}-\d{2}(-beta)?)$/;

/**
 * `/crm/v3/objects/…` and `/crm/objects/2026-03/…` are one: area and version are taken out wherever the version stands.
 */
export function restOf(segments: readonly string[]): readonly string[] {
  const [, first = '', second = '', ...others] = segments;
  if (VERSION.test(first)) return [second, ...others].filter(Boolean);
  if (VERSION.test(second)) return [first, ...others];
  throw noSuchRoute();
}
