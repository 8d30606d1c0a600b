import { createHash, hash } from 'node:crypto';

/**
 * A puncturable pseudorandom function (the tree of Goldreich, Goldwasser and Micali, https://doi.org/10.1145/6490.6503;
 * punctured as by Boneh and Waters, https://eprint.iacr.org/2013/352): one secret gives a key for every name, until it
 * is punctured there. From then on it gives that key to nobody, whatever else is known of it, and all others as before.
 *
 * The keys at the nodes that cover all names but the punctured ones, each by the way to it from the root, in bits.
 */
export type PuncturableSecret = ReadonlyMap<string, Buffer>;

/** Two names of ten million have one leaf, and so one fate, with a chance below 1 in 300,000. */
const DEPTH = 64;

function leafOf(name: string): string {
  const bytes = createHash('sha256')
    .update(name)
    .digest()
    .subarray(0, DEPTH / 8);
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
}

/** A generator of two keys from one: SHA-256 of texts of one length, which differ in the last byte. */
function child(key: Buffer, bit: string): Buffer {
  return hash('sha256', Buffer.concat([key, Buffer.from(bit)]), 'buffer');
}

/** @param root 32 random bytes */
export function newPuncturable(root: Buffer): PuncturableSecret {
  return new Map([['', root]]);
}

function nodeAbove(secret: PuncturableSecret, leaf: string): string | undefined {
  for (let length = 0; length <= DEPTH; length++) {
    const path = leaf.slice(0, length);
    if (secret.has(path)) return path;
  }
  return undefined;
}

/** 32 bytes; undefined where the secret was punctured. */
export function keyOfName(secret: PuncturableSecret, name: string): Buffer | undefined {
  const leaf = leafOf(name);
  const top = nodeAbove(secret, leaf);
  let key = top === undefined ? undefined : secret.get(top);
  if (top === undefined || key === undefined) return undefined;
  for (const bit of leaf.slice(top.length)) key = child(key, bit);
  return Buffer.from(key);
}

/** The same secret without the key of this name, and nothing left to compute it from; the secret given still has it. */
export function puncture(secret: PuncturableSecret, name: string): PuncturableSecret {
  const leaf = leafOf(name);
  const top = nodeAbove(secret, leaf);
  let key = top === undefined ? undefined : secret.get(top);
  if (top === undefined || key === undefined) return secret;
  const left = new Map(secret);
  left.delete(top);
  for (let depth = top.length; depth < DEPTH; depth++) {
    const way = leaf.charAt(depth);
    const other = way === '0' ? '1' : '0';
    left.set(leaf.slice(0, depth) + other, child(key, other));
    key = child(key, way);
  }
  return left;
}
