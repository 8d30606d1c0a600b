import { PrivetError } from '../errors.ts';
import type { ReadableStore } from '../store/store.ts';

/**
 * Refuses a store in which a build before 0.1.0 has left audit events: they were kept among the other keys, and nobody
 * would ship them.
 * @throws PrivetError STORE_UNUSABLE
 */
export async function refuseEarlierSpool(store: ReadableStore): Promise<void> {
  const [head, shipped] = await store.getMany(['audit/head', 'audit/trimmed']);
  if (head === undefined || (shipped !== undefined && Buffer.compare(head, shipped) === 0)) return;
  throw new PrivetError(
    'STORE_UNUSABLE',
    'It holds audit events in the form of an earlier build: ship them with that build, or name another directory.',
  );
}
