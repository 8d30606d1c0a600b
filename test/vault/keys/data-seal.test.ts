import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATA_SEAL_BYTES, openDataInto, sealDataInto } from '../../../src/vault/keys/data-seal.ts';

const KEY = randomBytes(32);
const BOUND_TO = Buffer.from('field, version and person');

function sealed(text: Buffer, before = Buffer.alloc(0), boundTo = BOUND_TO): Buffer {
  const bytes = Buffer.concat([before, Buffer.alloc(DATA_SEAL_BYTES + text.length)]);
  sealDataInto(bytes, KEY, text, boundTo);
  return bytes;
}

interface Given {
  readonly key?: Buffer;
  readonly boundTo?: Buffer;
  readonly start?: number;
  readonly length?: number;
}

function opened(bytes: Buffer, { key = KEY, boundTo = BOUND_TO, start = 0, length }: Given = {}) {
  const plain = Buffer.alloc(length ?? Math.max(0, bytes.length - start - DATA_SEAL_BYTES));
  return openDataInto(plain, key, bytes, boundTo, start) ? plain : undefined;
}

describe('the seal of data keys and values', () => {
  it('opens what others sealed: the vector of draft-irtf-cfrg-xchacha-03, A.3.1', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 0x80 + index));
    const nonce = Buffer.from(Array.from({ length: 24 }, (_, index) => 0x40 + index));
    const boundTo = Buffer.from('50515253c0c1c2c3c4c5c6c7', 'hex');
    const text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    const ciphertext = Buffer.from(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39' +
        'ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
        '21f9664c97637da9768812f615c68b13b52e',
      'hex',
    );
    const tag = Buffer.from('c0875924c1c7987947deafd8780acf49', 'hex');
    expect(opened(Buffer.concat([nonce, ciphertext, tag]), { key, boundTo })?.toString()).toBe(text);
  });

  it('gives back what it sealed, behind whatever stands before it', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, bytes, bytes, (text, before, boundTo) => {
        const whole = sealed(text, before, boundTo);
        expect(whole.subarray(0, before.length)).toEqual(before);
        expect(opened(whole, { boundTo, start: before.length })).toEqual(text);
      }),
    );
  });

  it('never seals the same text alike', () => {
    const all = Array.from({ length: 1_000 }, () => sealed(Buffer.from('12345678Z')).toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });

  it('does not open with any bit changed, cut short, or made longer', () => {
    const bytes = sealed(Buffer.from('12345678Z'));
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(opened(changed)).toBeUndefined();
    }
    for (let end = 0; end < bytes.length; end++) expect(opened(bytes.subarray(0, end))).toBeUndefined();
    expect(opened(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
  });

  it.each<[string, Given]>([
    ['with another key', { key: randomBytes(32) }],
    ['bound to something else', { boundTo: Buffer.from('another person') }],
    ['bound to nothing', { boundTo: Buffer.alloc(0) }],
    ['into room for another length', { length: 8 }],
    ['from another place', { start: 1 }],
  ])('does not open %s', (_, given) => {
    expect(opened(sealed(Buffer.from('12345678Z')), given)).toBeUndefined();
  });
});
