import { Frames } from './frames.ts';
import { Members } from './members.ts';
import { Records } from './records.ts';

/** What a walk through a document keeps about the open objects and records. */
export interface Rooms {
  readonly frames: Frames;
  readonly members: Members;
  readonly records: Records;
}

/**
 * Rooms of ended documents, for reuse: to allocate them takes longer than to read a record. As many as are commonly
 * read at the same time.
 */
const spares: Rooms[] = [];
const SPARES_MAX = 32;

export function takeRooms(): Rooms {
  return spares.pop() ?? { frames: new Frames(), members: new Members(), records: new Records() };
}

/** To be called when the document has ended and all in it is closed. Unusually large ones are not kept. */
export function leaveRooms(rooms: Rooms): void {
  if (rooms.members.isOrdinary && spares.length < SPARES_MAX) spares.push(rooms);
}
