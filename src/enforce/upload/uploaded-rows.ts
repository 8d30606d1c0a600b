import type { CsvBody } from '../../model/operation.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { judgeRows, outsideRows, type RowTools, type RowVerdict, rowRulesOf } from '../write/written-rows.ts';
import { lookThrough } from './look-through.ts';
import { type NotedRow, nameOf, rowNoter, soughtIn } from './upload-rows.ts';
import type { UploadStage } from './upload-stage.ts';

/**
 * Inspects the rows of an upload for records that the principal may not see; see `keepToRows`. A row that names no
 * record counts as such, unless it creates one.
 */
export function keepUploadToRows(body: CsvBody, tools: RowTools, walk: WalkTools): UploadStage {
  const isConcerned = (object: string): boolean => rowRulesOf(tools.view.of(object)).length > 0;
  const own = tools.view.of(isConcerned(body.object) ? body.object : '*');
  let outside = 0;

  async function judge(rows: readonly NotedRow[]): Promise<void> {
    const verdicts = await verdictsOn(rows, tools);
    const isOutside = ({ named, hasTarget }: NotedRow): boolean =>
      (!hasTarget && isConcerned(body.object)) ||
      named.some((one) => {
        const verdict = verdicts.get(nameOf(one));
        // An upsert creates a record for a key that has none.
        return verdict !== 'seen' && !(verdict === 'absent' && one.isTarget && one.field !== undefined);
      });
    outside += rows.filter(isOutside).length;
  }

  return lookThrough(body, walk, {
    note: rowNoter(body, tools, { isConcerned, policy: rowRulesOf(own)[0]?.policy ?? 'rows' }),
    judge,
    refusal: () => (outside === 0 ? undefined : outsideRows(own, outside)),
  });
}

async function verdictsOn(
  rows: readonly NotedRow[],
  tools: RowTools,
): Promise<ReadonlyMap<string, RowVerdict>> {
  const sought = soughtIn(rows);
  const judged = await Promise.all(sought.map((some) => judgeRows(some, tools)));
  return new Map(
    sought.flatMap((some, index) =>
      Array.from(judged[index] ?? [], ([value, verdict]) => [nameOf({ ...some, value }), verdict] as const),
    ),
  );
}
