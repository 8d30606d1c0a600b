import type { JWTPayload } from 'jose';
import type { Limits } from '../../limits.ts';
import type { Principal } from '../../model/principal.ts';
import { IDENTITY_DEFAULTS, type JwtConfig } from '../config.ts';
import { heldPurposes } from '../purpose.ts';

/** Longest id, role or purpose. */
const NAME_LENGTH_MAX = 256;
const CONTROL = /\p{Cc}/u;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH_MAX && !CONTROL.test(value);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** A claim by its whole name (`https://acme.example/roles`), or else by a dotted path (`realm_access.roles`). */
function claimOf(payload: JWTPayload, path: string): unknown {
  const whole = memberOf(payload, path);
  return whole === undefined ? path.split('.').reduce<unknown>(memberOf, payload) : whole;
}

/**
 * Whether a claim is named in the token but left out of it, as for users in too many groups (Microsoft Entra, "groups
 * overage"; OpenID Connect Core §5.6.2). Its value is then unknown, which is not the same as empty.
 */
function isElsewhere(payload: JWTPayload, path: string): boolean {
  return memberOf(payload['_claim_names'], path) !== undefined;
}

/** Undefined when the claim is there and not a list of names. */
function namesIn(payload: JWTPayload, path: string | undefined, max: number): readonly string[] | undefined {
  if (path === undefined) return [];
  const claim = claimOf(payload, path);
  if (claim === undefined) return isElsewhere(payload, path) ? undefined : [];
  const names: unknown[] | undefined =
    typeof claim === 'string'
      ? claim.split(/[\s,]+/).filter((name) => name !== '')
      : Array.isArray(claim)
        ? claim
        : undefined;
  if (names === undefined || names.length > max || !names.every(isName)) return undefined;
  return [...new Set(names)];
}

/** Undefined when the claim is not there, null when it is and is not a name. */
function nameIn(payload: JWTPayload, path: string | undefined): string | undefined | null {
  const claim = path === undefined ? undefined : claimOf(payload, path);
  if (claim === undefined) return undefined;
  return isName(claim) ? claim : null;
}

/** What says how the caller has logged in only ever opens doors: what cannot be read of it is not there. */
function loginOf(payload: JWTPayload, max: number): Pick<Principal, 'amr' | 'acr'> {
  const acr = nameIn(payload, 'acr');
  return { amr: namesIn(payload, 'amr', max) ?? [], ...(typeof acr === 'string' ? { acr } : {}) };
}

/**
 * What is known of the client app the token was issued to: `azp` (OpenID Connect Core §2), or `client_id` (RFC 9068
 * §2.2).
 */
function ofApp<Known>(
  payload: JWTPayload,
  byApp: Readonly<Record<string, Known>> | undefined,
): Known | undefined {
  const app = nameIn(payload, 'azp') ?? nameIn(payload, 'client_id');
  return typeof app === 'string' && byApp !== undefined && Object.hasOwn(byApp, app) ? byApp[app] : undefined;
}

/** A token that says no region is for wherever its app is. */
function regionsOf(
  own: string | undefined,
  app: string | undefined,
): Pick<Principal, 'region' | 'appRegion'> {
  const region = own ?? app;
  return {
    ...(region === undefined ? {} : { region }),
    ...(app === undefined || app === region ? {} : { appRegion: app }),
  };
}

/**
 * The principal that a verified token speaks of. Policies only take away, so a role that cannot be read might be the
 * one that hides something: a token with an unreadable claim is nobody's.
 */
export function principalOf(
  payload: JWTPayload,
  {
    claims = {},
    purposes: purposesByApp,
    regions: regionsByApp,
  }: Pick<JwtConfig, 'claims' | 'purposes' | 'regions'>,
  { principalClaimsMax }: Pick<Limits, 'principalClaimsMax'>,
): Principal | undefined {
  const id = nameIn(payload, claims.id ?? IDENTITY_DEFAULTS.idClaim);
  const roles = namesIn(payload, claims.roles, principalClaimsMax);
  const purposes = namesIn(payload, claims.purposes, principalClaimsMax);
  const region = nameIn(payload, claims.region);
  const level = nameIn(payload, claims.level);
  const crmUserId = nameIn(payload, claims.crmUserId);
  const team = claims.team === undefined ? null : namesIn(payload, claims.team, principalClaimsMax);
  if (id === undefined || id === null || roles === undefined || purposes === undefined) return undefined;
  if (region === null || level === null || crmUserId === null || team === undefined) return undefined;
  return {
    id,
    roles,
    ...heldPurposes(purposes, ofApp(payload, purposesByApp) ?? []),
    ...regionsOf(region, ofApp(payload, regionsByApp)),
    ...(level === undefined ? {} : { level }),
    ...(crmUserId === undefined ? {} : { crmUserId }),
    ...(team === null ? {} : { team }),
    ...loginOf(payload, principalClaimsMax),
    via: 'jwt',
  };
}
