/** How far an instance has come in the stream: the last event it added. */
export interface Cursor {
  readonly seq: number;
  readonly hash: string;
}

/** The key of the cursor of an instance. Its hash tag puts it into the slot of the stream (Redis Cluster). */
export function cursorKey(stream: string, instance: string): string {
  // A stream that has a hash tag of its own keeps it
  // (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
  const tagged = /\{[^}]+\}/.test(stream) ? stream : `{${stream}}`;
  return `${tagged}:shipped:${instance}`;
}

/** A pattern for the keys of all cursors of a stream (https://redis.io/docs/latest/commands/keys/). */
export function cursorKeys(stream: string): string {
  return cursorKey(stream.replaceAll(/[\\*?[\]]/g, String.raw`\$&`), '*');
}

/** The instance whose cursor has this key. */
export function instanceOf(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1);
}

const CURSOR = /^(\d{1,16}) ([0-9a-f]{64})$/;

export function formatCursor({ seq, hash }: Cursor): string {
  return `${seq} ${hash}`;
}

/** Undefined when the text is no cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const [, seq, hash] = CURSOR.exec(text) ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash };
}
