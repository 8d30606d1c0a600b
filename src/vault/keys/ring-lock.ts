import { PrivetError } from '../../errors.ts';
import { type Lock, lockFile } from '../../store/writer-lock.ts';

/** A change takes milliseconds: whoever waits longer has met a process that hangs. */
const WAIT_MS = 10_000;
/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Changes the ring, or the backup secret beside it, while no other process does: of two that read the same and write at
 * once, one would undo what the other did, be it a new key or an erasure.
 * @param ring its path
 * @throws PrivetError KEYRING_UNUSABLE when another process is at it all the time
 */
export async function changeRing<Result>(ring: string, change: () => Promise<Result>): Promise<Result> {
  let lock: Lock;
  try {
    lock = lockFile(`${ring}.lock`, WAIT_MS);
  } catch (cause) {
    const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
    const why = isBusy ? 'another process is changing it' : 'its folder cannot be written to';
    throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${ring} cannot be changed: ${why}.`, { cause });
  }
  try {
    return await change();
  } finally {
    lock.release();
  }
}
