import { describe, expect, it } from 'vitest';
import { leaveRoom, lodge } from '../../src/media/part-rooms.ts';

describe('parts of documents that wait', () => {
  it.each([1, 65_536, 81_920, 81_921])('keep their %i bytes while others come and go', (length) => {
    const chunk = Buffer.alloc(length, 'a');
    const waiting = lodge(chunk);
    chunk.fill('b');
    const other = lodge(chunk);
    leaveRoom(other);
    chunk.fill('c');
    const next = lodge(chunk);
    expect(waiting.bytes.equals(Buffer.alloc(length, 'a'))).toBe(true);
    expect(next.bytes.equals(Buffer.alloc(length, 'c'))).toBe(true);
  });

  it('stand in rooms that were left, unless they are too long', () => {
    const first = lodge(Buffer.from('first'));
    leaveRoom(first);
    expect(lodge(Buffer.from('second')).room).toBe(first.room);
    expect(lodge(Buffer.alloc(100_000)).room).toBeUndefined();
  });
});
