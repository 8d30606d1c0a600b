import type { AuditEvent } from '../model/audit-event.ts';
import type { Mark } from './spool.ts';

/** The ways in which a chain can be broken. */
export type BreakKind =
  /** The text is not the one that was hashed. */
  | 'altered'
  /** The bytes on disk are not the ones that were written. */
  | 'unreadable'
  /** Events are missing in the middle. */
  | 'gap'
  /** An event comes after one that it should precede. */
  | 'reordered'
  /** An event is valid by itself but is not the one that the next was chained to. */
  | 'replaced'
  /** Two different events have one number. */
  | 'fork'
  /** The first events are missing, and no anchor vouches for them. */
  | 'truncated-start'
  /** The last events are missing. */
  | 'truncated-end';

/** Where a chain is broken, and how. */
export interface ChainBreak {
  readonly kind: BreakKind;
  /** Number of the event at which the break shows. */
  readonly seq: number;
  readonly message: string;
}

/** An event in its place, which vouches for those before it. */
export type Anchor = Pick<Mark, 'seq' | 'hash'>;

/** How many last events are remembered to tell a repetition from a fork. */
const REMEMBERED = 4_096;

/** What is known of the chain of one instance, up to the last event that was checked. */
export interface ChainState {
  /** Different events that were read. */
  events: number;
  firstSeq: number;
  last: Anchor;
  /** Hashes of the last events, by number modulo REMEMBERED. */
  readonly recent: string[];
  /** The last event that came again, or that came in its turn: behind it those of the stream go on. */
  again: Anchor;
  /** Number of the first event of a repetition that has not led to a remembered one yet. */
  unproven: number | undefined;
  broken: ChainBreak | undefined;
}

const MESSAGES: Readonly<Record<Exclude<BreakKind, 'unreadable'>, (seq: number) => string>> = {
  altered: (seq) => `Event ${seq} was altered: it is not the text that was hashed.`,
  gap: (seq) => `Events are missing before event ${seq}.`,
  reordered: (seq) => `Event ${seq} is out of order.`,
  replaced: (seq) => `Event ${seq} was chained to another event ${seq - 1} than the one here.`,
  fork: (seq) => `There are two different events ${seq}.`,
  'truncated-start': (seq) => `The events before event ${seq} are missing.`,
  'truncated-end': (seq) => `The events after event ${seq} are missing.`,
};

/** @param seq the event at which the break shows */
export function breakAt(kind: keyof typeof MESSAGES, seq: number): ChainBreak {
  return { kind, seq, message: MESSAGES[kind](seq) };
}

/** Checks the step from the events seen so far to the next one; undefined when it is right. */
export function checkStep(state: ChainState, event: AuditEvent): ChainBreak | undefined {
  const expected = state.last.seq + 1;
  if (event.seq > expected) return breakAt('gap', event.seq);
  return event.prev === state.last.hash ? undefined : breakAt('replaced', event.seq);
}

/**
 * Checks an event whose number was passed already. A repetition is fine: Redis may have been sent a batch, or thousands
 * of events that it had lost, once more; and a stream that lags behind the spool is read after it. Events too old to be
 * remembered are compared by what they lead to: in a chain, one equal hash vouches for all before it.
 */
export function checkRepeated(state: ChainState, { seq, hash, prev }: AuditEvent): ChainBreak | undefined {
  if (seq < state.firstSeq) return breakAt('reordered', seq);
  const { again, unproven } = state;
  const isNext = seq === again.seq + 1 && prev === again.hash;
  state.again = { seq, hash };
  if (!isNext && unproven !== undefined) return breakAt('reordered', unproven);
  if (seq <= state.last.seq - REMEMBERED) {
    if (!isNext) state.unproven = seq;
    return undefined;
  }
  const known = state.recent[seq % REMEMBERED];
  if (known === undefined || known === '') return breakAt('reordered', seq);
  if (known !== hash) return breakAt('fork', seq);
  state.unproven = undefined;
  return undefined;
}

/** @param anchor vouches for the events before the first */
export function beginChain(anchor: Anchor, firstSeq: number): ChainState {
  return {
    events: 0,
    firstSeq,
    last: anchor,
    recent: [],
    again: anchor,
    unproven: undefined,
    broken: undefined,
  };
}

/** Goes on from an event that was checked. */
export function accept(state: ChainState, { seq, hash }: Anchor): void {
  // Places that a gap jumped over must not be taken for events seen.
  for (let missing = Math.max(state.last.seq + 1, seq - REMEMBERED); missing < seq; missing += 1) {
    state.recent[missing % REMEMBERED] = '';
  }
  state.recent[seq % REMEMBERED] = hash;
  state.last = { seq, hash };
  state.events += 1;
}
