import type { Limits } from '../limits.ts';

export interface LookUpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * One GET with verified TLS that follows no redirects. It must not read more than `limits.lookupBytesMax` and must not
 * log the URL, which may hold a token.
 */
export type LookUp = (
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<LookUpAnswer>;

export type LookUpLimits = Pick<Limits, 'lookupTimeoutMs' | 'lookupBytesMax'>;

/**
 * Looks up within the limits, even where the look-up itself hangs.
 * @throws Error on a timeout, an answer over the limit, or whatever the look-up throws
 */
export async function lookUpWithin(
  lookUp: LookUp,
  url: string,
  headers: Readonly<Record<string, string>>,
  limits: LookUpLimits,
): Promise<LookUpAnswer> {
  const expiry = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    expiry.abort();
    reject(new Error('The look-up took too long.'));
  }, limits.lookupTimeoutMs);
  try {
    const answer = await Promise.race([lookUp(url, headers, expiry.signal), expired]);
    if (Buffer.byteLength(answer.body) > limits.lookupBytesMax) throw new Error('The answer is too large.');
    return answer;
  } finally {
    clearTimeout(timer);
  }
}
