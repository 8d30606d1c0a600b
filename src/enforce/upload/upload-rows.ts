import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { CsvBody } from '../../model/operation.ts';
import type { Told } from '../current/brought-people.ts';
import type { Sought } from '../current/found-records.ts';
import { tellingFields } from '../people/told-by.ts';
import { Refusal } from '../refusal.ts';
import type { RowTools } from '../write/written-rows.ts';

/** A record that a row of an upload names, by its id or by a field. */
export interface Named {
  readonly object: string;
  /** Undefined: by id. */
  readonly field?: string;
  readonly value: string;
  /** The row is about it. */
  readonly isTarget: boolean;
}

export interface NotedRow {
  readonly named: readonly Named[];
  readonly told: Told;
  /** It names the record it is about, or creates one. */
  readonly hasTarget: boolean;
}

/** What rows are inspected for. */
interface Concern {
  /** Whether records of an object have to be looked up. */
  readonly isConcerned: (object: string) => boolean;
  /** Stands in refusals. */
  readonly policy: string;
  /** Looks up what rows belong to as well. */
  readonly belongsTo?: CsvBody['belongsTo'];
}

interface PlannedColumn {
  readonly index: number;
  readonly named: readonly Omit<Named, 'value'>[];
  /** It names the record that the row is about. */
  readonly isTarget: boolean;
  /** The field of the data map that it holds of the person. */
  readonly tells: string | undefined;
}

/**
 * Reads what a row is about. Each column is worked out once.
 * @returns undefined for a row that names no record and no person. Throws a Refusal for a column that is unknown, or
 * that identifies the person a second time
 */
export function rowNoter(
  body: CsvBody,
  tools: RowTools,
  concern: Concern,
): (row: RecordCursor) => NotedRow | undefined {
  let columns: readonly PlannedColumn[] | undefined;
  return (row) => {
    columns ??= planColumns(row, body, tools, concern);
    const named: Named[] = [];
    const told = new Map<string, string>();
    let hasTarget = body.creates === true;
    for (const { index, named: places, isTarget, tells } of columns) {
      const value = row.kind(index) === 'null' ? '' : row.text(index);
      if (value === '' || value === body.nullText) continue;
      if (isTarget) hasTarget = true;
      if (tells !== undefined) told.set(tells, value);
      for (const place of places) named.push({ ...place, value });
    }
    return hasTarget && named.length === 0 && told.size === 0 ? undefined : { named, told, hasTarget };
  };
}

function planColumns(
  row: RecordCursor,
  body: CsvBody,
  { view, naming, adapter }: RowTools,
  { isConcerned, policy, belongsTo }: Concern,
): readonly PlannedColumn[] {
  refuseOracles(row, body, view);
  const refused = (message: string): Refusal => new Refusal({ policy, message });
  const keys = tellingFields(view.of(body.object));
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  const planned = Array.from({ length: row.size }, (_, index): PlannedColumn => {
    const uses = body.columns(row.name(index));
    if (uses === undefined) throw refused('A column of the upload is not a known field.');
    const names = uses.filter(
      ({ object, field, position }) =>
        position === 'lookup' || (object === body.object && naming.isOwnId(field)),
    );
    const written = uses.find(({ position }) => position === 'write');
    const tells = keys.find((key) => written !== undefined && fold(key) === fold(written.field));
    // A column that is only looked up names a related record.
    const isTarget = written !== undefined && names.length > 0;
    const named = names
      .filter(({ object }) => isConcerned(object))
      .map(({ object, field }) => ({ object, ...(naming.isOwnId(field) ? {} : { field }), isTarget }));
    const owner = belongsTo?.(row.name(index));
    if (owner !== undefined && isConcerned(owner)) named.push({ object: owner, isTarget: false });
    return { index, named, isTarget, tells };
  });
  const telling = planned.flatMap(({ tells }) => tells ?? []);
  if (new Set(telling).size < telling.length) throw refused('A column of the upload stands twice.');
  return planned;
}

/**
 * Refuses look-ups of related records by hidden fields: they would tell whether a value exists.
 * @throws Refusal naming the field
 */
export function refuseOracles(header: RecordCursor, body: CsvBody, view: View): void {
  for (let index = 0; index < header.size; index++) {
    for (const { object, field, position } of body.columns(header.name(index)) ?? []) {
      const seen = position === 'lookup' ? view.of(object).field(field) : undefined;
      if (seen === undefined) continue;
      throw new Refusal({
        policy: seen.policies[0] ?? 'show',
        message: `${field} of ${object} is not shown in clear, so it cannot be used to look up records.`,
      });
    }
  }
}

/** All records that rows name, each once, grouped by how they are sought. */
export function soughtIn(rows: readonly Pick<NotedRow, 'named'>[]): readonly Sought[] {
  const named = rows.flatMap((row) => row.named);
  const alike = Map.groupBy(named, ({ object, field }) => JSON.stringify([object, field]));
  return Array.from(alike.values(), ([first, ...more]): Sought[] => {
    if (first === undefined) return [];
    const { object, field, value } = first;
    const values = [...new Set([value, ...more.map((one) => one.value)])];
    return [{ object, ...(field === undefined ? {} : { field }), values }];
  }).flat();
}

export function nameOf({ object, field, value }: Omit<Named, 'isTarget'>): string {
  return JSON.stringify([object, field, value]);
}
