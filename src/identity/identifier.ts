import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import type { WhoAmI } from '../model/who-am-i.ts';
import { createApiKeyProvider } from './api-key.ts';
import { IDENTITY_DEFAULTS, type IdentityConfig, type ProviderConfig } from './config.ts';
import { createCrmProvider } from './crm.ts';
import { createJwksFile } from './jwt/jwks-file.ts';
import { createJwksUrl } from './jwt/jwks-url.ts';
import { createJwtProvider } from './jwt/jwt.ts';
import type { Attempt, LoginWatch } from './login/login-watch.ts';
import type { LookUp } from './look-up.ts';
import type { Provider, Verdict } from './provider.ts';
import { PURPOSE_HEADER, withPurpose } from './purpose.ts';
import { createSpelling } from './spelling.ts';

/** What an identifier needs. There is one identifier per upstream. */
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
  /** Left out: nobody is locked out, and logins leave no trace. */
  readonly watch?: LoginWatch;
  /** Told when signing keys cannot be had; the text holds no credential. */
  readonly warn: (problem: string) => void;
}

/** Who calls: undefined when nobody was recognised, `locked` when nothing was verified because of failures before. */
export type Identified = Principal | undefined | 'locked';

/** Credentials → principal. */
export interface Identifier {
  /**
   * The caller. Synchronous where the credential is known already. Never throws, never rejects.
   * @param headers of the request, names in lower case
   * @param address of the client, as the socket sees it; left out where there is no socket
   */
  readonly identify: (headers: IncomingHttpHeaders, address?: string) => Identified | Promise<Identified>;
  /** Headers that never travel upstream, whatever they hold; lower case. */
  readonly credentialHeaders: ReadonlySet<string>;
  /**
   * True when this header of this request must not travel upstream. Says more than `credentialHeaders` where one header
   * may hold a credential for Privet (a JWT) or for the CRM.
   */
  readonly isMeantForPrivet: (name: string, value: string | readonly string[]) => boolean;
  /** See `LoginWatch.refusedByCrm`. */
  readonly refusedByCrm: LoginWatch['refusedByCrm'];
}

const UNWATCHED: LoginWatch = {
  isAddressLocked: () => false,
  isCredentialLocked: () => false,
  accepted: () => undefined,
  refused: () => undefined,
  refusedByCrm: () => undefined,
};

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

/** The headers that hold nothing but credentials for Privet. */
function ownHeaders(config: IdentityConfig, providers: readonly Provider[]): string[] {
  const shared = new Set(providers.map(({ sharesHeader }) => sharesHeader));
  return config
    .flatMap((provider) => {
      if ('jwt' in provider) return [provider.jwt.header ?? IDENTITY_DEFAULTS.jwtHeader];
      return 'apiKey' in provider ? [provider.apiKey.header ?? IDENTITY_DEFAULTS.apiKeyHeader] : [];
    })
    .filter((header) => !shared.has(header));
}

/**
 * Builds the identity section: providers in order. The first that finds a credential decides, even when the credential
 * is not valid.
 * @throws PrivetError IDENTITY_UNUSABLE when the section cannot work
 */
export function createIdentifier(config: IdentityConfig, deps: IdentifierDeps): Identifier {
  const providers = config.map((provider) => createProvider(provider, deps));
  const spell = createSpelling(deps.crmUserId);
  const { watch = UNWATCHED } = deps;
  const conclude = (
    verdict: Exclude<Verdict, 'absent'>,
    attempt: Attempt,
    headers: IncomingHttpHeaders,
  ): Principal | undefined => {
    if (typeof verdict === 'string') {
      watch.refused(verdict === 'nobody' ? 'unknown' : verdict, attempt);
      return undefined;
    }
    watch.accepted(verdict, attempt);
    return withPurpose(spell(verdict), headers[PURPOSE_HEADER]);
  };
  const credentialHeaders = new Set([PURPOSE_HEADER, ...ownHeaders(config, providers)]);

  return {
    identify: (headers, address = '') => {
      if (watch.isAddressLocked(address)) return 'locked';
      for (const provider of providers) {
        const { via, header } = provider;
        const value = headers[header];
        if (value === undefined) continue;
        const attempt = { via, credential: String(value), address };
        if (watch.isCredentialLocked(attempt)) return 'locked';
        const verdict = provider.identify(headers);
        // A provider that takes time has found a credential, so it decides.
        if (verdict instanceof Promise)
          return verdict.then((settled) =>
            settled === 'absent' ? undefined : conclude(settled, attempt, headers),
          );
        if (verdict !== 'absent') return conclude(verdict, attempt, headers);
      }
      return undefined;
    },
    credentialHeaders,
    isMeantForPrivet: (name, value) =>
      credentialHeaders.has(name) || providers.some((provider) => provider.owns(name, value)),
    refusedByCrm: watch.refusedByCrm,
  };
}
