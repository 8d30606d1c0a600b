import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyedHash } from '../../src/vault/keyed-hash.ts';

describe('a keyed hash', () => {
  const key = randomBytes(32);

  it('is HMAC-SHA256 cut to 132 bits', () => {
    const expected = createHmac('sha256', key).update('ana@example.com').digest('base64url').slice(0, 22);
    expect(createKeyedHash(key, { cacheMax: 10 })('ana@example.com')).toBe(expected);
  });

  it('is another under another key', () => {
    const other = createKeyedHash(randomBytes(32), { cacheMax: 10 });
    expect(other('ana')).not.toBe(createKeyedHash(key, { cacheMax: 10 })('ana'));
  });

  it.each([0, 1, 2, 7])('is the same whatever was forgotten in between (cache of %i)', (cacheMax) => {
    const hash = createKeyedHash(key, { cacheMax });
    const fresh = createKeyedHash(key, { cacheMax: 1_000 });
    const texts = Array.from({ length: 50 }, (_, index) => `value ${(index * 7) % 13}`);
    expect(texts.map(hash)).toEqual(texts.map(fresh));
  });

  it('takes long texts too', () => {
    const hash = createKeyedHash(key, { cacheMax: 10 });
    expect(hash('a'.repeat(10_000))).toBe(hash('a'.repeat(10_000)));
  });
});
