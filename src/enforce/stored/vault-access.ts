import { PrivetError } from '../../errors.ts';
import type { Vault } from '../../vault/vault.ts';

/** What enforcement asks of the vault. */
export type VaultAccess = Pick<
  Vault,
  | 'tokenize'
  | 'detokenize'
  | 'lookUp'
  | 'confirm'
  | 'release'
  | 'bind'
  | 'rememberRows'
  | 'settleRows'
  | 'refuseRows'
>;

/** The vault for obligations: every failure in it or in its store is VAULT_UNAVAILABLE, and so is a missing vault. */
export function guardVault(vault: VaultAccess | undefined): VaultAccess {
  const away = (cause?: unknown): PrivetError => new PrivetError('VAULT_UNAVAILABLE', undefined, { cause });
  const guard =
    <Args extends unknown[], Result>(call: ((...args: Args) => Promise<Result>) | undefined) =>
    async (...args: Args): Promise<Result> => {
      if (call === undefined) throw away();
      try {
        return await call(...args);
      } catch (error) {
        throw error instanceof PrivetError ? error : away(error);
      }
    };
  return {
    tokenize: guard(vault?.tokenize),
    detokenize: guard(vault?.detokenize),
    lookUp: guard(vault?.lookUp),
    confirm: guard(vault?.confirm),
    release: guard(vault?.release),
    bind: guard(vault?.bind),
    rememberRows: guard(vault?.rememberRows),
    settleRows: guard(vault?.settleRows),
    refuseRows: guard(vault?.refuseRows),
  };
}
