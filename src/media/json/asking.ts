import type { DocumentHandler } from '../record.ts';
import type { Splices } from '../splices.ts';
import type { Backlog } from './backlog.ts';

/** Asks the handler at once about each record and special value. */
export interface AskingAtOnce {
  readonly handler: DocumentHandler;
  /** Undefined: the document is only read. */
  readonly splices: Splices | undefined;
  readonly backlog?: undefined;
}

export type Postponing = Pick<Backlog<unknown>, 'note' | 'add' | 'addSpecial'>;

/** Keeps records and special values, to be decided on later. */
interface AskingLater {
  readonly backlog: Postponing;
  readonly splices?: undefined;
}

export type Asking = AskingAtOnce | AskingLater;
