import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  readStoredKey,
  SEALED_KEY_BYTES,
  type StoredHolderKey,
  writeStoredKey,
} from '../../../src/vault/holder/stored-key.ts';

const WRAPPED = { version: 9_999, id: 'anIdOf12char', sealed: randomBytes(SEALED_KEY_BYTES) };
const PAST = { erased: '2026-11-26T18:00:00.000Z', destroyed: ['one', 'two'] };

describe('the entry of a data key', () => {
  it.each<[string, StoredHolderKey]>([
    ['a key', { wrapped: WRAPPED }],
    ['a key after others', { ...PAST, wrapped: WRAPPED }],
    ['keys that were destroyed', PAST],
    ['nothing', {}],
  ])('is read as it was written: %s', (_, key) => {
    // As the store gives it: bytes somewhere in others.
    const among = Buffer.concat([Buffer.from('before'), writeStoredKey(key), Buffer.from('after')]);
    expect(readStoredKey(new Uint8Array(among).subarray(6, among.length - 5))).toEqual(key);
  });

  it('is none when it was cut short or is something else', () => {
    const bytes = writeStoredKey({ wrapped: WRAPPED });
    for (let end = 0; end < bytes.length; end++)
      expect(() => readStoredKey(bytes.subarray(0, end))).toThrow();
    expect(() => readStoredKey(Buffer.from('{"wrapped":{}}'))).toThrow(RangeError);
  });
});
