import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Limits } from '../limits.ts';
import type { Journal } from '../store/journal.ts';
import type { JournalReader, JournalRecord } from '../store/journal-reader.ts';
import { claimedHash, GENESIS, type Sealed, unseal } from './chain.ts';

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

/** The note of a spool, written now and then and when it is closed. */
export interface SpoolNote {
  readonly instance: string;
  /** The chain reaches at least to this event. */
  readonly head: Mark;
  /** Events up to here were shipped, perhaps later ones too. No later event was removed. */
  readonly trimmed: Mark;
}

const ORIGIN: Mark = { seq: 0, hash: GENESIS, bytes: 0 };
/** Events held in memory while the anchor is moved back. */
const READ_AT_ONCE = 500;

/** Where the spool lies in the directory of the embedded store. */
export function spoolDirectory(store: string): string {
  return join(store, 'audit');
}

/** Directory of the chain of the commands, which run beside Privet and cannot write to its chain. */
export function commandSpoolDirectory(store: string): string {
  return join(store, 'audit-commands');
}

function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, hash, bytes } = value as Partial<Record<keyof Mark, unknown>>;
  return Number.isSafeInteger(seq) && typeof hash === 'string' && Number.isSafeInteger(bytes);
}

function isNote(value: unknown): value is SpoolNote {
  if (typeof value !== 'object' || value === null) return false;
  const { instance, head, trimmed } = value as Partial<Record<keyof SpoolNote, unknown>>;
  return typeof instance === 'string' && isMark(head) && isMark(trimmed);
}

/**
 * Undefined when there is none: no event was ever recorded there, or it is gone.
 * @throws Error when the note cannot be read
 */
