import type { Write } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { forgetKey } from '../holder/holder-key-cache.ts';
import { loadHolderKeys } from '../holder/holder-keys.ts';
import { bondKey, bondsOf, holderKey, holdingKey, holdingsOf, lastSegment, markKey } from '../places.ts';
import { removeHolder } from './remove-holder.ts';

/** A provisional holder, and the data subject that it has become. */
export interface Bonded {
  readonly provisional: string;
  readonly holder: string;
}

/** Notes who a provisional holder is, and when that became known. */
export function bondOf(
  { holder, provisional }: Bonded,
  nowMs: number,
): Extract<Write, { readonly put: string }> {
  return { put: bondKey(holder, provisional), value: Buffer.from(String(nowMs)) };
}

/** When a bond was noted, in milliseconds since the epoch. */
export function boundAt(bond: Uint8Array): number {
  return Number(Buffer.from(bond).toString());
}

/**
 * Drops what a provisional holder has and its data subject had already, and the holder itself when nothing is left. A
 * record that is upserted by a key is somebody new until the CRM tells whose it was, so a nightly load would otherwise
 * seal every value once more each night.
 */
export async function dropRepeated(context: VaultContext, { provisional, holder }: Bonded): Promise<void> {
  const { store, keyring, limits } = context;
  const [bonds, holdings] = await Promise.all([
    store.page(bondsOf(holder), limits.vaultBatchMax),
    store.page(holdingsOf(provisional), limits.vaultBatchMax),
  ]);
  const others = [holder, ...bonds.map(({ key }) => lastSegment(key))].filter((one) => one !== provisional);
  const ids = holdings.map(({ key }) => lastSegment(key));
  const witnesses = ids.flatMap((id) => others.map((other) => [holdingKey(other, id), markKey(id, other)]));
  const found = await store.getMany(witnesses.flat());
  const key = (await loadHolderKeys(store, keyring, [provisional])).get(provisional);
  for (const [index, id] of ids.entries()) {
    // What the CRM has not confirmed may be reclaimed, so it is no witness.
    const at = others.findIndex((_, other) => {
      const place = 2 * (index * others.length + other);
      return found[place] !== undefined && found[place + 1] === undefined;
    });
    const witness = index * others.length + at;
    const [holding, mark] = (at === -1 ? undefined : witnesses[witness]) ?? [];
    if (holding === undefined || mark === undefined) return;
    const expect = [
      { key: holding, value: found[2 * witness] },
      { key: mark, value: undefined },
    ];
    if (!(await removeHolder(context, id, provisional, key, expect))) return;
  }
  if (ids.length === limits.vaultBatchMax) return;
  const place = holderKey(provisional);
  await store.writeIf([
    {
      expect: [{ key: place, value: key?.stored }],
      writes: [{ delete: place }, { delete: bondKey(holder, provisional) }],
    },
  ]);
  forgetKey(keyring, provisional);
}
