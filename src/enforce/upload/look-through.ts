import { createDeferringCsvRewriter } from '../../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { CsvBody } from '../../model/operation.ts';
import type { WalkTools } from '../record/walk-body.ts';
import type { Refusal } from '../refusal.ts';
import { readable, type UploadStage } from './upload-stage.ts';

/** What is inspected in the rows of an upload. */
interface Inspection<Noted> {
  /** What has to be looked up for a row; undefined: nothing. */
  readonly note: (row: RecordCursor) => Noted | undefined;
  readonly judge: (noted: readonly Noted[]) => Promise<void>;
  /** Why the upload must not continue; undefined: it may. */
  readonly refusal: () => Refusal | undefined;
}

const EMPTY = Buffer.alloc(0);

/**
 * Inspects the rows of an upload, a window at a time, and changes none. Rows pass when they have been inspected, up to
 * the first that may not. From there the upload is read to its end, so that the client hears how many such rows there
 * are, and then broken off, so that the CRM never has it whole. Fails with a Refusal or a PrivetError.
 */
export function lookThrough<Noted>(
  { object, delimiter }: CsvBody,
  walk: WalkTools,
  { note, judge, refusal }: Inspection<Noted>,
): UploadStage {
  let noted: Noted[] = [];
  let isOver = false;
  const rewriter = createDeferringCsvRewriter({
    object,
    ...walk,
    delimiter,
    dryRun: true,
    handler: {
      special: () => undefined,
      noteSpecial: () => undefined,
      note: (row) => {
        const one = note(row);
        if (one !== undefined) noted.push(one);
      },
      decide: () => true,
    },
  });
  return {
    rewriter: readable({
      push: rewriter.push,
      end: () => {
        rewriter.end();
        isOver = true;
      },
      next: () => {
        const part = rewriter.next();
        const refused = part !== undefined || isOver ? refusal() : undefined;
        if (part !== undefined) return refused === undefined ? part : EMPTY;
        if (refused !== undefined) throw refused;
        return undefined;
      },
      waiting: rewriter.waiting,
    }),
    isWaiting: () => noted.length > 0,
    fetch: () => {
      if (noted.length === 0) return undefined;
      const rows = noted;
      noted = [];
      return judge(rows);
    },
  };
}
