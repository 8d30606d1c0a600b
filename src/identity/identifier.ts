import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import type { WhoAmI } from '../model/who-am-i.ts';
import { createApiKeyProvider } from './api-key.ts';
import { IDENTITY_DEFAULTS, type IdentityConfig, type ProviderConfig } from './config.ts';
import { createCrmProvider } from './crm.ts';
import { createJwksFile } from './jwks-file.ts';
import { createJwksUrl } from './jwks-url.ts';
import { createJwtProvider } from './jwt.ts';
import type { LookUp } from './look-up.ts';
import type { Provider, Verdict } from './provider.ts';
import { PURPOSE_HEADER, withPurpose } from './purpose.ts';

/** What an identifier needs from around it. One identifier per upstream. */
export interface IdentifierDeps {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Credentials are remembered under their keyed hash. Called once or twice per request, so it should remember too. */
  readonly keyedHash: (text: string) => string;
  /** Fetches signing keys. */
  readonly lookUp: LookUp;
  /** The upstream's name, for messages. */
  readonly upstreamName: string;
  /** How to ask the CRM; absent where the CRM cannot say. `lookUp` takes a path on the upstream. */
  readonly crm?: { readonly whoAmI: WhoAmI; readonly lookUp: LookUp };
  /** The one spelling of a user's id in this CRM's records; absent: ids have one spelling only. */
  readonly crmUserId?: (id: string) => string;
  /** Told when signing keys cannot be had; the text holds no credential. */
  readonly warn: (problem: string) => void;
}

/** Credentials → principal. */
export interface Identifier {
  /**
   * The caller, or undefined when nobody was recognised. Synchronous where the credential is known already. Never throws,
   * never rejects.
   * @param headers of the request, names in lower case
   */
  readonly identify: (headers: IncomingHttpHeaders) => Principal | undefined | Promise<Principal | undefined>;
  /** Headers that never travel upstream, whatever they hold; lower case. */
  readonly credentialHeaders: ReadonlySet<string>;
  /**
   * True when this header of this request must not travel upstream. Says more than `credentialHeaders` where one header may
   * hold a credential for Privet (a JWT) or for the CRM.
   */
  readonly isMeantForPrivet: (name: string, value: string | readonly string[]) => boolean;
}

function createProvider(config: ProviderConfig, deps: IdentifierDeps): Provider {
  if ('jwt' in config) {
    const { jwks } = config.jwt;
    const isUrl = /^https?:\/\//.test(jwks);
    return createJwtProvider(config.jwt, {
      ...deps,
      keys: isUrl ? createJwksUrl(jwks, deps) : createJwksFile(jwks, deps.warn),
    });
  }
  if ('apiKey' in config) return createApiKeyProvider(config.apiKey, deps);
  if (deps.crm === undefined) {
    throw new PrivetError(
      'IDENTITY_UNUSABLE',
      `The CRM of upstream ${deps.upstreamName} cannot say whose a token is: leave crm out of identity.`,
    );
  }
  return createCrmProvider(config.crm, { ...deps, ...deps.crm });
}

/** Header of each provider that holds nothing but credentials for Privet. */
function ownHeaders(config: IdentityConfig, providers: readonly Provider[]): string[] {
  const shared = new Set(providers.map(({ sharesHeader }) => sharesHeader));
  return config
    .flatMap((provider) => {
      if ('jwt' in provider) return [provider.jwt.header ?? IDENTITY_DEFAULTS.jwtHeader];
      return 'apiKey' in provider ? [provider.apiKey.header ?? IDENTITY_DEFAULTS.apiKeyHeader] : [];
    })
    .filter((header) => !shared.has(header));
}

/** Spells the ids of the principal and its team as the CRM's records do. One principal stays one object, by which decisions are remembered. */
function createSpelling(crmUserId: (id: string) => string): (principal: Principal) => Principal {
  const spelled = new WeakMap<Principal, Principal>();
  return (principal) => {
    const { crmUserId: id, team } = principal;
    if (id === undefined && team === undefined) return principal;
    const known = spelled.get(principal) ?? {
      ...principal,
      ...(id === undefined ? {} : { crmUserId: crmUserId(id) }),
      ...(team === undefined ? {} : { team: team.map(crmUserId) }),
    };
    spelled.set(principal, known);
    return known;
  };
}

/**
 * Builds the identity section: providers in order, of which the first that finds a credential decides, even if it is no good.
 * @throws PrivetError IDENTITY_UNUSABLE when the section cannot work
 */
export function createIdentifier(config: IdentityConfig, deps: IdentifierDeps): Identifier {
  const providers = config.map((provider) => createProvider(provider, deps));
  const spell = createSpelling(deps.crmUserId ?? ((id) => id));
  const principalOf = (verdict: Verdict, headers: IncomingHttpHeaders): Principal | undefined =>
    typeof verdict === 'string' ? undefined : withPurpose(spell(verdict), headers[PURPOSE_HEADER]);
  const credentialHeaders = new Set([PURPOSE_HEADER, ...ownHeaders(config, providers)]);

  return {
    identify: (headers) => {
      for (const provider of providers) {
        const verdict = provider.identify(headers);
        // Whatever takes time has found its credential, so it decides.
        if (verdict instanceof Promise) return verdict.then((settled) => principalOf(settled, headers));
        if (verdict !== 'absent') return principalOf(verdict, headers);
      }
      return undefined;
    },
    credentialHeaders,
    isMeantForPrivet: (name, value) =>
      credentialHeaders.has(name) || providers.some((provider) => provider.owns(name, value)),
  };
}
