import { crc32 } from 'node:zlib';

/** A point between two records of a journal. */
export interface Position {
  /** Number of the record before it; 0: the beginning. */
  readonly number: number;
  /** Bytes of all records up to it, since the first. */
  readonly bytes: number;
}

/** Records that were written, and became durable, together. */
export interface Block {
  /** Where the journal stood before it. */
  readonly before: Position;
  readonly after: Position;
  readonly values: readonly Buffer[];
  /** Its length in bytes, with header and padding. */
  readonly size: number;
}

/**
 * Blocks begin at multiples of this, so that they can be found behind a damaged one. It is the smallest sector size of
 * disks: a write torn by a power loss never shares a sector with one that was acknowledged.
 */
export const BLOCK_ALIGNMENT = 512;

/** "PvJ1" */
const MAGIC = 0x314a7650;

/**
 * All numbers little-endian: magic (4 bytes), CRC-32 of all that follows up to the padding (4), number (8) and bytes
 * (8) of the position before, count of records (4), bytes of the body (4). The body: of each record its length (4) and
 * its bytes.
 */
const HEADER_BYTES = 32;
const LENGTH_BYTES = 4;

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_ALIGNMENT) * BLOCK_ALIGNMENT;
}

/** @param space reused for the block when it is large enough */
export function encodeBlock(before: Position, values: readonly Uint8Array[], space?: Buffer): Buffer {
  const bodyBytes = values.reduce((bytes, value) => bytes + LENGTH_BYTES + value.byteLength, 0);
  const end = HEADER_BYTES + bodyBytes;
  const size = padded(end);
  const block =
    space !== undefined && size <= space.length ? space.subarray(0, size) : Buffer.allocUnsafe(size);
  block.writeUInt32LE(MAGIC, 0);
  block.writeBigUInt64LE(BigInt(before.number), 8);
  block.writeBigUInt64LE(BigInt(before.bytes), 16);
  block.writeUInt32LE(values.length, 24);
  block.writeUInt32LE(bodyBytes, 28);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = block.writeUInt32LE(value.byteLength, at);
    block.set(value, at);
    at += value.byteLength;
  }
  block.writeUInt32LE(crc32(block.subarray(8, end)), 4);
  return block.fill(0, end);
}

/** Length that the block at `at` claims in its header; undefined where no block begins. */
export function claimedSize(bytes: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== MAGIC) return undefined;
  return padded(HEADER_BYTES + bytes.readUInt32LE(at + 28));
}

/** The block at `at`, whose values are views of `bytes`; undefined unless it stands there whole. */
export function decodeBlock(bytes: Buffer, at: number): Block | undefined {
  const size = claimedSize(bytes, at);
  if (size === undefined || at + size > bytes.length) return undefined;
  const end = at + HEADER_BYTES + bytes.readUInt32LE(at + 28);
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return undefined;
  const before = {
    number: Number(bytes.readBigUInt64LE(at + 8)),
    bytes: Number(bytes.readBigUInt64LE(at + 16)),
  };
  const values: Buffer[] = [];
  let sum = 0;
  for (let from = at + HEADER_BYTES; from < end; ) {
    const to = from + LENGTH_BYTES + bytes.readUInt32LE(from);
    const value = bytes.subarray(from + LENGTH_BYTES, to);
    values.push(value);
    sum += value.length;
    from = to;
  }
  const after = { number: before.number + values.length, bytes: before.bytes + sum };
  return { before, after, values, size };
}
