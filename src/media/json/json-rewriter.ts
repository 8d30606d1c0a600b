import type { Limits } from '../../limits.ts';
import type { Shape } from '../../model/shape.ts';
import { failFast } from '../fail-fast.ts';
import type { NameTable } from '../name-table.ts';
import type { DocumentHandler } from '../record.ts';
import { MediaError, type Rewriter } from '../rewriter.ts';
import { Splices } from '../splices.ts';
import { Utf8Gate } from '../utf8-gate.ts';
import { Window } from '../window.ts';
import { MemberNames } from './member-names.ts';
import { planOf } from './plan.ts';
import { leaveRooms, takeRooms } from './rooms.ts';
import { Scanner } from './scanner.ts';
import { Walker } from './walker.ts';

const EMPTY = Buffer.alloc(0);

export interface JsonRewriterOptions {
  /** What stands where. Shapes are planned once each: keep them. */
  readonly shape: Shape;
  readonly handler: DocumentHandler;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'depthMax'>;
  /** `refuse`: a name twice in any object is an error. `treat`: every occurrence is a field of its own. */
  readonly duplicates: 'refuse' | 'treat';
  /** The handler is asked, but the bytes pass as they are. */
  readonly dryRun?: boolean;
  /** The body is JSON lines (one value of the shape a line). */
  readonly lines?: boolean;
}

/**
 * Rewrites a JSON document (RFC 8259, strict) as it streams by: untouched bytes stay what they are, a record leaves when
 * it closes, and nothing larger than the outermost record is held.
 *
 * Documents that contradict their shape are not let through unseen: an array where the shape has something else is read
 * as several of it, an object where it has an array as one item, and a string there is handed over as `text`.
 */
export function createJsonRewriter(options: JsonRewriterOptions): Rewriter {
  const { names, limits, dryRun = false, lines = false } = options;
  const window = new Window();
  const gate = new Utf8Gate();
  const splices = dryRun ? undefined : new Splices();
  const rooms = takeRooms();
  const walker = new Walker(window, rooms, {
    root: planOf(options.shape, names),
    handler: options.handler,
    names,
    recordBytesMax: limits.recordBytesMax,
    memberNames: options.duplicates === 'refuse' ? new MemberNames() : undefined,
    splices,
    lines,
  });
  const scanner = new Scanner(walker, limits.depthMax, names, lines);

  /** Lets go of the window up to `to`. */
  function leave(to: number): Buffer {
    const { bytes, borrowed } = window;
    if (to === 0) {
      // Most pushes while a long record comes in small chunks: nothing may be done that grows with what is held.
      window.release(0);
      return EMPTY;
    }
    const out = dryRun
      ? EMPTY
      : (splices?.render(bytes, to) ??
        (borrowed ? bytes.subarray(0, to) : Buffer.from(bytes.subarray(0, to))));
    window.release(to);
    scanner.shift(to);
    walker.shift(to);
    return out;
  }

  return failFast({
    push(chunk) {
      gate.check(chunk);
      window.take(chunk);
      scanner.run(window.bytes, window.length);
      const { pos } = scanner;
      const isHeld = scanner.isInName || (scanner.isInScalar && walker.mayEditScalar);
      const held = walker.heldFrom(pos, isHeld ? scanner.start : -1);
      if (pos - held > limits.recordBytesMax)
        throw new MediaError('limit', 'A record or value is too long', window.base + held);
      const out = leave(held);
      return dryRun ? chunk : out;
    },
    end() {
      gate.end();
      scanner.finish(window.length);
      walker.finish(window.length);
      const out = leave(window.length);
      leaveRooms(rooms);
      return out;
    },
  });
}
