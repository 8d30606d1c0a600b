import { RedisAway } from './redis-away.ts';
import type { Argument } from './redis-script.ts';
import type { RedisLimits } from './redis-servers.ts';

interface Call {
  readonly partition: string;
  readonly args: readonly Argument[];
  readonly bytes: number;
  /** How many answers it gets. */
  readonly count: number;
  /** Milliseconds of `performance.now()`. */
  readonly deadline: number;
  readonly resolve: (replies: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Arguments of all calls that go to one partition at once. */
export interface Cargo {
  readonly partition: string;
  readonly args: readonly Argument[];
}

/**
 * Writes under way, in lanes: the writes that wait in a lane are sent together once the ones before have been answered.
 */
export interface Lanes {
  /** @param count how many answers `args` will get. @throws whatever `send` does, and RedisAway when too much waits */
  readonly write: (
    partition: string,
    args: readonly Argument[],
    count: number,
  ) => Promise<readonly unknown[]>;
  /** Resolves when nothing is on its way. */
  readonly settled: () => Promise<void>;
}

interface LanesOptions {
  /** The lane of a partition. */
  readonly laneOf: (partition: string) => string;
  /** Takes what goes along one lane, each partition once, and answers for each partition, in order. */
  readonly send: (cargos: readonly Cargo[]) => Promise<readonly (readonly unknown[])[]>;
  readonly limits: RedisLimits;
}

export function createLanes({ laneOf, send, limits }: LanesOptions): Lanes {
  const lanes = new Map<string, { readonly waiting: Call[]; readonly driving: Promise<void> }>();
  let waitingBytes = 0;

  function take(waiting: Call[]): readonly Call[] {
    let bytes = 0;
    const end = waiting.findIndex((call, index) => {
      bytes += call.bytes;
      return index > 0 && bytes > limits.storeBatchBytesMax;
    });
    return waiting.splice(0, end === -1 ? waiting.length : end);
  }

  async function sendAll(calls: readonly Call[]): Promise<void> {
    const byPartition = [...Map.groupBy(calls, ({ partition }) => partition)];
    const answers = await send(
      byPartition.map(([partition, own]) => ({ partition, args: own.flatMap(({ args }) => args) })),
    );
    for (const [index, [, own]] of byPartition.entries()) {
      let at = 0;
      for (const call of own) {
        call.resolve(answers[index]?.slice(at, at + call.count) ?? []);
        at += call.count;
      }
    }
  }

  async function drive(lane: string, waiting: Call[]): Promise<void> {
    // Lets the other writes of this turn of the event loop join.
    await Promise.resolve();
    while (waiting.length > 0) {
      const now = performance.now();
      const [calls, late] = split(take(waiting), ({ deadline }) => deadline > now);
      for (const call of late) call.reject(new RedisAway('TIMEOUT'));
      try {
        if (calls.length > 0) await sendAll(calls);
      } catch (error) {
        // Writes that wait behind a failed one fail too, so that nobody waits for several deadlines in a row.
        for (const call of [...calls, ...waiting.splice(0)]) call.reject(error);
      }
    }
    lanes.delete(lane);
  }

  return {
    write: async (partition, args, count) => {
      const bytes = args.reduce((sum, arg) => sum + arg.length, 0);
      if (waitingBytes > 0 && waitingBytes + bytes > limits.storeWaitingBytesMax)
        throw new RedisAway('BEHIND');
      waitingBytes += bytes;
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      const deadline = performance.now() + limits.storeTimeoutMs;
      const call = { partition, args, bytes, count, deadline, resolve, reject };
      const name = laneOf(partition);
      const lane = lanes.get(name);
      if (lane === undefined) {
        const waiting = [call];
        lanes.set(name, { waiting, driving: drive(name, waiting) });
      } else {
        lane.waiting.push(call);
      }
      try {
        return await promise;
      } finally {
        waitingBytes -= bytes;
      }
    },
    settled: async () => {
      await Promise.all(Array.from(lanes.values(), ({ driving }) => driving));
    },
  };
}

function split<Item>(
  items: readonly Item[],
  belongsLeft: (item: Item) => boolean,
): readonly [left: readonly Item[], right: readonly Item[]] {
  return [items.filter(belongsLeft), items.filter((item) => !belongsLeft(item))];
}
