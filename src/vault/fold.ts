import type { VaultContext } from './context.ts';
import { forgetKey } from './holder-key-cache.ts';
import { bondKey, bondsOf, holderKey, holdingKey, holdingsOf, lastSegment, markKey } from './places.ts';
import { removeHolder } from './remove-holder.ts';

/** More ways in which one data subject holds its tokens are not looked through, nor are more tokens of one write. */
const HOLDERS_MAX = 100;
const NOTHING = Buffer.alloc(0);

/**
 * Lets go of a provisional data subject that was bound to one who holds each of its tokens in another way. Else whoever is written again and
 * again before its id is known, as upserts by a key do, would have a data key more each time.
 * @param holder of the data subject
 * @param provisional holder that is bound to it; all its uses have been confirmed
 */
export async function fold(context: VaultContext, holder: string, provisional: string): Promise<void> {
  const { store, keyring } = context;
  const [tokens, bonds, key] = await Promise.all([
    store.page(holdingsOf(provisional), HOLDERS_MAX),
    store.page(bondsOf(holder), HOLDERS_MAX),
    store.get(holderKey(provisional)),
  ]);
  const others = [holder, ...bonds.map((bond) => lastSegment(bond.key))].filter((one) => one !== provisional);
  if (tokens.length === 0 || tokens.length === HOLDERS_MAX || key === undefined) return;
  const kept = await Promise.all(
    tokens.map(async (token) => {
      const id = lastSegment(token.key);
      return { id, other: await otherHolder(context, id, others) };
    }),
  );
  if (kept.some(({ other }) => other === undefined)) return;
  for (const { id, other = '' } of kept) {
    // What is confirmed stays with its holder: nothing but an erasure takes it away.
    const expect = [
      { key: holdingKey(other, id), value: NOTHING },
      { key: markKey(id, other), value: undefined },
    ];
    if (!(await removeHolder(context, id, provisional, undefined, expect))) return;
  }
  forgetKey(keyring, provisional);
  await store.writeIf([
    {
      expect: [{ key: holderKey(provisional), value: key }],
      writes: [{ delete: holderKey(provisional) }, { delete: bondKey(holder, provisional) }],
    },
  ]);
}

/** One of the holders who has the token for good. */
async function otherHolder(
  { store }: VaultContext,
  id: string,
  others: readonly string[],
): Promise<string | undefined> {
  const found = await store.getMany(others.flatMap((one) => [holdingKey(one, id), markKey(id, one)]));
  return others.find((_, index) => found[2 * index] !== undefined && found[2 * index + 1] === undefined);
}
