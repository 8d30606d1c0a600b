import { createHmac, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextHmac } from '../../../src/vault/keys/text-hmac.ts';

describe('the HMAC of a text', () => {
  it.each([0, 1, 32, 64, 65, 200])('is what Node says, with a key of %i bytes', (bytes) => {
    const key = randomBytes(bytes);
    const hmac = createTextHmac(key);
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      // Around the length from which Node's own way is taken.
      fc
        .tuple(fc.constantFrom('x', '字', '\ud83e'), fc.integer({ min: 4_094, max: 4_098 }))
        .map(([unit, length]) => unit.repeat(length)),
    );
    fc.assert(
      fc.property(text, (text) => {
        expect(hmac(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
      }),
    );
  });
});
