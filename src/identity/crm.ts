import { createExpiringMap } from '../cache/expiring-map.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import type { CrmUser, WhoAmI, WhoAmIRequest } from '../model/who-am-i.ts';
import { type FoundToken, identifyByToken } from './by-token.ts';
import { type CrmIdentityConfig, IDENTITY_DEFAULTS } from './config.ts';
import { type LookUp, lookUpWithin } from './look-up.ts';
import type { Provider, Verdict } from './provider.ts';
import { heldPurposes } from './purpose.ts';
import { createSingleFlight } from './single-flight.ts';

export interface CrmDeps {
  readonly clock: Clock;
  readonly whoAmI: WhoAmI;
  /** Asks the CRM; its `url` is a path and query on the upstream. */
  readonly lookUp: LookUp;
  readonly keyedHash: (text: string) => string;
  readonly limits: Pick<
    Limits,
    | 'credentialBytesMax'
    | 'lookupBytesMax'
    | 'lookupRefusedMs'
    | 'lookupTimeoutMs'
    | 'principalCacheMax'
    | 'principalClaimsMax'
  >;
}

/** Schemes of bearer tokens: RFC 6750, and what Salesforce and Zoho call the same. */
const SCHEMED = /^(?:bearer|oauth|zoho-oauthtoken) +([^ ]+)$/i;
/** Visible ASCII without a comma, which would mean two headers of one name. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]+$/;

/** `absent` for another scheme: that is not this provider's credential. */
function tokenIn(header: string, value: string): FoundToken {
  const token = header === 'authorization' ? SCHEMED.exec(value)?.[1] : value;
  if (token === undefined) return 'absent';
  return TOKEN.test(token) ? { token } : 'nobody';
}

/** Whether the CRM has refused the token. A busy or failing CRM has not answered. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/**
 * Recognises callers by the token that they send to the CRM, by asking the CRM whose it is. The answer is remembered
 * under the token's keyed hash; a refusal briefly, a failure not at all.
 */
export function createCrmProvider(config: CrmIdentityConfig, deps: CrmDeps): Provider {
  const { clock, whoAmI, lookUp, keyedHash, limits } = deps;
  const header = whoAmI.header.toLowerCase();
  const cacheMs = config.cacheMs ?? IDENTITY_DEFAULTS.crmCacheMs;
  const rolesOf = new Map(Object.entries(config.roles ?? {}));
  const purposesOf = new Map(Object.entries(config.purposes ?? {}));
  const known = createExpiringMap<Principal>(clock, limits.principalCacheMax);
  // Kept apart, so that a flood of made-up tokens cannot evict the valid ones.
  const refused = createExpiringMap<true>(clock, limits.principalCacheMax);
  const once = createSingleFlight<Verdict>();

  function principalOf(user: CrmUser): Principal | undefined {
    const { id, crmUserId, groups } = user;
    if (id === '' || groups.length > limits.principalClaimsMax) return undefined;
    return {
      id,
      roles: [...new Set(groups.flatMap((group) => rolesOf.get(group) ?? []))],
      ...heldPurposes([...new Set(groups.flatMap((group) => purposesOf.get(group) ?? []))], []),
      ...(crmUserId === undefined ? {} : { crmUserId }),
      via: 'crm',
    };
  }

  /** Undefined when the CRM refuses to say. @throws Error when it does not answer, or its answer cannot be read */
  async function answerTo({ path, headers }: WhoAmIRequest): Promise<unknown> {
    const { status, body } = await lookUpWithin(lookUp, path, headers, limits);
    if (isRefusal(status)) return undefined;
    if (status !== 200) throw new Error('The CRM has not answered.');
    const answer: unknown = JSON.parse(body);
    return answer;
  }

  /** Undefined when the token is nobody's. @throws Error as `answerTo` */
  async function userOf(token: string): Promise<CrmUser | undefined> {
    const answer = await answerTo(whoAmI.request(token));
    const user = answer === undefined ? undefined : whoAmI.parse(answer);
    if (user === undefined || whoAmI.more === undefined) return user;
    return whoAmI.more.parse(await answerTo(whoAmI.more.request(token, user)), user);
  }

  async function ask(token: string, key: string): Promise<Verdict> {
    try {
      const user = await userOf(token);
      const principal = user && principalOf(user);
      if (principal === undefined) refused.set(key, true, clock() + limits.lookupRefusedMs);
      else known.set(key, principal, clock() + cacheMs);
      return principal ?? 'nobody';
    } catch {
      // The cause may quote the URL, and with it the token.
      return 'unanswered';
    }
  }

  return {
    via: 'crm',
    header,
    identify: identifyByToken({
      header,
      tokenIn,
      known,
      keyedHash,
      limits,
      judge: (token, key) => (refused.get(key) === undefined ? once(key, () => ask(token, key)) : 'nobody'),
    }),
    owns: () => false,
    sharesHeader: header,
  };
}
