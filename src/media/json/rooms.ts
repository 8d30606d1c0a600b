import { Frames } from './frames.ts';
import { Members } from './members.ts';
import { Records } from './records.ts';

/** What a walk through a document keeps of the objects and records that are open. */
export interface Rooms {
  readonly frames: Frames;
  readonly members: Members;
  readonly records: Records;
}

/** Of the last document that ended: most answers come and go in one turn, and making rows anew takes longer than a record. */
let spare: Rooms | undefined;

export function takeRooms(): Rooms {
  const rooms = spare ?? { frames: new Frames(), members: new Members(), records: new Records() };
  spare = undefined;
  return rooms;
}

/** To be called when the document has ended, so that all in it is closed. Rows that a few documents need are not kept. */
export function leaveRooms(rooms: Rooms): void {
  if (rooms.members.isOrdinary) spare = rooms;
}
