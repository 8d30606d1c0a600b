import { randomBytes } from 'node:crypto';
import type { ReadableStore, Store } from '../store/store.ts';
import { keysUnder } from '../store/store.ts';
import { claimedHash, GENESIS, type Sealed } from './chain.ts';

/** A point in the chain of one instance. */
export interface Mark {
  readonly seq: number;
  readonly hash: string;
  /** Bytes of all events up to here, since the first: the difference of two marks is what lies between them. */
  readonly bytes: number;
}

export interface SpooledEvent extends Sealed {
  readonly seq: number;
  readonly bytes: number;
}

/** What lies in the spool. */
export interface SpoolExtent {
  readonly instance: string;
  /** The last durable event. */
  readonly head: Mark;
  /** The last event that was shipped and removed: the anchor of the chain in the spool. */
  readonly trimmed: Mark;
}

const ORIGIN: Mark = { seq: 0, hash: GENESIS, bytes: 0 };
const INSTANCE = 'audit/instance';
const HEAD = 'audit/head';
const TRIMMED = 'audit/trimmed';
const EVENTS = keysUnder('audit/event/');

/** Digits enough for Number.MAX_SAFE_INTEGER, so that keys sort like numbers. */
function eventKey(seq: number): string {
  return `audit/event/${String(seq).padStart(16, '0')}`;
}

function decodeMark(value: Uint8Array | undefined): Mark {
  if (value === undefined) return ORIGIN;
  const mark: unknown = JSON.parse(Buffer.from(value).toString());
  if (isMark(mark)) return mark;
  throw new Error('The audit spool is damaged: a mark cannot be read.');
}

function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, hash, bytes } = value as Partial<Record<keyof Mark, unknown>>;
  return Number.isSafeInteger(seq) && typeof hash === 'string' && Number.isSafeInteger(bytes);
}

function encodeMark({ seq, hash, bytes }: Mark): Buffer {
  return Buffer.from(JSON.stringify({ seq, hash, bytes }));
}

/** Reads what lies in a spool; undefined when no event was ever recorded there. */
export async function readExtent(store: ReadableStore): Promise<SpoolExtent | undefined> {
  const instance = await store.get(INSTANCE);
  if (instance === undefined) return undefined;
  // In this order a writer at work can only move the head on, never the anchor past the head that was read.
  const trimmed = decodeMark(await store.get(TRIMMED));
  const head = decodeMark(await store.get(HEAD));
  return { instance: Buffer.from(instance).toString(), head, trimmed };
}

/** At most `limit` events after `seq`, in order. */
export async function readEventsAfter(
  store: ReadableStore,
  seq: number,
  limit: number,
): Promise<readonly SpooledEvent[]> {
  const page = await store.page({ from: eventKey(seq + 1), to: EVENTS.to }, limit);
  return page.map(({ key, value }) => {
    const text = Buffer.from(value).toString();
    return {
      seq: Number(key.slice(EVENTS.from.length)),
      hash: claimedHash(text),
      text,
      bytes: value.byteLength,
    };
  });
}

/** Audit events on disk: appended at the head, removed behind what Redis has acknowledged. */
export interface Spool {
  readonly instance: string;
  readonly head: () => Mark;
  readonly trimmed: () => Mark;
  /** Bytes of the events between the two. */
  readonly bytes: () => number;
  /** All or nothing, durable when it resolves. `events` follow the head without a gap. */
  readonly append: (events: readonly (SpooledEvent & { readonly value: Buffer })[]) => Promise<void>;
  /** Reads the head again, after an `append` whose outcome is not known. */
  readonly recoverHead: () => Promise<void>;
  /** At most `limit` events after `seq`. @throws Error when one is missing between them */
  readonly after: (seq: number, limit: number) => Promise<readonly SpooledEvent[]>;
  /** Removes shipped events, which follow the anchor without a gap, and moves the anchor behind them. */
  readonly trim: (events: readonly SpooledEvent[]) => Promise<void>;
  /** Reads the anchor again, after a `trim` whose outcome is not known. */
  readonly recoverTrimmed: () => Promise<void>;
}

function behind(mark: Mark, events: readonly SpooledEvent[]): Mark {
  const last = events.at(-1);
  if (last === undefined) return mark;
  return {
    seq: last.seq,
    hash: last.hash,
    bytes: events.reduce((bytes, event) => bytes + event.bytes, mark.bytes),
  };
}

/** The last durable event; the last one in the spool must be the one that the head speaks of. */
async function recoverHead(store: Store): Promise<Mark> {
  const head = decodeMark(await store.get(HEAD));
  const [last] = await store.page(EVENTS, 1, true);
  const end =
    last === undefined
      ? decodeMark(await store.get(TRIMMED))
      : {
          seq: Number(last.key.slice(EVENTS.from.length)),
          hash: claimedHash(Buffer.from(last.value).toString()),
        };
  if (end.seq !== head.seq || end.hash !== head.hash) {
    throw new Error(`The audit spool is damaged: it does not end with event ${head.seq}.`);
  }
  return head;
}

async function recoverInstance(store: Store): Promise<string> {
  const known = await store.get(INSTANCE);
  if (known !== undefined) return Buffer.from(known).toString();
  const instance = randomBytes(8).toString('hex');
  await store.write([{ put: INSTANCE, value: Buffer.from(instance) }]);
  return instance;
}

function checkContiguous(after: number, events: readonly SpooledEvent[]): readonly SpooledEvent[] {
  const missing = events.findIndex(({ seq }, index) => seq !== after + 1 + index);
  if (missing !== -1) throw new Error(`The audit spool is damaged: event ${after + 1 + missing} is missing.`);
  return events;
}

/**
 * Opens the spool in a store; draws the id of this instance at the first opening.
 * Head and anchor are moved by two parties, each of which recovers its own.
 *
 * @throws Error when what lies there is damaged
 */
export async function openSpool(store: Store): Promise<Spool> {
  const instance = await recoverInstance(store);
  let head = await recoverHead(store);
  let trimmed = decodeMark(await store.get(TRIMMED));
  return {
    instance,
    head: () => head,
    trimmed: () => trimmed,
    bytes: () => head.bytes - trimmed.bytes,
    recoverHead: async () => {
      head = await recoverHead(store);
    },
    append: async (events) => {
      const ahead = behind(head, checkContiguous(head.seq, events));
      await store.write([
        ...events.map(({ seq, value }) => ({ put: eventKey(seq), value })),
        { put: HEAD, value: encodeMark(ahead) },
      ]);
      head = ahead;
    },
    recoverTrimmed: async () => {
      trimmed = decodeMark(await store.get(TRIMMED));
    },
    after: async (seq, limit) => checkContiguous(seq, await readEventsAfter(store, seq, limit)),
    trim: async (events) => {
      const anchor = behind(trimmed, checkContiguous(trimmed.seq, events));
      await store.write([
        { put: TRIMMED, value: encodeMark(anchor) },
        { deleteRange: { from: EVENTS.from, to: eventKey(anchor.seq + 1) } },
      ]);
      trimmed = anchor;
    },
  };
}
