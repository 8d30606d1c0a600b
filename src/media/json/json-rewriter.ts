import type { Limits } from '../../limits.ts';
import type { Shape } from '../../model/shape.ts';
import { type DocumentWalk, leaving } from '../document-walk.ts';
import { failFast, failFastLater } from '../fail-fast.ts';
import type { NameTable } from '../name-table.ts';
import type { DocumentHandler, NotingHandler } from '../record.ts';
import { type DeferringRewriter, MediaError, type Rewriter } from '../rewriter.ts';
import { Splices } from '../splices.ts';
import { Utf8Gate } from '../utf8-gate.ts';
import { Window } from '../window.ts';
import type { Asking } from './asking.ts';
import { Backlog } from './backlog.ts';
import { isSpace } from './grammar.ts';
import { MemberNames } from './member-names.ts';
import { planOf } from './plan.ts';
import { leaveRooms, takeRooms } from './rooms.ts';
import { Scanner } from './scanner.ts';
import { Walker } from './walker.ts';

interface JsonWalkOptions {
  /** What stands where. Each shape object is planned once: reuse it. */
  readonly shape: Shape;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'depthMax'>;
  /** `refuse`: a name twice in any object is an error. `treat`: every occurrence is a field of its own. */
  readonly duplicates: 'refuse' | 'treat';
  /** How objects and arrays in the place of a text are read. Left out: every string in them is handed over as `text`. */
  readonly withinTexts?: Shape;
  /** The handler is asked, but the bytes pass as they are. */
  readonly dryRun?: boolean;
}

export interface JsonRewriterOptions extends JsonWalkOptions {
  readonly handler: DocumentHandler;
  /** The body is JSON lines: a value of the shape on each line. */
  readonly lines?: boolean;
}

export interface DeferringJsonRewriterOptions<Noted> extends JsonWalkOptions {
  readonly handler: NotingHandler<Noted>;
}

/**
 * Rewrites a JSON document (strict RFC 8259) as it streams by. Untouched bytes stay as they are, a record leaves when
 * it closes, and nothing larger than the outermost record is held.
 *
 * Documents that contradict their shape are not passed unseen: an array in the place of another value is read as
 * several such values, an object in the place of an array as its only item, and a string in the place of a container is
 * handed over as `text`.
 */
export function createJsonRewriter(options: JsonRewriterOptions): Rewriter {
  const { handler, dryRun = false, lines = false } = options;
  const splices = dryRun ? undefined : new Splices();
  const walk = createWalk(options, { handler, splices }, lines);
  const leave = leaving(walk, splices);
  return failFast({
    push(chunk) {
      const out = leave(walk.take(chunk));
      return dryRun ? chunk : out;
    },
    end() {
      const out = leave(walk.finish());
      walk.over();
      return out;
    },
  });
}

/** The same in two steps; see `DeferringRewriter`. Everything walked through is held until it is decided on. */
export function createDeferringJsonRewriter<Noted>(
  options: DeferringJsonRewriterOptions<Noted>,
): DeferringRewriter {
  const splices = options.dryRun === true ? undefined : new Splices();
  const backlog = new Backlog(options.handler, options.names, splices);
  const walk = createWalk(options, { backlog }, false);
  const { window } = walk;

  function leave(to: number): void {
    if (to === 0) {
      walk.hold();
      return;
    }
    backlog.part(window.lodge(to), window.base);
    walk.release(to);
  }

  return failFastLater({
    push: (chunk) => leave(walk.take(chunk)),
    end: () => {
      leave(walk.finish());
      walk.over();
    },
    next: () => backlog.next(window),
    waiting: () => backlog.waiting,
  });
}

interface JsonWalk extends DocumentWalk {
  /** All has left. */
  readonly over: () => void;
}

function createWalk(
  { shape, names, limits, duplicates, withinTexts }: JsonWalkOptions,
  asking: Asking,
  lines: boolean,
): JsonWalk {
  const window = new Window();
  const gate = new Utf8Gate();
  const rooms = takeRooms();
  const walker = new Walker(window, rooms, {
    ...asking,
    root: planOf(shape, names),
    withinTexts: withinTexts && planOf(withinTexts, names),
    names,
    recordBytesMax: limits.recordBytesMax,
    memberNames: duplicates === 'refuse' ? new MemberNames() : undefined,
    lines,
  });
  const scanner = new Scanner(walker, limits.depthMax, names, lines);
  return {
    window,
    take: (chunk) => {
      gate.check(chunk);
      window.take(chunk);
      scanner.run(window.bytes, window.length);
      const { pos } = scanner;
      const isHeld = scanner.isInName || (scanner.isInScalar && walker.mayEditScalar);
      const held = walker.heldFrom(pos, isHeld ? scanner.start : -1);
      if (pos - held > limits.recordBytesMax)
        throw new MediaError('limit', 'A record or value is too long', window.base + held);
      return window.base === 0 && isShortSpace(window.bytes, held) ? 0 : held;
    },
    finish: () => {
      gate.end();
      scanner.finish(window.length);
      walker.finish(window.length);
      return window.length;
    },
    release: (to) => {
      window.release(to);
      scanner.shift(to);
      walker.shift(to);
    },
    over: () => leaveRooms(rooms),
    hold: () => window.release(0),
  };
}

/** As much as a writer may put before a document. */
const SPACE_BYTES_MAX = 64;

/**
 * White space before a document does not leave by itself: the record that is the document may yet be withheld, which
 * can be said only while nothing has left.
 */
function isShortSpace(bytes: Buffer, end: number): boolean {
  if (end > SPACE_BYTES_MAX) return false;
  for (let at = 0; at < end; at++) if (!isSpace(bytes[at] as number)) return false;
  return true;
}
