import type { VaultContext } from '../context.ts';
import { drawBytes } from '../keys/random.ts';
import { encryptDigits } from './ff1.ts';
import { shapedToken } from './shape.ts';
import { newToken } from './token.ts';
import type { TokenGroup } from './token-group.ts';

const TWEAK_BYTES = 16;

/**
 * Draws a token for a value. Digits are encrypted by FF1 under a random tweak that is then forgotten: nobody, whatever
 * keys they hold, computes a value from its token, so that destroying a data key destroys the way back. Only the vault
 * knows it.
 * @returns undefined when the value does not have the format
 */
export function drawToken(
  { keyring, limits }: Pick<VaultContext, 'keyring' | 'limits'>,
  { format, value }: Pick<TokenGroup, 'format' | 'value'>,
): string | undefined {
  if (format === 'token' || format === 'email') return newToken(format, keyring.activeVersion);
  const key = keyring.derive(`vault ff1 ${format}`);
  return shapedToken(
    format,
    value,
    (digits) => encryptDigits(key, drawBytes(TWEAK_BYTES), digits),
    limits.tokenTriesMax,
  );
}
