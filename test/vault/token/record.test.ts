import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeRecord, openRecord, sealRecord, withGrants } from '../../../src/vault/token/record.ts';

const KEY = { id: 'theKeysId', key: randomBytes(32), stored: Buffer.alloc(0) };
const NAME = {
  domain: 'sales:identity.national-id',
  token: 'pvt1_a',
  kind: 'deterministic',
  format: 'token',
} as const;

function recordOf(value: string, name: Parameters<typeof sealRecord>[0] = NAME) {
  return decodeRecord(sealRecord(name, { value, holder: 'dHolder', key: KEY, version: 70_000, grants: 3 }));
}

describe('a record', () => {
  it.each([
    ['of a text', NAME, '12345678Z'],
    ['of an empty text', NAME, ''],
    ['of any characters', { ...NAME, domain: 'ventas:Órgano', token: '字 "🦔" \0' }, 'Zoë 🦊 \0 "quoted"'],
    ['of a long text', { ...NAME, token: '1'.repeat(40_000) }, '字'.repeat(20_000)],
    ['at random', { ...NAME, kind: 'random' }, 'ring twice'],
    ['of a shape', { ...NAME, kind: 'format-preserving', format: 'fr-nir' }, '1 85 05 78 006 084 91'],
  ] as const)('is read as it was made: %s', (_, name, value) => {
    const record = recordOf(value, name);
    expect(record).toMatchObject({
      ...name,
      version: 70_000,
      holder: 'dHolder',
      keyId: 'theKeysId',
      grants: 3,
    });
    expect(openRecord(record, KEY.key)).toBe(value);
    expect(record.bytes.includes(Buffer.from(value || 'never'))).toBe(false);
  });

  it('opens with any number of grants', () => {
    const record = withGrants(recordOf('12345678Z'), 4_000_000_000);
    expect(decodeRecord(record.bytes)).toEqual(record);
    expect(record.grants).toBe(4_000_000_000);
    expect(openRecord(record, KEY.key)).toBe('12345678Z');
  });

  it('does not open when any other bit of it was changed, or with another key', () => {
    const { bytes } = recordOf('12345678Z');
    for (let at = 0; at < bytes.length; at++) {
      if (at >= 1 && at < 5) continue;
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        expect(opened(changed)).toBeUndefined();
      }
    }
    expect(openRecord(decodeRecord(bytes), randomBytes(32))).toBeUndefined();
  });

  it('is none when it was cut short', () => {
    const { bytes } = recordOf('12345678Z');
    for (let end = 0; end < bytes.length; end++) expect(opened(bytes.subarray(0, end))).toBeUndefined();
  });
});

/** What opens of bytes that may be no record. */
function opened(bytes: Buffer): string | undefined {
  try {
    return openRecord(decodeRecord(bytes), KEY.key);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}
