import type { DocumentHandler } from '../record.ts';
import type { Splices } from '../splices.ts';
import type { Backlog } from './backlog.ts';

/** Asks at once what becomes of what is met. */
export interface AskingAtOnce {
  readonly handler: DocumentHandler;
  /** Not given: the document is only watched. */
  readonly splices: Splices | undefined;
  readonly backlog?: undefined;
}

export type Postponing = Pick<Backlog<unknown>, 'note' | 'add' | 'addSpecial'>;

/** Keeps what is met, to be decided on later. */
interface AskingLater {
  readonly backlog: Postponing;
  readonly splices?: undefined;
}

export type Asking = AskingAtOnce | AskingLater;
