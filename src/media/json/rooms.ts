import { Frames } from './frames.ts';
import { Members } from './members.ts';
import { Records } from './records.ts';

/** What a walk through a document keeps of the objects and records that are open. */
export interface Rooms {
  readonly frames: Frames;
  readonly members: Members;
  readonly records: Records;
}

/** Of documents that ended: making rows anew takes longer than a record. As many as are read at the same time where it matters. */
const spares: Rooms[] = [];
const SPARES_MAX = 32;

export function takeRooms(): Rooms {
  return spares.pop() ?? { frames: new Frames(), members: new Members(), records: new Records() };
}

/** To be called when the document has ended, so that all in it is closed. Rows that a few documents need are not kept. */
export function leaveRooms(rooms: Rooms): void {
  if (rooms.members.isOrdinary && spares.length < SPARES_MAX) spares.push(rooms);
}
