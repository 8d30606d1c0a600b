/** A part of a document that has left the walker's window and waits to be decided on. */
export interface Lodged {
  readonly bytes: Buffer;
  /** Where they stand; undefined: not in a room that may be used again. */
  readonly room: Buffer | undefined;
}

/** A chunk as Node reads it from a socket, and the record before it that was not whole. */
const ROOM_BYTES = 81_920;
/** A page of 2 MB. */
const SPARES_MAX = 32;
const spares: Buffer[] = [];

/**
 * Copies a part, into a room that was used before where it fits: memory made anew for each counts against V8's heap,
 * which is then collected twice as often.
 */
export function lodge(part: Buffer): Lodged {
  if (part.length > ROOM_BYTES) return { bytes: Buffer.from(part), room: undefined };
  const room = spares.pop() ?? Buffer.allocUnsafeSlow(ROOM_BYTES);
  part.copy(room);
  return { bytes: room.subarray(0, part.length), room };
}

/** To be called when nobody needs the bytes any more. */
export function leaveRoom({ room }: Lodged): void {
  if (room !== undefined && spares.length < SPARES_MAX) spares.push(room);
}
