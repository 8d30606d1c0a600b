import type { AuditEvent } from '../model/audit-event.ts';
import { GENESIS, unseal } from './chain.ts';
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

export interface ChainBreak {
  readonly kind: BreakKind;
  /** Number of the event at which the break shows. */
  readonly seq: number;
  readonly message: string;
}

export interface InstanceReport {
  readonly instance: string;
  /** Different events that were read. */
  readonly events: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly ok: boolean;
  /** The first break. */
  readonly break?: ChainBreak;
}

type Anchor = Pick<Mark, 'seq' | 'hash'>;

/** How many last events are remembered to tell a repetition from a fork. */
const REMEMBERED = 4_096;

interface InstanceState {
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

function breakAt(kind: keyof typeof MESSAGES, seq: number): ChainBreak {
  return { kind, seq, message: MESSAGES[kind](seq) };
}

/** Checks the step from the events seen so far to the next one; undefined when it is right. */
function checkStep(state: InstanceState, event: AuditEvent): ChainBreak | undefined {
  const expected = state.last.seq + 1;
  if (event.seq > expected) return breakAt('gap', event.seq);
  return event.prev === state.last.hash ? undefined : breakAt('replaced', event.seq);
}

/**
 * Checks an event whose number was passed already. A repetition is fine: Redis may have been sent a batch, or thousands
 * of events that it had lost, once more; and a stream that lags behind the spool is read after it. Events too old to be
 * remembered are compared by what they lead to: in a chain, one equal hash vouches for all before it.
 */
function checkRepeated(state: InstanceState, { seq, hash, prev }: AuditEvent): ChainBreak | undefined {
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

/** The place that an altered event claims, even when it is no longer JSON. */
function claimedPlace(text: string): { readonly instance: string; readonly seq: number } {
  return {
    instance: /"instance":"([^"\\]{1,64})"/.exec(text)?.[1] ?? '?',
    seq: Number(/"seq":(\d{1,15})/.exec(text)?.[1] ?? 0),
  };
}

/** Checks chains event by event, in memory that does not grow with their length. */
export interface ChainVerifier {
  /**
   * The next event, as text; events of several instances may come mixed.
   * @param isAhead it is read from a spool, and the stream may not have it yet
   */
  readonly add: (text: string, isAhead?: boolean) => void;
  /** Vouches for the events up to the mark, which were shipped and removed. */
  readonly anchor: (instance: string, mark: Anchor) => void;
  /** Says that the chain reached this event, so what was read must reach it too. */
  readonly expectEnd: (instance: string, mark: Anchor) => void;
  /** Says that the next event cannot be read, and where it would stand. */
  readonly unreadable: (
    instance: string,
    damage: { readonly number: number; readonly message: string },
  ) => void;
  /** Number of the last event read of an instance; 0: none. */
  readonly lastSeq: (instance: string) => number;
  readonly report: () => readonly InstanceReport[];
}

export function chainVerifier(): ChainVerifier {
  const instances = new Map<string, InstanceState>();
  const anchors = new Map<string, Anchor>();

  const stateOf = (instance: string, firstSeq: number): InstanceState => {
    const known = instances.get(instance);
    if (known !== undefined) return known;
    const anchor = anchors.get(instance) ?? { seq: 0, hash: GENESIS };
    const state: InstanceState = {
      events: 0,
      firstSeq,
      last: anchor,
      recent: [],
      again: anchor,
      unproven: undefined,
      broken: undefined,
    };
    instances.set(instance, state);
    return state;
  };

  const accept = (state: InstanceState, { seq, hash }: Anchor): void => {
    // Places that a gap jumped over must not be taken for events seen.
    for (let missing = Math.max(state.last.seq + 1, seq - REMEMBERED); missing < seq; missing += 1) {
      state.recent[missing % REMEMBERED] = '';
    }
    state.recent[seq % REMEMBERED] = hash;
    state.last = { seq, hash };
    state.events += 1;
  };

  const add = (text: string, isAhead = false): void => {
    const event = unseal(text);
    if (event === undefined) {
      const { instance, seq } = claimedPlace(text);
      const state = stateOf(instance, seq);
      state.broken ??= breakAt('altered', seq);
      return;
    }
    const state = stateOf(event.instance, event.seq);
    if (event.seq <= state.last.seq) {
      const found = checkRepeated(state, event);
      // The gap was only an event out of its place.
      if (found?.kind === 'reordered' && state.broken?.kind === 'gap') state.broken = found;
      else state.broken ??= found;
      return;
    }
    const found = checkStep(state, event);
    const isStart = state.events === 0 && found?.kind === 'gap';
    state.broken ??= isStart ? breakAt('truncated-start', event.seq) : found;
    accept(state, event);
    if (!isAhead) state.again = state.last;
  };

  return {
    add,
    anchor: (instance, mark) => {
      anchors.set(instance, mark);
    },
    expectEnd: (instance, mark) => {
      const state = stateOf(instance, mark.seq + 1);
      if (state.last.seq < mark.seq) state.broken ??= breakAt('truncated-end', state.last.seq);
      else if (state.last.seq === mark.seq && state.last.hash !== mark.hash) {
        state.broken ??= breakAt('replaced', mark.seq);
      }
    },
    unreadable: (instance, { number, message }) => {
      stateOf(instance, number).broken ??= { kind: 'unreadable', seq: number, message };
    },
    lastSeq: (instance) => instances.get(instance)?.last.seq ?? 0,
    report: () =>
      [...instances].map(([instance, state]) => {
        const { events, firstSeq, last, unproven } = state;
        const broken = state.broken ?? (unproven === undefined ? undefined : breakAt('reordered', unproven));
        return {
          instance,
          events,
          firstSeq,
          lastSeq: last.seq,
          ok: broken === undefined,
          ...(broken === undefined ? {} : { break: broken }),
        };
      }),
  };
}

/** Checks events in the order in which they were written. `anchor` vouches for those removed before them. */
export function verifyChain(
  texts: Iterable<string>,
  anchor?: Anchor & { readonly instance: string },
): readonly InstanceReport[] {
  const verifier = chainVerifier();
  if (anchor !== undefined) verifier.anchor(anchor.instance, anchor);
  for (const text of texts) verifier.add(text);
  return verifier.report();
}
