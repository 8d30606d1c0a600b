import { requireWholeVault } from './backup/restoring.ts';
import type { VaultContext } from './context.ts';
import { type RowResult, refuseRows, rememberRows, settleRows, type UploadedRow } from './token/claims.ts';
import { type Detokenized, type DetokenizeItem, detokenize } from './token/detokenize.ts';
import { type LookUpItem, lookUp } from './token/look-up.ts';
import type { TokenizeItem } from './token/token-group.ts';
import type { TokenUse } from './token/token-use.ts';
import { type Tokenized, tokenize } from './token/tokenize.ts';
import { bind, confirm, release } from './token/uses.ts';
import { type Erased, erase } from './upkeep/erase.ts';
import { type Housekeeping, type HousekeepingOptions, keepHouse } from './upkeep/housekeeping.ts';
import { type Rekeyed, rekey } from './upkeep/rekey.ts';
import { checkRing } from './upkeep/ring-check.ts';
import { storeOfVault } from './upkeep/same-vault.ts';

/**
 * Values and the tokens that stand for them. Every method is safe to call at the same time from any number of instances
 * over one store, and may throw PrivetError VAULT_UNAVAILABLE or the store's own errors: then nothing that needs it may
 * pass.
 */
export interface Vault {
  readonly tokenize: (items: readonly TokenizeItem[]) => Promise<readonly Tokenized[]>;
  readonly detokenize: (items: readonly DetokenizeItem[]) => Promise<readonly Detokenized[]>;
  readonly lookUp: (items: readonly LookUpItem[]) => Promise<readonly (readonly string[])[]>;
  readonly confirm: (uses: readonly TokenUse[]) => Promise<void>;
  readonly release: (uses: readonly TokenUse[]) => Promise<void>;
  readonly bind: (
    provisional: { readonly provisional: string },
    dataSubject: { readonly id: string },
  ) => Promise<void>;
  readonly rememberRows: (rows: readonly UploadedRow[]) => Promise<void>;
  readonly settleRows: (results: readonly RowResult[]) => Promise<void>;
  readonly refuseRows: (upload: string) => Promise<void>;
  readonly erase: (dataSubject: { readonly id: string }) => Promise<Erased>;
  readonly rekey: () => Promise<Rekeyed>;
  /** Looks after the vault until it is stopped. */
  readonly keepHouse: (options: HousekeepingOptions) => Housekeeping;
}

/** Does it once more when the ring was read again while it failed. */
async function withNewestRing<Result>(
  { keyring }: VaultContext,
  use: () => Promise<Result>,
): Promise<Result> {
  const { versions } = keyring;
  try {
    return await use();
  } catch (error) {
    if (keyring.versions === versions) throw error;
    return use();
  }
}

/**
 * @throws PrivetError KEYRING_UNUSABLE when the store was filled with another ring, VAULT_UNAVAILABLE when a restore
 * was cut short
 */
export async function openVault(given: VaultContext): Promise<Vault> {
  await checkRing(given);
  await requireWholeVault(given.store);
  const context = { ...given, store: await storeOfVault(given.store, given.keyring) };
  return {
    tokenize: (items) => withNewestRing(context, () => tokenize(context, items)),
    detokenize: (items) => withNewestRing(context, () => detokenize(context, items)),
    lookUp: (items) => withNewestRing(context, () => lookUp(context, items)),
    confirm: (uses) => withNewestRing(context, () => confirm(context, uses)),
    release: (uses) => withNewestRing(context, () => release(context, uses)),
    bind: (provisional, dataSubject) =>
      withNewestRing(context, () => bind(context, provisional, dataSubject)),
    rememberRows: (rows) => withNewestRing(context, () => rememberRows(context, rows)),
    settleRows: (results) => withNewestRing(context, () => settleRows(context, results)),
    refuseRows: (upload) => withNewestRing(context, () => refuseRows(context, upload)),
    erase: (dataSubject) => withNewestRing(context, () => erase(context, dataSubject)),
    rekey: () => rekey(context),
    keepHouse: (options) => keepHouse(context, options),
  };
}
