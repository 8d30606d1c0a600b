import sodium from 'sodium-native';
import { KEY_BYTES } from './kek.ts';

/** One page of memory: libsodium takes three more around each piece that is asked for. */
const ROOM_BYTES = 4_096;

let room: Buffer | undefined;
let used = 0;

/**
 * 32 random bytes: a new key, or the place of one that is opened. They lie in memory that is kept out of core dumps, out of
 * swap where the system allows that, and overwritten when nobody has any of its keys any more
 * (https://doc.libsodium.org/memory_management).
 */
export function drawKey(): Buffer {
  if (room === undefined || used === room.length) {
    room = sodium.sodium_malloc(ROOM_BYTES);
    sodium.randombytes_buf(room);
    used = 0;
  }
  const key = room.subarray(used, used + KEY_BYTES);
  used += KEY_BYTES;
  return key;
}
