import type { Condition, FunctionExp, FieldType as Selected } from '@jetstreamapp/soql-parser-js';
import { isSpelled, type Scalar, writeJson } from '../../wire/json.ts';
import { malformed } from '../errors.ts';
import type { FieldSchema } from '../schema.ts';
import type { SObject } from '../sobject.ts';
import { compareScalars } from './order.ts';
import { asArray, type Query } from './parse.ts';
import { fieldReader, functionReader, type Reader, type Scope } from './path.ts';

type Fold = (records: readonly SObject[]) => Scalar;

/** One group of records and the values it was grouped by. */
interface Group {
  readonly key: readonly Scalar[];
  readonly records: readonly SObject[];
}

const toNumber = (value: Scalar): number => Number(isSpelled(value) ? value.spelling : value);

function present(records: readonly SObject[], reader: Reader): Scalar[] {
  return records.map(reader.read).filter((value) => value !== null);
}

const FOLDS: Readonly<Record<string, (values: Scalar[]) => Scalar>> = {
  COUNT: (values) => values.length,
  COUNT_DISTINCT: (values) => new Set(values.map((value) => writeJson(value).toLowerCase())).size,
  MIN: (values) =>
    values.reduce<Scalar>(
      (least, value) => (least === null || compareScalars(value, least) < 0 ? value : least),
      null,
    ),
  MAX: (values) =>
    values.reduce<Scalar>(
      (most, value) => (most === null || compareScalars(value, most) > 0 ? value : most),
      null,
    ),
  SUM: (values) =>
    values.length === 0 ? null : values.reduce<number>((sum, value) => sum + toNumber(value), 0),
  AVG: (values) =>
    values.length === 0
      ? null
      : values.reduce<number>((sum, value) => sum + toNumber(value), 0) / values.length,
};

function foldOf(scope: Scope, call: FunctionExp): Fold {
  const name = call.functionName?.toUpperCase() ?? '';
  const fold = FOLDS[name];
  const [parameter] = call.parameters ?? [];
  if (name === 'COUNT' && parameter === undefined) return (records) => records.length;
  if (!fold || typeof parameter !== 'string') throw malformed(`Function ${name} is not supported here.`);
  const reader = fieldReader(scope, parameter, 'aggregated');
  return (records) => fold(present(records, reader));
}

const isAggregate = (call: FunctionExp): boolean =>
  Object.hasOwn(FOLDS, call.functionName?.toUpperCase() ?? '');

/** A query that folds records: GROUP BY, or an aggregate function in SELECT. */
export function aggregates(query: Query): boolean {
  return (
    query.groupBy !== undefined ||
    (query.fields ?? []).some(
      (selected) => selected.type === 'FieldFunctionExpression' && isAggregate(selected),
    )
  );
}

/** `SELECT COUNT() FROM …`: no records, only `totalSize`. */
export function isCountOnly(query: Query): boolean {
  const [only, ...others] = query.fields ?? [];
  return (
    others.length === 0 &&
    only?.type === 'FieldFunctionExpression' &&
    only.functionName.toUpperCase() === 'COUNT' &&
    only.parameters.length === 0 &&
    only.alias === undefined
  );
}

interface Grouping {
  readonly expression: string;
  readonly reader: Reader;
}

function groupingsOf(scope: Scope, query: Query): readonly Grouping[] {
  return asArray(query.groupBy).map((item) => {
    if ('field' in item)
      return { expression: item.field.toLowerCase(), reader: fieldReader(scope, item.field, 'grouped') };
    if (/^(ROLLUP|CUBE)$/i.test(item.fn.functionName ?? ''))
      throw malformed('ROLLUP and CUBE are not supported here.');
    return {
      expression: (item.fn.rawValue ?? '').toLowerCase(),
      reader: functionReader(scope, item.fn, 'grouped'),
    };
  });
}

function groupsOf(records: readonly SObject[], groupings: readonly Grouping[]): Group[] {
  const groups = new Map<string, { key: Scalar[]; records: SObject[] }>();
  for (const record of records) {
    const key = groupings.map(({ reader }) => reader.read(record));
    const text = key.map((value) => writeJson(value).toLowerCase()).join();
    const group = groups.get(text);
    if (group) group.records.push(record);
    else groups.set(text, { key, records: [record] });
  }
  if (groupings.length === 0 && groups.size === 0) groups.set('', { key: [], records: [] });
  return [...groups.values()];
}

