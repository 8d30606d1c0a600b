import { describe, expect, it } from 'vitest';
import { cursorKey, cursorKeys, formatCursor, instanceOf, parseCursor } from '../../src/audit/cursor.ts';

describe('the cursor of an instance', () => {
  it.each([
    ['privet:audit', '{privet:audit}:shipped:i1'],
    ['{crm}:audit', '{crm}:audit:shipped:i1'],
  ])('of the stream %s is the key %s', (stream, key) => {
    expect(cursorKey(stream, 'i1')).toBe(key);
  });

  it('is found by a pattern that is good for one stream alone', () => {
    expect(cursorKeys('crm?[1]*')).toBe(String.raw`{crm\?\[1\]\*}:shipped:*`);
    expect(instanceOf(cursorKey('a:b', 'i1'))).toBe('i1');
  });

  it('reads back as it was written', () => {
    const cursor = { seq: 42, hash: 'ab'.repeat(32) };
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  });

  it.each(['', '42', `-1 ${'a'.repeat(64)}`, `1 ${'g'.repeat(64)}`, `1 ${'a'.repeat(63)}`])(
    'is not read from %j',
    (text) => {
      expect(parseCursor(text)).toBeUndefined();
    },
  );
});
