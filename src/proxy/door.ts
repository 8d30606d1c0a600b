import type { CrmAdapter } from '../crm/adapter.ts';
import { PrivetError } from '../errors.ts';
import type { Identifier } from '../identity/identifier.ts';
import type { Operation } from '../model/operation.ts';
import type { Posture } from '../model/posture.ts';
import type { Principal } from '../model/principal.ts';
import type { MatchConfig } from './config.ts';
import type { Links, ProxyBase } from './wire/links.ts';
import type { Upstream } from './wire/upstream.ts';

/** Which requests a door is for. */
export interface Entrance {
  /** Host name without port, lower case; undefined: every host. */
  readonly host: string | undefined;
  /** Path prefix without trailing slash, or ''. */
  readonly prefix: string;
}

export function entranceOf(match: MatchConfig | undefined): Entrance {
  if (match === undefined) return { host: undefined, prefix: '' };
  return 'host' in match
    ? { host: match.host.toLowerCase(), prefix: '' }
    : { host: undefined, prefix: match.prefix };
}

/** @param url of the configuration: scheme, host and path */
export function publicBaseOf(url: string | undefined): ProxyBase | undefined {
  if (url === undefined) return undefined;
  const { origin, pathname } = new URL(url);
  return { origin, prefix: pathname.replace(/\/$/, '') };
}

/** One CRM as clients reach it, and all that serves it. */
export interface Door extends Entrance {
  readonly name: string;
  readonly adapter: CrmAdapter;
  readonly upstream: Upstream;
  readonly identifier: Identifier;
  /** Replaces the client's credentials (see `ownToken`); undefined: the client's own pass through. */
  readonly bearer: string | undefined;
  /**
   * Where clients reach it, when their requests do not tell because something in front of Privet ends TLS or changes
   * host or path.
   */
  readonly publicBase: ProxyBase | undefined;
  /** Leads the CRM's absolute URLs back through the proxy, given how the client reached it. */
  readonly links: (base: ProxyBase) => Links;
  /** Names of the headers that credentials come in. */
  readonly varyOn: readonly string[];
}

/** Who a request is from and what it does, as far as that is known. */
interface Entering {
  readonly operation?: Operation;
  readonly principal?: Principal;
}

/**
 * Privet's own token for a request. Undefined: the client's credentials are used. They are in every login, since
 * strangers may log in, and in observe mode for callers that the posture would refuse: they pass, but not as Privet.
 */
export function ownToken(
  { bearer }: Door,
  { operation, principal }: Entering,
  { unidentified }: Posture,
): string | undefined {
  const isStranger = principal === undefined && unidentified !== 'allow';
  return operation?.kind === 'auth' || isStranger ? undefined : bearer;
}

/** @param host the Host header */
export function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/**
 * The door a request is for: by host first, then the longest prefix.
 * @param name see `hostName`
 * @throws PrivetError UPSTREAM_UNKNOWN
 */
export function findDoor<Entry extends Entrance>(doors: readonly Entry[], name: string, path: string): Entry {
  let best: Entry | undefined;
  for (const door of doors) {
    if (door.host !== undefined && door.host !== name) continue;
    if (door.prefix !== '' && path !== door.prefix && !path.startsWith(`${door.prefix}/`)) continue;
    if (best === undefined || rank(door) > rank(best)) best = door;
  }
  if (best === undefined) throw new PrivetError('UPSTREAM_UNKNOWN');
  return best;
}

function rank(door: Entrance): number {
  return (door.host === undefined ? 0 : 10_000) + door.prefix.length;
}
