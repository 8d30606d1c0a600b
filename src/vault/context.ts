import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { ReadableStore, Store } from '../store/store.ts';
import type { Keyring } from './keys/keyring.ts';

export type VaultLimits = Pick<
  Limits,
  | 'tokenValueBytesMax'
  | 'vaultBatchMax'
  | 'tokenTriesMax'
  | 'vaultHousekeepingMs'
  | 'vaultSweepMs'
  | 'vaultPendingMs'
>;

/** What every part of the vault works with. */
export interface VaultContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly limits: VaultLimits;
}

/** Enough for reading while another process writes. */
export interface VaultReading extends Omit<VaultContext, 'store'> {
  readonly store: ReadableStore;
}

/** In turns of at most `size`. */
export function inTurns<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const turns: Item[][] = [];
  for (let start = 0; start < items.length; start += size) turns.push(items.slice(start, start + size));
  return turns;
}
