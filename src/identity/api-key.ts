import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { endOf } from '../document/until.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../model/principal.ts';
import { type ApiKeyConfig, type ApiKeyEntry, IDENTITY_DEFAULTS } from './config.ts';
import type { Provider } from './provider.ts';
import { heldPurposes } from './purpose.ts';

/** Of SHA-256. */
const DIGEST_BYTES = 32;

function principalOf(entry: ApiKeyEntry): Principal {
  const { sha256: _, until: __, roles = [], purposes = [], ...attributes } = entry;
  return { ...attributes, roles, ...heldPurposes(purposes, []), via: 'apiKey' };
}

export interface ApiKeyDeps {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'credentialBytesMax'>;
}

/**
 * Recognises callers by a key that was handed out for Privet. Only hashes are configured; every one of them is
 * compared, each in constant time, so that the time taken says nothing of how near a guess was.
 * @throws PrivetError IDENTITY_UNUSABLE when two entries have the same key
 */
export function createApiKeyProvider(config: ApiKeyConfig, { clock, limits }: ApiKeyDeps): Provider {
  const header = config.header ?? IDENTITY_DEFAULTS.apiKeyHeader;
  const entries = config.keys.map((entry) => ({
    digest: Buffer.from(entry.sha256, 'hex'),
    principal: principalOf(entry),
    // The loader lets no end pass that does not exist.
    end: entry.until === undefined ? Number.POSITIVE_INFINITY : (endOf(entry.until) ?? 0),
  }));
  if (new Set(entries.map(({ digest }) => digest.toString('hex'))).size !== entries.length) {
    throw new PrivetError('IDENTITY_UNUSABLE', 'Two entries of apiKey.keys have the same sha256.');
  }
  // Node takes longer to make a buffer for a digest than to hash a key.
  const digest = Buffer.alloc(DIGEST_BYTES);
  return {
    via: 'apiKey',
    header,
    identify: (headers) => {
      const key = headers[header];
      if (key === undefined) return 'absent';
      if (typeof key !== 'string' || key.length > limits.credentialBytesMax || key.includes(','))
        return 'nobody';
      digest.write(hash('sha256', key, 'binary'), 'latin1');
      let holder: (typeof entries)[number] | undefined;
      for (const entry of entries) {
        if (timingSafeEqual(entry.digest, digest)) holder = entry;
      }
      if (holder === undefined) return 'nobody';
      return clock() < holder.end ? holder.principal : 'expired';
    },
    owns: (name) => name === header,
  };
}
