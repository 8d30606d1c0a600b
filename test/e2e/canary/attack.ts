import type { WireRequest } from '../wire.ts';

/** One way to get at what is hidden. */
export interface Attack {
  readonly name: string;
  readonly request: Omit<WireRequest, 'token'>;
  /**
   * `denied`: the answer alone would tell (an oracle), or nothing is known of the route: 403 before the CRM hears of it.
   * `treated`: it is answered, without what is hidden. `refused`: 4xx of whatever kind; the form of the request is wrong.
   */
  readonly ends: 'denied' | 'treated' | 'refused';
}

export const denied = (name: string, request: Attack['request']): Attack => ({
  name,
  request,
  ends: 'denied',
});
export const treated = (name: string, request: Attack['request']): Attack => ({
  name,
  request,
  ends: 'treated',
});
export const refused = (name: string, request: Attack['request']): Attack => ({
  name,
  request,
  ends: 'refused',
});
