import { errors } from 'jose';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import { type LookUp, lookUpWithin } from '../look-up.ts';
import { type KeySource, KeysAway, parseJwks } from './jwks.ts';

export interface JwksUrlDeps {
  readonly clock: Clock;
  readonly lookUp: LookUp;
  readonly limits: Pick<
    Limits,
    'jwksCacheMs' | 'jwksRetryMs' | 'jwksStaleMs' | 'lookupTimeoutMs' | 'lookupBytesMax'
  >;
  readonly warn: (problem: string) => void;
}

/** While there are no keys at all nobody can be recognised, so the next fetch comes sooner. */
const FIRST_RETRY_MS_MAX = 1_000;

/**
 * Signing keys from a URL. Fetched when first needed, when they are old, and when a token names an unknown key, but
 * then at most once every `limits.jwksRetryMs`, because anyone can make up key ids. While their host is away the last
 * keys stay in force for `limits.jwksStaleMs`. Concurrent fetches are joined.
 */
export function createJwksUrl(url: string, { clock, lookUp, limits, warn }: JwksUrlDeps): KeySource {
  let current: { readonly keys: KeySource; readonly fetchedMs: number } | undefined;
  let attemptedMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    attemptedMs = clock();
    try {
      const { status, body } = await lookUpWithin(lookUp, url, { accept: 'application/json' }, limits);
      if (status !== 200) throw new Error(`Status ${status}`);
      current = { keys: parseJwks(body), fetchedMs: clock() };
    } catch {
      warn(`The signing keys ${new URL(url).host} cannot be fetched.`);
    } finally {
      running = undefined;
    }
  }

  function refresh(): Promise<void> {
    const retryMs =
      current === undefined ? Math.min(FIRST_RETRY_MS_MAX, limits.jwksRetryMs) : limits.jwksRetryMs;
    if (running === undefined && clock() - attemptedMs >= retryMs) running = fetchKeys();
    return running ?? Promise.resolve();
  }

  async function trustedKeys(): Promise<KeySource> {
    if (current === undefined || clock() - current.fetchedMs >= limits.jwksCacheMs) await refresh();
    if (current === undefined || clock() - current.fetchedMs >= limits.jwksCacheMs + limits.jwksStaleMs) {
      throw new KeysAway();
    }
    return current.keys;
  }

  return async (header, token) => {
    const keys = await trustedKeys();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      const newer = await trustedKeys();
      if (newer === keys) throw error;
      return newer(header, token);
    }
  };
}
