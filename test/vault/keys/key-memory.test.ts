import { describe, expect, it } from 'vitest';
import { drawKey } from '../../../src/vault/keys/key-memory.ts';

const ROOMS = 3;
const KEYS_PER_ROOM = 128;

describe('memory for keys', () => {
  it('gives keys of 32 random bytes, none of them twice', () => {
    const keys = Array.from({ length: ROOMS * KEYS_PER_ROOM }, drawKey);
    expect(new Set(keys.map(({ length }) => length))).toEqual(new Set([32]));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length);
  });

  it('gives each key a place of its own', () => {
    const keys = Array.from({ length: ROOMS * KEYS_PER_ROOM }, drawKey);
    for (const [index, key] of keys.entries()) key.fill(index & 0xff);
    for (const [index, key] of keys.entries()) expect(key).toEqual(Buffer.alloc(32, index & 0xff));
  });

  it('keeps keys out of the memory that Node shares among buffers', () => {
    expect(drawKey().buffer).not.toBe(Buffer.allocUnsafe(32).buffer);
  });
});
