import { createDeferringCsvRewriter } from '../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../media/record.ts';
import type { CsvBody } from '../model/operation.ts';
import type { Refusal } from './refusal.ts';
import { readable, type UploadStage } from './upload-stage.ts';
import type { WalkTools } from './walk-body.ts';

/** What is found out about the rows of an upload. */
interface Inspection<Noted> {
  /** What has to be known of a row; undefined: nothing. */
  readonly note: (row: RecordCursor) => Noted | undefined;
  readonly judge: (noted: readonly Noted[]) => Promise<void>;
  /** Why what has been judged so far may not go on. */
  readonly refusal: () => Refusal | undefined;
}

const EMPTY = Buffer.alloc(0);

/**
 * Looks through the rows of an upload, a window at a time, and changes none. Rows go on once they have been looked through, and nothing does after
 * the first that may not: the upload is read to its end, so that the client hears how many there are, and breaks off there, so that the CRM never
 * has it whole. Its errors are a Refusal, or a PrivetError.
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
