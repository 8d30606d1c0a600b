/**
 * How a partition lies in Redis: a hash of its values and a sorted set of its keys, whose scores are all 0, so that
 * Redis orders them byte by byte (https://redis.io/docs/latest/commands/zrangebylex/). Both are in the slot of the
 * partition: a script sees and changes them as one
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
import type { Entry, GuardedWrite, KeyRange, Write } from './store.ts';

/** What is sent to Redis as it is. */
export type Argument = string | Buffer;

interface PartitionKeys {
  readonly values: string;
  readonly keys: string;
}

/** The two keys of a partition. The slash keeps an empty or odd name within the braces. */
export function keysOfPartition(partition: string): PartitionKeys {
  const tag = `privet:{/${partition}}`;
  return { values: `${tag}:values`, keys: `${tag}:keys` };
}

/**
 * Takes guarded writes one after the other: number of expectations, each as key, '1' and value or '0' and nothing;
 * number of writes, each as kind and two arguments. Answers 0 for what was written and else the key that stood in its
 * way, and its value.
 */
export const WRITE_SCRIPT = `
local values, keys, at = KEYS[1], KEYS[2], 0
local function take() at = at + 1; return ARGV[at] end
local function put(key, value)
  if redis.call('HSET', values, key, value) == 1 then redis.call('ZADD', keys, 0, key) end
end
local function delete(key)
  if redis.call('HDEL', values, key) == 1 then redis.call('ZREM', keys, key) end
end
local replies = {}
while at < #ARGV do
  local conflict = false
  for _ = 1, tonumber(take()) do
    local key, expected, value = take(), take(), take()
    local stored = not conflict and redis.call('HGET', values, key)
    if not conflict and stored ~= (expected == '1' and value) then conflict = { key, stored } end
  end
  local writes, ranges = {}, {}
  for i = 1, tonumber(take()) do
    local kind, a, b = take(), take(), take()
    writes[i] = { kind, a, b }
    if kind == 'range' then ranges[i] = redis.call('ZRANGEBYLEX', keys, '[' .. a, '(' .. b) end
  end
  for i, write in ipairs(conflict and {} or writes) do
    if write[1] == 'put' then put(write[2], write[3])
    elseif write[1] == 'delete' then delete(write[2])
    else for _, key in ipairs(ranges[i]) do delete(key) end end
  end
  replies[#replies + 1] = conflict or 0
end
return replies
`;

/** Takes first bound, second bound, limit and direction; answers key, value, key, value, ... */
export const PAGE_SCRIPT = `
local command = ARGV[4] == 'reverse' and 'ZREVRANGEBYLEX' or 'ZRANGEBYLEX'
local found = redis.call(command, KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
local page = {}
for i, key in ipairs(found) do
  page[2 * i - 1] = key
  page[2 * i] = redis.call('HGET', KEYS[1], key)
end
return page
`;

/** Writes as the script takes them. */
export type ScriptedWrite = Omit<GuardedWrite, 'writes'> & { readonly writes: readonly Write[] };

export function writeArguments({ expect, writes }: ScriptedWrite): readonly Argument[] {
  return [
    String(expect.length),
    ...expect.flatMap(({ key, value }) =>
      value === undefined ? [key, '0', ''] : [key, '1', bytesOf(value)],
    ),
    String(writes.length),
    ...writes.flatMap((write): readonly Argument[] => {
      if ('put' in write) return ['put', write.put, bytesOf(write.value)];
      if ('delete' in write) return ['delete', write.delete, ''];
      return ['range', write.deleteRange.from, write.deleteRange.to];
    }),
  ];
}

export function pageArguments({ from, to }: KeyRange, limit: number, reverse: boolean): readonly Argument[] {
  const [lower, upper] = [`[${from}`, `(${to}`];
  return reverse ? [upper, lower, String(limit), 'reverse'] : [lower, upper, String(limit), 'forward'];
}

function bytesOf(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** One answer of the write script: undefined when written. */
export function conflictOf(
  reply: unknown,
): { readonly key: string; readonly value: Buffer | undefined } | undefined {
  if (reply === 0) return undefined;
  const [key, value] = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  if (!Buffer.isBuffer(key)) throw new TypeError('Redis answered a write with something else.');
  return { key: key.toString('latin1'), value: Buffer.isBuffer(value) ? value : undefined };
}

export function entriesOf(reply: unknown): readonly Entry[] {
  const items = Array.isArray(reply) ? (reply as readonly unknown[]) : [undefined];
  return Array.from({ length: Math.ceil(items.length / 2) }, (_, index) => {
    const [key, value] = [items[2 * index], items[2 * index + 1]];
    if (!Buffer.isBuffer(key) || !Buffer.isBuffer(value)) {
      throw new TypeError('The store in Redis is damaged: a key has no value.');
    }
    return { key: key.toString('latin1'), value };
  });
}
