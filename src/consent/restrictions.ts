import type { Clock } from '../clock.ts';
import type { ReadableStore } from '../store/store.ts';
import { RESTRICTED } from './places.ts';

/** Whether anybody's processing is restricted (GDPR Art. 18). */
export interface Restrictions {
  /** As of at most a second ago; true when it is not known. */
  readonly any: () => boolean;
  /** False while the store cannot be read, as far as is known. */
  readonly isKnown: () => boolean;
  /** Looks again. Never throws. */
  readonly look: () => Promise<void>;
  readonly close: () => void;
}

const VALID_MS = 1_000;
/** Short enough that even a slow read keeps the promise of a second. */
const INTERVAL_MS = 300;
/** Restrictions read at once. When all of them have ended, further ones may not have. */
const READ_MAX = 100;

/** @param isShared other instances write to the store: what was seen is good for a second */
export async function watchRestrictions(
  store: Pick<ReadableStore, 'page'>,
  clock: Clock,
  isShared: boolean,
): Promise<Restrictions> {
  let seen: { readonly any: boolean; readonly at: number } | undefined;
  const isKnown = (): boolean => seen !== undefined && (!isShared || performance.now() - seen.at < VALID_MS);

  async function look(): Promise<void> {
    const at = performance.now();
    try {
      const any = await isAnyRestricted(store, clock);
      if (seen === undefined || seen.at <= at) seen = { any, at };
    } catch {
      seen = undefined;
    }
  }

  await look();
  const timer = setInterval(() => void look(), INTERVAL_MS);
  timer.unref();
  return {
    any: () => !isKnown() || seen?.any !== false,
    isKnown,
    look,
    close: () => clearInterval(timer),
  };
}

/** Whether anybody is restricted now; also true when that cannot be told with one look. */
export async function isAnyRestricted(store: Pick<ReadableStore, 'page'>, clock: Clock): Promise<boolean> {
  const entries = await store.page(RESTRICTED, READ_MAX);
  const now = clock();
  return entries.length === READ_MAX || entries.some(({ value }) => isInForce(value, now));
}

function isInForce(value: Uint8Array, now: number): boolean {
  const until = Buffer.from(value).toString();
  return until === '' || now < Number(until);
}
