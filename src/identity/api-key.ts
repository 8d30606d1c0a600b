import { hash, timingSafeEqual } from 'node:crypto';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import { type ApiKeyConfig, type ApiKeyEntry, IDENTITY_DEFAULTS } from './config.ts';
import type { Provider } from './provider.ts';

function principalOf({ id, roles, purposes, region, level, crmUserId }: ApiKeyEntry): Principal {
  return {
    id,
    roles: roles ?? [],
    purposes: purposes ?? [],
    ...(region === undefined ? {} : { region }),
    ...(level === undefined ? {} : { level }),
    ...(crmUserId === undefined ? {} : { crmUserId }),
    via: 'apiKey',
  };
}

/**
 * Recognises callers by a key that was handed out for Privet. Only hashes are configured; every one of them is compared, each
 * in constant time, so that the time taken says nothing of how near a guess was.
 * @throws PrivetError IDENTITY_UNUSABLE when two entries have the same key
 */
export function createApiKeyProvider(
  config: ApiKeyConfig,
  limits: Pick<Limits, 'credentialBytesMax'>,
): Provider {
  const header = config.header ?? IDENTITY_DEFAULTS.apiKeyHeader;
  const entries = config.keys.map((entry) => ({
    digest: Buffer.from(entry.sha256, 'hex'),
    principal: principalOf(entry),
  }));
  if (new Set(entries.map(({ digest }) => digest.toString('hex'))).size !== entries.length) {
    throw new PrivetError('IDENTITY_UNUSABLE', 'Two entries of apiKey.keys have the same sha256.');
  }
  return {
    via: 'apiKey',
    header,
    identify: (headers) => {
      const key = headers[header];
      if (key === undefined) return 'absent';
      if (typeof key !== 'string' || key.length > limits.credentialBytesMax || key.includes(','))
        return 'nobody';
      const digest = hash('sha256', key, 'buffer');
      let holder: Principal | undefined;
      for (const entry of entries) {
        if (timingSafeEqual(entry.digest, digest)) holder = entry.principal;
      }
      return holder ?? 'nobody';
    },
    owns: (name) => name === header,
  };
}
