import type { VaultContext } from '../context.ts';
import { SWEPT } from '../places.ts';
import { forgetRows } from '../token/claims.ts';
import { isRekeyed, rekey } from './rekey.ts';
import { checkRing } from './ring-check.ts';
import { type Swept, sweep } from './sweep.ts';

/** The last sweep of a vault, by whichever instance. */
export interface LastSweep extends Swept {
  /** When it began, RFC 3339. */
  readonly at: string;
}

export interface HousekeepingOptions {
  /**
   * True where no other instance writes to the store: then values are indexed under a new key as soon as this one has
   * read the ring.
   */
  readonly isAlone: boolean;
  /** Hears of what was done, and of what failed. */
  readonly tell: (event: HousekeepingEvent) => void;
}

export type HousekeepingEvent =
  | { readonly swept: Swept }
  | { readonly rotatedTo: number }
  | { readonly failed: unknown };

export interface Housekeeping {
  /** Resolves when the round under way is done. */
  readonly stop: () => Promise<void>;
}

/** Looks after a vault while it is used, every `limits.vaultHousekeepingMs`. */
export function keepHouse(context: VaultContext, options: HousekeepingOptions): Housekeeping {
  const { vaultHousekeepingMs } = context.limits;
  let running: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    await tidy(context, options);
    running = undefined;
  };
  const timer = setInterval(() => {
    // A round that takes longer than the interval is not joined by a second one.
    running ??= round();
  }, vaultHousekeepingMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/**
 * One round: reads the ring again, brings the vault to its active key, and sweeps. What fails is told and tried again
 * in the next round.
 */
export async function tidy(context: VaultContext, { isAlone, tell }: HousekeepingOptions): Promise<void> {
  try {
    const before = context.keyring.activeVersion;
    await context.keyring.reload();
    const { activeVersion } = context.keyring;
    await checkRing(context);
    if (activeVersion !== before) tell({ rotatedTo: activeVersion });
    if (isAlone && !(await isRekeyed(context))) await rekey(context);
    const swept = await sweepInTurn(context);
    if (swept !== undefined) tell({ swept });
  } catch (failed) {
    tell({ failed });
  }
}

/** One instance sweeps, the others leave it to that one. */
async function sweepInTurn(context: VaultContext): Promise<Swept | undefined> {
  const { store, clock, limits } = context;
  const stored = await store.get(SWEPT);
  const now = clock();
  const agoMs = stored === undefined ? Number.POSITIVE_INFINITY : now - Date.parse(readSweep(stored).at);
  // A sweep from far ahead was before the clock was set back.
  if (Math.abs(agoMs) < limits.vaultSweepMs) return undefined;
  const at = new Date(now).toISOString();
  const begun = encode({ at, reclaimed: 0, unheard: 0 });
  const [conflict] = await store.writeIf([
    { expect: [{ key: SWEPT, value: stored }], writes: [{ put: SWEPT, value: begun }] },
  ]);
  if (conflict !== undefined) return undefined;
  await forgetRows(context);
  const swept = await sweep(context, limits.vaultPendingMs);
  await store.write([{ put: SWEPT, value: encode({ at, ...swept }) }]);
  return swept;
}

export function readSweep(stored: Uint8Array): LastSweep {
  // Written by this vault alone.
  return JSON.parse(Buffer.from(stored).toString()) as LastSweep;
}

function encode(sweep: LastSweep): Buffer {
  return Buffer.from(JSON.stringify(sweep));
}
