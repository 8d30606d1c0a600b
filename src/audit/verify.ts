import { GENESIS, unseal } from './chain.ts';
import {
  type Anchor,
  accept,
  beginChain,
  breakAt,
  type ChainBreak,
  type ChainState,
  checkRepeated,
  checkStep,
} from './chain-state.ts';

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
  const instances = new Map<string, ChainState>();
  const anchors = new Map<string, Anchor>();

  const stateOf = (instance: string, firstSeq: number): ChainState => {
    const known = instances.get(instance);
    if (known !== undefined) return known;
    const anchor = anchors.get(instance) ?? { seq: 0, hash: GENESIS };
    const state = beginChain(anchor, firstSeq);
    instances.set(instance, state);
    return state;
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
    report: () => Array.from(instances, ([instance, state]) => reportOf(instance, state)),
  };
}

function reportOf(
  instance: string,
  { events, firstSeq, last, broken, unproven }: ChainState,
): InstanceReport {
  const found = broken ?? (unproven === undefined ? undefined : breakAt('reordered', unproven));
  return {
    instance,
    events,
    firstSeq,
    lastSeq: last.seq,
    ok: found === undefined,
    ...(found === undefined ? {} : { break: found }),
  };
}

/** The place that an altered event claims, even when it is no longer JSON. */
function claimedPlace(text: string): { readonly instance: string; readonly seq: number } {
  return {
    instance: /"instance":"([^"\\]{1,64})"/.exec(text)?.[1] ?? '?',
    seq: Number(/"seq":(\d{1,15})/.exec(text)?.[1] ?? 0),
  };
}