export function readNote({ note }: Pick<JournalReader, 'note'>): SpoolNote | undefined {
  const text = note()?.toString();
  if (text === undefined) return undefined;
  const read = parsed(text);
  if (isNote(read)) return read;
  throw new Error('The audit spool is damaged: its note cannot be read.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a spool that holds events: the note is written before the first of them. */
export function noteMissing(): Error {
  return new Error('The audit spool is damaged: its note is missing.');
}

function toEvent({ number, value }: JournalRecord): SpooledEvent {
  const text = value.toString();
  return { seq: number, hash: claimedHash(text), text, bytes: value.length };
}

/** At most `limit` events after `seq`, in order. @throws Error when the spool is damaged */
export async function readEventsAfter(
  journal: Pick<JournalReader, 'after'>,
  seq: number,
  limit: number,
): Promise<readonly SpooledEvent[]> {
  return (await journal.after(seq, limit)).map(toEvent);
}

/** A sealed event as it is written. */
export interface WrittenEvent extends Pick<SpooledEvent, 'seq' | 'hash'> {
  readonly value: Buffer;
}

/** Audit events on disk: appended at the head, removed behind what Redis has acknowledged. */
export interface Spool {
  readonly instance: string;
  readonly head: () => Mark;
  readonly trimmed: () => Mark;
  /** Bytes of the events between the two. */
  readonly bytes: () => number;
  /** All or nothing, durable when it resolves; nothing when it rejects. `events` follow the head without a gap. */
  readonly append: (events: readonly WrittenEvent[]) => Promise<void>;
  /** At most `limit` events after `seq`, in order. @throws Error when one is missing or cannot be read */
  readonly after: (seq: number, limit: number) => Promise<readonly SpooledEvent[]>;
  /**
   * Moves the anchor behind shipped events, which follow it without a gap, and removes the files that hold no others,
   * except for the last `limits.auditShippedKeptMin` events. The anchor becomes durable before a file is removed; after
   * a crash the cursor in Redis says how far shipping really had come.
   */
  readonly trim: (events: readonly SpooledEvent[]) => Promise<void>;
  /** Moves the anchor back, to event `seq` or as near to it as shipped events are still there. */
  readonly rewind: (seq: number) => Promise<void>;
  /** Notes durably where head and anchor are. */
  readonly note: () => Promise<void>;
}

function checkContiguous<Event extends Pick<SpooledEvent, 'seq'>>(
  after: number,
  events: readonly Event[],
): readonly Event[] {
  const missing = events.findIndex(({ seq }, index) => seq !== after + 1 + index);
  if (missing !== -1) throw new Error(`The audit spool is damaged: event ${after + 1 + missing} is missing.`);
  return events;
}

/** The last durable event. The journal must reach at least the noted one. */
async function findHead(journal: Journal, noted: SpoolNote): Promise<Mark> {
  const { number: seq, bytes } = journal.end();
  const [last] = seq > noted.trimmed.seq ? await readEventsAfter(journal, seq - 1, 1) : [noted.trimmed];
  const isNoted = seq === noted.head.seq;
  if (last?.seq !== seq || seq < noted.head.seq || (isNoted && last.hash !== noted.head.hash)) {
    throw new Error(`The audit spool is damaged: it does not end with event ${noted.head.seq}.`);
  }
  return { seq, hash: last.hash, bytes };
}

/** Draws the id of this instance at the first opening. */
async function noteOf(journal: Journal): Promise<SpoolNote> {
  const noted = readNote(journal);
  if (noted !== undefined) return noted;
  if (journal.end().number > 0) throw noteMissing();
  const drawn = { instance: randomBytes(8).toString('hex'), head: ORIGIN, trimmed: ORIGIN };
  await journal.writeNote(JSON.stringify(drawn));
  return drawn;
}

/** The anchor before event `from`, or before the first event behind that which is still there. */
async function anchorBefore(journal: Journal, from: number, anchor: Mark): Promise<Mark> {
  let { bytes } = anchor;
  let first: SpooledEvent | undefined;
  for (let seq = from - 1; seq < anchor.seq; ) {
    const read = await readEventsAfter(journal, seq, Math.min(READ_AT_ONCE, anchor.seq - seq));
    const events = read.filter((event) => event.seq <= anchor.seq);
    first ??= events[0];
    bytes -= events.reduce((sum, event) => sum + event.bytes, 0);
    seq = events.at(-1)?.seq ?? anchor.seq;
  }
  if (first === undefined) return anchor;
  const before = unseal(first.text);
  if (before === undefined) throw new Error(`The audit spool is damaged: event ${first.seq} was altered.`);
  return { seq: first.seq - 1, hash: before.prev, bytes };
}

/**
 * Opens the spool in a journal.
 *
 * @throws Error when what lies there is damaged
 */
export async function openSpool(
  journal: Journal,
  { auditShippedKeptMin: keptMin }: Pick<Limits, 'auditShippedKeptMin'>,
): Promise<Spool> {
  const noted = await noteOf(journal);
  const { instance } = noted;
  let { trimmed } = noted;
  let head = await findHead(journal, noted);
  const note = (): Promise<void> => journal.writeNote(JSON.stringify({ instance, head, trimmed }));
  return {
    instance,
    head: () => head,
    trimmed: () => trimmed,
    bytes: () => head.bytes - trimmed.bytes,
    append: async (events) => {
      checkContiguous(head.seq, events);
      await journal.append(events.map(({ value }) => value));
      const { seq, hash } = events.at(-1) ?? head;
      head = { seq, hash, bytes: journal.end().bytes };
    },
    after: async (seq, limit) => checkContiguous(seq, await readEventsAfter(journal, seq, limit)),
    trim: async (events) => {
      const last = checkContiguous(trimmed.seq, events).at(-1);
      if (last === undefined) return;
      const bytes = events.reduce((sum, event) => sum + event.bytes, trimmed.bytes);
      trimmed = { seq: last.seq, hash: last.hash, bytes };
      if (!journal.isRemovable(last.seq - keptMin)) return;
      await note();
      await journal.remove(last.seq - keptMin);
    },
    rewind: async (seq) => {
      trimmed = await anchorBefore(journal, seq + 1, trimmed);
    },
    note,
  };
}
