import { RedisAway } from './redis-away.ts';
import type { Argument } from './redis-script.ts';
import type { RedisLimits } from './redis-servers.ts';

interface Call {
  readonly args: readonly Argument[];
  readonly bytes: number;
  /** How many answers it gets. */
  readonly count: number;
  /** Milliseconds of `performance.now()`. */
  readonly deadline: number;
  readonly resolve: (replies: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes on their way: one lane a partition, in which what waits is sent as one once the one before it has been answered. */
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

/** @param send takes the arguments of any number of calls, and answers for all of them, in order */
export function createLanes(
  send: (partition: string, args: readonly Argument[]) => Promise<readonly unknown[]>,
  limits: RedisLimits,
): Lanes {
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

  async function sendAll(partition: string, calls: readonly Call[]): Promise<void> {
    const replies = await send(
      partition,
      calls.flatMap(({ args }) => args),
    );
    let at = 0;
    for (const call of calls) {
      call.resolve(replies.slice(at, at + call.count));
      at += call.count;
    }
  }

  async function drive(partition: string, waiting: Call[]): Promise<void> {
    // What else is written in this turn goes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      let calls = take(waiting);
      try {
        const now = performance.now();
        for (const late of calls.filter(({ deadline }) => deadline < now))
          late.reject(new RedisAway('TIMEOUT'));
        calls = calls.filter(({ deadline }) => deadline >= now);
        if (calls.length > 0) await sendAll(partition, calls);
      } catch (error) {
        // What waits behind a failure fails too: nobody waits for several deadlines, one after the other.
        for (const call of [...calls, ...waiting.splice(0)]) call.reject(error);
      }
    }
    lanes.delete(partition);
  }

  return {
    write: async (partition, args, count) => {
      const bytes = args.reduce((sum, arg) => sum + arg.length, 0);
      if (waitingBytes > 0 && waitingBytes + bytes > limits.storeWaitingBytesMax)
        throw new RedisAway('BEHIND');
      waitingBytes += bytes;
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      const deadline = performance.now() + limits.storeTimeoutMs;
      const call = { args, bytes, count, deadline, resolve, reject };
      const lane = lanes.get(partition);
      if (lane === undefined) {
        const waiting = [call];
        lanes.set(partition, { waiting, driving: drive(partition, waiting) });
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
