import { type Lodged, lodge } from './part-rooms.ts';

const EMPTY = Buffer.alloc(0);
/** Buffers that grew no larger are reused: room for a chunk and a record. */
const KEPT_BYTES_MAX = 262_144;

/** The buffer of the last window that was done with one. A window needs one only while a chunk is read. */
let spare: Buffer = EMPTY;

/**
 * The bytes that have come and not yet left, contiguous. A chunk that comes to an empty window is read in place; bytes
 * that must wait for the next chunk are copied into a buffer that grows by doubling, so that small chunks cost no more
 * than large ones.
 */
export class Window {
  bytes: Buffer = EMPTY;
  length = 0;
  /** Offset of `bytes[0]` in the document. */
  base = 0;
  /** True while `bytes` is the caller's chunk. */
  borrowed = false;
  private own: Buffer = EMPTY;

  take(chunk: Buffer): void {
    if (this.length === 0) {
      this.bytes = chunk;
      this.borrowed = true;
      this.length = chunk.length;
      return;
    }
    const length = this.length + chunk.length;
    this.reserve(length);
    chunk.copy(this.own, this.length);
    this.bytes = this.own;
    this.borrowed = false;
    this.length = length;
  }

  /** The first `count` bytes, which stay valid when the window drops them. */
  lend(count: number): Buffer {
    const lent = this.bytes.subarray(0, count);
    return this.borrowed ? lent : Buffer.from(lent);
  }

  /** The same for a part that waits to be decided on, and then is let go of. */
  lodge(count: number): Lodged {
    const part = this.bytes.subarray(0, count);
    return this.borrowed ? { bytes: part, room: undefined } : lodge(part);
  }

  /** Drops the first `count` bytes. */
  release(count: number): void {
    const rest = this.length - count;
    if (this.borrowed) {
      if (rest > 0) {
        const chunk = this.bytes;
        this.length = 0;
        this.reserve(rest);
        chunk.copy(this.own, 0, count, count + rest);
      }
      this.bytes = this.own;
      this.borrowed = false;
    } else if (count > 0 && rest > 0) {
      this.own.copyWithin(0, count, this.length);
    }
    this.base += count;
    this.length = rest;
    if (count >= rest && this.own.length > 2 * rest) this.letGo();
  }

  /** Gives the buffer back for reuse, and keeps the remaining bytes in one of their own size. */
  private letGo(): void {
    const { own, length } = this;
    this.own = length === 0 ? EMPTY : Buffer.from(own.subarray(0, length));
    this.bytes = this.own;
    if (own.length > spare.length && own.length <= KEPT_BYTES_MAX) spare = own;
  }

  private reserve(length: number): void {
    if (length <= this.own.length) return;
    let larger = spare;
    if (length <= spare.length) spare = EMPTY;
    else larger = Buffer.allocUnsafeSlow(Math.max(length, this.own.length * 2, 1_024));
    this.own.copy(larger, 0, 0, this.length);
    this.own = larger;
  }
}
