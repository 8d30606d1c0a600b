import type { RecordCursor } from '../../media/record.ts';
import type { CsvBody } from '../../model/operation.ts';
import type { PeopleTools } from '../current/found-people.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { claimed } from '../write/claimed-consent.ts';
import { type Claim, claimReader, type ReadClaim, requirementsOn } from '../write/claims.ts';
import { findGained, type Gained } from '../write/gained-records.ts';
import { lookThrough } from './look-through.ts';
import { type NotedRow, nameOf, rowNoter, soughtIn } from './upload-rows.ts';
import type { UploadStage } from './upload-stage.ts';

interface ClaimingRow extends Pick<NotedRow, 'named' | 'hasTarget'> {
  readonly claims: readonly Claim[];
}

/**
 * Looks through the rows of an upload for those by which records would come to meet what is required; see
 * `keepFromClaiming`.
 */
export function keepUploadFromClaiming(body: CsvBody, tools: PeopleTools, walk: WalkTools): UploadStage {
  const requirements = requirementsOn(tools.view, body.object);
  const [first] = requirements;
  const claimsOf = createClaimsOf(body, claimReader(requirements, tools));
  const noteRow = rowNoter(body, tools, {
    isConcerned: (object) => object === body.object,
    policy: first?.policy ?? 'require',
  });
  let count = 0;
  let gained: Gained['requirement'];

  async function judge(rows: readonly ClaimingRow[]): Promise<void> {
    const claims = claimsByName(rows);
    const sought = soughtIn(rows);
    const found = await Promise.all(
      sought.map((one) => findGained(one, (value) => claims.get(nameOf({ ...one, value })) ?? [], tools)),
    );
    const names = new Set(
      sought.flatMap((one, index) => (found[index]?.values ?? []).map((value) => nameOf({ ...one, value }))),
    );
    count += rows.filter(
      ({ named, hasTarget }) => !hasTarget || named.some((one) => names.has(nameOf(one))),
    ).length;
    gained ??= found.find(({ values }) => values.length > 0)?.requirement;
  }

  return lookThrough(body, walk, {
    note: (record) => {
      const row = noteRow(record);
      const claims = row === undefined ? [] : claimsOf(record);
      if (row === undefined || claims.length === 0) return undefined;
      return { named: row.named.filter(({ isTarget }) => isTarget), hasTarget: row.hasTarget, claims };
    },
    judge,
    refusal: () => (count === 0 ? undefined : claimed(gained ?? first, count)),
  });
}

/** One record may stand in several rows. */
function claimsByName(rows: readonly ClaimingRow[]): ReadonlyMap<string, readonly Claim[]> {
  const byName = new Map<string, Claim[]>();
  for (const { named, claims } of rows) {
    for (const one of named) byName.set(nameOf(one), [...(byName.get(nameOf(one)) ?? []), ...claims]);
  }
  return byName;
}

/** What a row claims. What its columns mean is worked out once. */
function createClaimsOf(body: CsvBody, read: ReadClaim): (row: RecordCursor) => readonly Claim[] {
  let columns: readonly (readonly string[])[] | undefined;
  return (row) => {
    columns ??= Array.from({ length: row.size }, (_, index) => {
      const uses = body.columns(row.name(index)) ?? [];
      return uses.filter(({ position }) => position === 'write').map(({ field }) => field);
    });
    return columns.flatMap((fields, index) => {
      const cell = row.kind(index) === 'null' ? '' : row.text(index);
      // An empty cell leaves the field as it is.
      if (cell === '') return [];
      return fields.flatMap((field) => read(field, cell === body.nullText ? '' : cell));
    });
  };
}
