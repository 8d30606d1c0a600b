import { expect } from 'vitest';
import { createDeferringJsonRewriter, createJsonRewriter } from '../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../src/media/name-table.ts';
import {
  type DocumentHandler,
  type NotingHandler,
  type RecordCursor,
  STAYS,
  type ValueKind,
} from '../../src/media/record.ts';
import type { DeferringRewriter, Rewriter } from '../../src/media/rewriter.ts';
import type { Shape } from '../../src/model/shape.ts';
import type { Policy } from './reference.ts';

export const LIMITS = { recordBytesMax: 1_048_576, depthMax: 64 };
export const NAMES = new NameTable(4_096);

/** The reference does not tell containers of records from others. */
function plainKind(kind: ValueKind): ValueKind {
  return kind === 'records' ? 'container' : kind;
}

/** Puts a policy's question to the engine's records. */
export function handlerOf(policy: Policy): DocumentHandler {
  return {
    record(record) {
      const kinds = Array.from({ length: record.size }, (_, index) => plainKind(record.kind(index)));
      const texts = kinds.map((kind, index) => (kind === 'container' ? '' : record.text(index)));
      texts.forEach((text, index) => {
        const edit = policy.edit(record.object, record.name(index), kinds[index]!, text);
        if (edit.to === 'null') record.setLiteral(index, 'null');
        if (edit.to === 'string') record.setString(index, edit.text);
        if (edit.to === 'remove') record.remove(index);
      });
      return policy.keeps(record.object, record.id, texts);
    },
    special: policy.special,
  };
}

export const UNTOUCHED: DocumentHandler = { record: () => true, special: () => undefined };

export interface RewriteOptions {
  duplicates?: 'refuse' | 'treat';
  names?: NameTable;
  limits?: typeof LIMITS;
  dryRun?: boolean;
  withinTexts?: Shape;
  lines?: boolean;
}

export function jsonRewriter(shape: Shape, handler: DocumentHandler, options: RewriteOptions = {}): Rewriter {
  return createJsonRewriter({
    shape,
    handler,
    names: NAMES,
    limits: LIMITS,
    duplicates: 'treat',
    ...options,
  });
}

export function deferringJsonRewriter<Noted>(
  shape: Shape,
  handler: NotingHandler<Noted>,
  options: Omit<RewriteOptions, 'lines'> = {},
): DeferringRewriter {
  return createDeferringJsonRewriter({
    shape,
    handler,
    names: NAMES,
    limits: LIMITS,
    duplicates: 'treat',
    ...options,
  });
}

/** All that a handler can ask a record. */
function seen(record: RecordCursor): unknown {
  const { object, id, depth, size } = record;
  const fields = Array.from({ length: size }, (_, index) => [
    record.name(index),
    record.nameId(index),
    record.kind(index),
    record.text(index),
  ]);
  return { object, id, depth, fields };
}

/** Asks the handler later, of a record that must then be what it was when it was noted. */
export function later(handler: DocumentHandler): NotingHandler<unknown> {
  const specials: unknown[] = [];
  return {
    note: seen,
    decide: (record, noted) => {
      expect(seen(record)).toEqual(noted);
      return handler.record(record);
    },
    noteSpecial: (...special) => void specials.push(special),
    special: (...special) => {
      expect(specials.shift()).toEqual(special);
      return handler.special(...special);
    },
  };
}

/** As `later`, but records that the handler would leave as they are do not come back. */
export function laterUnlessUntouched(handler: DocumentHandler): NotingHandler<unknown> {
  const noting = later(handler);
  return { ...noting, note: (record) => (isUntouched(handler, record) ? STAYS : noting.note(record)) };
}

function isUntouched(handler: DocumentHandler, record: RecordCursor): boolean {
  let isEdited = false;
  const edit = () => {
    isEdited = true;
    return true;
  };
  const edits = { setString: edit, editString: edit, setLiteral: edit, setContainer: edit, remove: edit };
  const probe = Object.assign(Object.create(record) as RecordCursor, edits);
  return handler.record(probe) && !isEdited;
}

/** Decides after every so many chunks, and at the end; chunks are scribbled over as soon as that is allowed. */
export function deciding(rewriter: DeferringRewriter, chunksMax: number): Rewriter {
  let held: Buffer[] = [];
  const decide = (): Buffer => {
    const out: Buffer[] = [];
    for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) out.push(Buffer.from(part));
    for (const chunk of held) chunk.fill(0x21);
    held = [];
    return Buffer.concat(out);
  };
  return {
    push: (chunk) => {
      const own = Buffer.from(chunk);
      rewriter.push(own);
      held.push(own);
      return held.length < chunksMax ? Buffer.alloc(0) : decide();
    },
    end: () => {
      rewriter.end();
      return decide();
    },
  };
}

/** Cuts at the given places; each chunk is scribbled over afterwards, as its owner may do. */
export function chunksOf(body: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  const ends = [...places, body.length];
  return ends.map((end, index) => Buffer.from(body.subarray(ends[index - 1] ?? 0, end)));
}

/** Bytes that leave; on failure those that left before it stand in `left`. */
export function drive(rewriter: Rewriter, chunks: readonly Buffer[]): { left: string; error: unknown } {
  const out: Buffer[] = [];
  try {
    for (const chunk of chunks) {
      out.push(Buffer.from(rewriter.push(chunk)));
      chunk.fill(0x21);
    }
    out.push(Buffer.from(rewriter.end()));
    return { left: Buffer.concat(out).toString(), error: undefined };
  } catch (error) {
    return { left: Buffer.concat(out).toString(), error };
  }
}

/** The whole output. @throws what the rewriter throws */
export function rewrite(rewriter: Rewriter, body: string | Buffer, cuts: readonly number[] = []): string {
  const { left, error } = drive(rewriter, chunksOf(Buffer.from(body), cuts));
  if (error !== undefined) throw error;
  return left;
}