interface Column {
  readonly name: string;
  readonly value: (group: Group) => Scalar;
}

function columnsOf(
  scope: Scope,
  selection: readonly Selected[],
  groupings: readonly Grouping[],
): readonly Column[] {
  let unnamed = 0;
  const grouped = (expression: string): number => {
    const index = groupings.findIndex((grouping) => grouping.expression === expression.toLowerCase());
    if (index < 0) throw malformed(`Field must be grouped or aggregated: ${expression}`);
    return index;
  };
  return selection.map((selected) => {
    if (selected.type === 'FieldFunctionExpression') {
      const name = selected.alias ?? `expr${unnamed}`;
      if (selected.alias === undefined) unnamed += 1;
      if (isAggregate(selected)) {
        const fold = foldOf(scope, selected);
        return { name, value: (group) => fold(group.records) };
      }
      const index = grouped(selected.rawValue ?? '');
      return { name, value: (group) => group.key[index] ?? null };
    }
    if (selected.type !== 'Field' && selected.type !== 'FieldRelationship')
      throw malformed('This item of SELECT cannot be grouped.');
    const path =
      selected.type === 'Field' ? selected.field : [...selected.relationships, selected.field].join('.');
    const index = grouped(path);
    // The vendor names a grouped parent field by its last segment.
    const alias = 'alias' in selected ? selected.alias : undefined;
    const name = alias ?? groupings[index]?.reader.field.name ?? selected.field;
    return { name, value: (group) => group.key[index] ?? null };
  });
}

const NUMBER_FIELD = { type: 'double' } as const;

/** What HAVING and ORDER BY read from a group. */
function groupReader(
  scope: Scope,
  groupings: readonly Grouping[],
  item: { readonly field?: string; readonly fn?: FunctionExp },
): { readonly read: (group: Group) => Scalar; readonly field: FieldSchema } {
  const expression = (item.field ?? item.fn?.rawValue ?? '').toLowerCase();
  const index = groupings.findIndex((grouping) => grouping.expression === expression);
  const grouping = groupings[index];
  if (grouping) return { field: grouping.reader.field, read: (group) => group.key[index] ?? null };
  if (!item.fn || !isAggregate(item.fn))
    throw malformed(`Ordered field must be grouped or aggregated: ${expression}`);
  const fold = foldOf(scope, item.fn);
  const [parameter] = item.fn.parameters ?? [];
  const own = typeof parameter === 'string' ? fieldReader(scope, parameter, 'aggregated').field : undefined;
  const keepsType = /^(MIN|MAX)$/i.test(item.fn.functionName ?? '');
  const base = own ?? scope.schema.fields[0];
  if (!base) throw malformed(`Ordered field must be grouped or aggregated: ${expression}`);
  return { field: keepsType ? base : { ...base, ...NUMBER_FIELD }, read: (group) => fold(group.records) };
}

export interface Folded {
  readonly groups: readonly Group[];
  readonly write: (group: Group) => string;
  /** Reads what HAVING names. */
  readonly operand: (condition: Condition) => {
    readonly read: (group: Group) => Scalar;
    readonly field: FieldSchema;
  };
  readonly sortReader: (item: {
    readonly field?: string;
    readonly fn?: FunctionExp;
  }) => (group: Group) => Scalar;
}

/** Folds the records that WHERE let through. @throws AnswerError */
export function fold(scope: Scope, query: Query, records: readonly SObject[]): Folded {
  const groupings = groupingsOf(scope, query);
  const columns = columnsOf(scope, query.fields ?? [], groupings);
  return {
    groups: groupsOf(records, groupings),
    write: (group) => {
      const members = columns.map((column) => `,"${column.name}":${writeJson(column.value(group))}`);
      return `{"attributes":{"type":"AggregateResult"}${members.join('')}}`;
    },
    operand: (condition) => {
      if ('fn' in condition) return groupReader(scope, groupings, { fn: condition.fn });
      if ('field' in condition) return groupReader(scope, groupings, { field: condition.field });
      throw malformed('unexpected token: (');
    },
    sortReader: (item) => groupReader(scope, groupings, item).read,
  };
}
