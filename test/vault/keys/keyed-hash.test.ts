import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createKeyedHash } from '../../../src/vault/keys/keyed-hash.ts';

describe('a keyed hash', () => {
  const key = randomBytes(32);

  const TEXTS = [
    '',
    'ana@example.com',
    'Contact:0035e00000A1b2C',
    'José 名前 🦔',
    'half a pair: \ud83e',
    'x'.repeat(64),
    '字'.repeat(4_096),
    'x'.repeat(4_097),
    // After longer ones: nothing of them is left behind.
    'ana',
  ];

  it.each([0, 1, 32, 64, 65, 200])('is HMAC-SHA256 cut to 132 bits, with a key of %i bytes', (bytes) => {
    const key = randomBytes(bytes);
    const hmac = (text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
    expect(TEXTS.map(createKeyedHash(key, { cacheMax: 10 }))).toEqual(TEXTS.map(hmac));
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

  it('remembers nothing that nobody has asked for since two minutes, and looks no more then', () => {
    vi.useFakeTimers();
    const hash = createKeyedHash(key, { cacheMax: 10 });
    const before = hash('ana');
    vi.advanceTimersByTime(120_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(hash('ana')).toBe(before);
    vi.useRealTimers();
  });

  it('takes long texts too', () => {
    const hash = createKeyedHash(key, { cacheMax: 10 });
    expect(hash('a'.repeat(10_000))).toBe(hash('a'.repeat(10_000)));
  });
});
