import { describe, expect, it } from 'vitest';
import { hashTransform } from '../../src/transform/hash.ts';
import { createKeyedHash } from '../../src/vault/keys/keyed-hash.ts';

const keyOf = (field: string) => createKeyedHash(Buffer.alloc(32, field), { cacheMax: 10 });

const context = (field: string) => ({ field, hash: (name: string, text: string) => keyOf(name)(text) });

describe('hash', () => {
  const email = hashTransform({ kind: 'hash' }, context('Email'));

  it('keeps equal values equal, and different ones different', () => {
    expect(email.string('ana@example.com')).toMatch(/^h_[\w-]{22}$/);
    expect(email.string('ana@example.com')).toBe(email.string('ana@example.com'));
    expect(email.string('ana@example.com')).not.toBe(email.string('Ana@example.com'));
  });

  it('cannot be joined with the hash of another field', () => {
    const other = hashTransform({ kind: 'hash' }, context('OtherEmail'));
    expect(other.string('ana@example.com')).not.toBe(email.string('ana@example.com'));
  });

  it('makes null of a number, and nothing of an empty string', () => {
    expect(email.number('7')).toBeNull();
    expect(email.string('')).toBe('');
  });

  it('recognises its own', () => {
    expect(email.recognises(email.string('ana') ?? '')).toBe(true);
    expect(email.recognises(`${email.string('ana')}x`)).toBe(true); // half-edited
    expect(email.recognises('h_ana')).toBe(false);
  });
});
