import type { Limits } from '../../limits.ts';
import { createDeferringCsvRewriter } from '../../media/csv/csv-rewriter.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { CsvBody } from '../../model/operation.ts';
import { findRecords, type Sought } from '../current/found-records.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import type { Scalar, Written } from '../record/written-value.ts';
import {
  fieldsFor,
  judgeTreated,
  refusedWrite,
  seenIn,
  type TreatedValue,
  treatedIn,
} from '../write/treated-value.ts';
import type { RowTools } from '../write/written-rows.ts';
import { NEW, targetsByValue, UNTOLD, type WrittenTarget } from '../write/written-target.ts';
import { type NotedRow, refuseOracles, rowNoter, soughtIn } from './upload-rows.ts';
import { readable, type UploadStage } from './upload-stage.ts';

interface MaskTools extends RowTools {
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  readonly limits: Limits;
}

/** A row with cells whose fields this principal does not see clear, by index. */
interface TreatedRow {
  readonly cells: ReadonlyMap<number, TreatedValue>;
  readonly about: NotedRow | undefined;
  /** The current record, once it has been looked up. */
  target: WrittenTarget;
}

/**
 * Keeps masked values in the rows of an upload from being written over real ones, as `keepMasksOut` does in JSON: a
 * cell that holds what was shown is emptied, which leaves the field as it is. Rows whose treated columns are empty need
 * no look-up. Fails with a Refusal that names the column, or a PrivetError.
 * @param shown the views in which this principal reads these records, without clear ones
 */
export function keepMasksOutOfRows(body: CsvBody, shown: readonly View[], tools: MaskTools): UploadStage {
  const { names, limits } = tools;
  const views = seenIn(body.object, shown, tools);
  const noteTarget = rowNoter(body, tools, {
    isConcerned: (object) => object === body.object,
    policy: 'show',
  });
  let noted: TreatedRow[] = [];
  let isHeaderRead = false;

  function note(row: RecordCursor): TreatedRow {
    if (!isHeaderRead) refuseOracles(row, body, tools.view);
    isHeaderRead = true;
    const about = noteTarget(row);
    const cells = new Map<number, TreatedValue>();
    for (let index = 0; index < row.size; index++) {
      if (row.kind(index) === 'null' || !isWritten(row.name(index), body, tools)) continue;
      const treated = treatedIn(row, index, views);
      if (treated !== undefined) cells.set(index, treated);
    }
    const one = { cells, about, target: UNTOLD };
    if (cells.size > 0) noted.push(one);
    return one;
  }

  function decide(row: RecordCursor, { cells, target }: TreatedRow): boolean {
    for (const [index, treated] of cells) {
      const current = target.values?.get(treated.field)?.value;
      const verdict = judgeTreated(writtenIn(row.text(index), current, body), treated, target);
      if (verdict === 'unchanged') row.remove(index);
      else if (verdict !== 'new')
        throw refusedWrite({ object: body.object, field: treated.field }, shown, verdict);
    }
    return true;
  }

  const rewriter = createDeferringCsvRewriter({
    object: body.object,
    names,
    limits,
    delimiter: body.delimiter,
    handler: { special: () => undefined, noteSpecial: () => undefined, note, decide },
  });
  return {
    rewriter: readable(rewriter),
    isWaiting: () => noted.length > 0,
    fetch: () => {
      if (noted.length === 0) return undefined;
      const rows = noted;
      noted = [];
      return findTargets(rows, body, tools);
    },
  };
}

/** Whether a column is written to the record, and does not only name it. */
function isWritten(header: string, { columns, object }: CsvBody, { naming }: RowTools): boolean {
  return (columns(header) ?? []).some(
    (use) => use.position === 'write' && use.object === object && !naming.isOwnId(use.field),
  );
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** The written value. Cells have no types, so the field's current value tells the kind. */
function writtenIn(text: string, current: Scalar | undefined, { nullText }: CsvBody): Written {
  if (text === nullText) return { kind: 'null', text: '' };
  const isNumber = typeof current === 'number' && NUMBER.test(text);
  return { kind: isNumber ? 'number' : 'string', text };
}

/** The current records that rows are about, all looked up at once. */
async function findTargets(
  rows: readonly TreatedRow[],
  { creates }: CsvBody,
  tools: MaskTools,
): Promise<void> {
  const abouts = rows.flatMap(({ about }) => (about === undefined ? [] : [targetOf(about)]));
  const fields = fieldsFor(rows.flatMap(({ cells }) => [...cells.values()]));
  const sought = soughtIn(abouts);
  const found = await Promise.all(sought.map((some) => findRecords(some, fields, tools)));
  const fold = (value: string): string => (tools.adapter.valuesIgnoreCase ? value.toLowerCase() : value);
  const known = new Map(
    sought.map((some, index) => [
      placeOf(some),
      targetsByValue(found[index], some.field === undefined ? UNTOLD : NEW, fold),
    ]),
  );
  for (const row of rows) {
    const [named, ...others] = row.about === undefined ? [] : targetOf(row.about).named;
    if (named === undefined) row.target = creates === true ? NEW : UNTOLD;
    else if (others.length === 0) row.target = known.get(placeOf(named))?.(named.value) ?? UNTOLD;
  }
}

function targetOf({ named, ...row }: NotedRow): NotedRow {
  return { ...row, named: named.filter(({ isTarget }) => isTarget) };
}

function placeOf({ object, field }: Pick<Sought, 'object' | 'field'>): string {
  return JSON.stringify([object, field]);
}
