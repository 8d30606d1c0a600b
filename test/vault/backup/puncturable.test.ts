import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfName, newPuncturable, puncture } from '../../../src/vault/backup/puncturable.ts';

describe('a puncturable secret', () => {
  it('gives a key for every name, the same each time and another for another', () => {
    const secret = newPuncturable(randomBytes(32));
    const names = Array.from({ length: 500 }, (_, index) => `name ${index}`);
    const keys = names.map((name) => keyOfName(secret, name)?.toString('hex'));
    expect(new Set(keys).size).toBe(500);
    expect(names.map((name) => keyOfName(secret, name)?.toString('hex'))).toEqual(keys);
  });

  it('gives no key where it was punctured, and all others as before', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 39 }),
        (names, count) => {
          const whole = newPuncturable(randomBytes(32));
          const before = names.map((name) => keyOfName(whole, name)?.toString('hex'));
          const punctured = names.slice(0, count).reduce(puncture, whole);
          const after = names.map((name) => keyOfName(punctured, name)?.toString('hex'));
          expect(after).toEqual(before.map((key, index) => (index < count ? undefined : key)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('holds no key on the way to a punctured name', () => {
    const root = randomBytes(32);
    const left = puncture(newPuncturable(Buffer.from(root)), 'gone');
    expect([...left.values()].some((key) => key.equals(root))).toBe(false);
    const paths = [...left.keys()];
    for (const path of paths) {
      expect(paths.filter((other) => other !== path && other.startsWith(path))).toEqual([]);
    }
    expect(puncture(left, 'gone')).toBe(left);
  });
});
