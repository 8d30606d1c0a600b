import type { Condition, OrderByClause, Subquery } from '@jetstreamapp/soql-parser-js';
import type { Scalar } from '../../wire/json.ts';
import { failure, malformed } from '../errors.ts';
import { childrenOf, schemaOf } from '../schema.ts';
import type { SObject } from '../sobject.ts';
import type { SalesforceStore } from '../store.ts';
import { aggregates, fold, isCountOnly } from './aggregate.ts';
import { choosesLinks, LINKS, LINKS_UNCHOSEN } from './links.ts';
import { compareScalars } from './order.ts';
import { asArray, parseSoql, type Query, type QueryBase } from './parse.ts';
import { fieldReader, functionReader, readPath, resolvePath, type Scope } from './path.ts';
import { compileSelect, type Projection } from './project.ts';
import { compileWhere } from './where.ts';

export interface QueryContext {
  readonly store: SalesforceStore;
  readonly now: number;
  /** queryAll: the recycle bin too. */
  readonly includeDeleted: boolean;
}

/** An answered query. Rows are written when their page is asked for. */
export interface QueryResult {
  readonly object: string;
  readonly totalSize: number;
  /** Rows to page through; none for `SELECT COUNT()`. */
  readonly rowCount: number;
  /** @param version API version as in the path, `v59.0` */
  readonly writeRow: (index: number, version: string) => string;
  /** @throws AnswerError for what a bulk query cannot select */
  readonly csv: () => {
    readonly header: readonly string[];
    readonly row: (index: number) => readonly string[];
  };
}

const OFFSET_MAX = 2_000;

interface SortKey<Row> {
  readonly read: (row: Row) => Scalar;
  readonly isDescending: boolean;
  readonly areNullsLast: boolean;
}

function sortKeys<Row>(
  clause: QueryBase['orderBy'],
  read: (item: OrderByClause) => (row: Row) => Scalar,
): readonly SortKey<Row>[] {
  return asArray(clause).map((item) => ({
    read: read(item),
    isDescending: item.order === 'DESC',
    areNullsLast: item.nulls === 'LAST',
  }));
}

function sorted<Row>(rows: readonly Row[], keys: readonly SortKey<Row>[]): readonly Row[] {
  if (keys.length === 0) return rows;
  const keyed = rows.map((row) => ({ row, values: keys.map((key) => key.read(row)) }));
  keyed.sort((left, right) => {
    for (const [index, key] of keys.entries()) {
      const [a, b] = [left.values[index] ?? null, right.values[index] ?? null];
      if (a === null && b === null) continue;
      if (a === null || b === null) return (a === null) === key.areNullsLast ? 1 : -1;
      const order = compareScalars(a, b);
      if (order !== 0) return key.isDescending ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

function window<Row>(rows: readonly Row[], query: QueryBase): readonly Row[] {
  const { offset = 0, limit = rows.length } = query;
  if (offset > OFFSET_MAX)
    throw failure(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${OFFSET_MAX}`);
  return offset === 0 && limit >= rows.length ? rows : rows.slice(offset, offset + limit);
}

/** Values a semi-join's inner query selects, in lower case. */
function innerValues(context: QueryContext, query: Query): ReadonlySet<string> {
  const scope = scopeOf(context, query.sObject ?? '', query.sObjectAlias);
  if (scope.schema.name === LINKS)
    throw malformed(`Entity '${LINKS}' is not supported for semi join inner selects`);
  const [selected, ...others] = query.fields ?? [];
  if (others.length > 0 || (selected?.type !== 'Field' && selected?.type !== 'FieldRelationship'))
    throw malformed('Only one field may be selected in a semi-join sub-select.');
  const name =
    selected.type === 'Field' ? selected.field : [...selected.relationships, selected.field].join('.');
  const path = resolvePath(scope, name);
  const values = matching(context, scope, query).map((record) => readPath(context.store, record, path));
  return new Set(values.filter((value) => typeof value === 'string').map((value) => value.toLowerCase()));
}

function scopeOf(context: QueryContext, object: string, alias: string | undefined): Scope {
  const schema = schemaOf(object);
  if (!schema)
    throw failure(
      400,
      'INVALID_TYPE',
      `\nSELECT Id FROM ${object}\n               ^\nERROR at Row:1:Column:16\nsObject type '${object}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  return { store: context.store, schema, alias: alias?.toLowerCase(), now: context.now };
}

function operandOf(scope: Scope, condition: Condition) {
  if ('fn' in condition) return functionReader(scope, condition.fn, 'filtered');
  if ('field' in condition) return fieldReader(scope, condition.field, 'filtered');
  throw malformed('unexpected token: (');
}

function predicateOf(context: QueryContext, scope: Scope, query: QueryBase): (record: SObject) => boolean {
  if (!query.where) return () => true;
  return compileWhere<SObject>(query.where, {
    now: scope.now,
    operand: (condition) => operandOf(scope, condition),
    subquery: (inner) => innerValues(context, inner),
  });
}

/** Records that WHERE lets through, in order of creation. */
function matching(context: QueryContext, scope: Scope, query: QueryBase): readonly SObject[] {
  const holds = predicateOf(context, scope, query);
  return context.store
    .all(scope.schema.name)
    .filter((record) => (context.includeDeleted || record['IsDeleted'] !== true) && holds(record));
}

function arranged(scope: Scope, query: QueryBase, records: readonly SObject[]): readonly SObject[] {
  const keys = sortKeys<SObject>(query.orderBy, (item) =>
    'field' in item
      ? fieldReader(scope, item.field, 'sorted').read
      : functionReader(scope, item.fn, 'sorted').read,
  );
  return window(sorted(records, keys), query);
}

/** Children by the id of their parent, arranged as the subquery says. */
function compileSubquery(context: QueryContext, parent: string, subquery: Subquery) {
  const relationship = childrenOf(parent).find(
    ({ name }) => name.toLowerCase() === subquery.relationshipName.toLowerCase(),
  );
  if (!relationship)
    throw failure(
      400,
      'INVALID_TYPE',
      `Didn't understand relationship '${subquery.relationshipName}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.`,
    );
  const scope = scopeOf(context, relationship.object, subquery.sObjectAlias);
  const projection = compileSelect(scope, subquery.fields ?? [], subquery.limit, () => {
    throw malformed('SOQL statements cannot query aggregate relationships more than 1 level away here.');
  });
  const children = Map.groupBy(
    matching(context, scope, subquery),
    (record) => record[relationship.field] ?? null,
  );
  const write = (record: SObject, version: string): string => {
    const rows = arranged(scope, subquery, children.get(record['Id'] ?? null) ?? []);
    if (rows.length === 0) return 'null';
    const texts = rows.map((row) => projection.write(row, version));
    return `{"totalSize":${rows.length},"done":true,"records":[${texts.join(',')}]}`;
  };
  return { name: relationship.name, write };
}

function runAggregate(scope: Scope, query: Query, records: readonly SObject[]): QueryResult {
  const folded = fold(scope, query, records);
  const holds = query.having
    ? compileWhere(query.having, {
        now: scope.now,
        operand: folded.operand,
        subquery: () => new Set<string>(),
      })
    : () => true;
  const rows = window(
    sorted(
      folded.groups.filter(holds),
      sortKeys(query.orderBy, (item) => folded.sortReader(item)),
    ),
    query,
  );
  return {
    object: scope.schema.name,
    totalSize: rows.length,
    rowCount: rows.length,
    writeRow: (index) =>
      rows
        .slice(index, index + 1)
        .map(folded.write)
        .join(''),
    csv: () => {
      throw failure(400, 'FEATURENOTENABLED', 'Aggregate queries are not supported in Bulk Query');
    },
  };
}

/** Parses and answers a query over the sandbox's records. @throws AnswerError in the vendor's words */
export function runSoql(context: QueryContext, soql: string): QueryResult {
  const query = parseSoql(soql);
  const scope = scopeOf(context, query.sObject ?? '', query.sObjectAlias);
  const object = scope.schema.name;
  if (object === LINKS && !choosesLinks(query.where)) throw malformed(LINKS_UNCHOSEN);
  const records = matching(context, scope, query);
  if (isCountOnly(query)) {
    const noRows = { header: [], row: () => [] };
    return {
      object,
      totalSize: window(records, query).length,
      rowCount: 0,
      writeRow: () => '',
      csv: () => noRows,
    };
  }
  if (aggregates(query)) return runAggregate(scope, query, records);
  const projection: Projection = compileSelect(scope, query.fields ?? [], query.limit, (subquery) =>
    compileSubquery(context, object, subquery),
  );
  const rows = arranged(scope, query, records);
  const at = (index: number): SObject => {
    const row = rows[index];
    if (!row) throw new RangeError('There is no such row.');
    return row;
  };
  return {
    object,
    totalSize: rows.length,
    rowCount: rows.length,
    writeRow: (index, version) => projection.write(at(index), version),
    csv: () => {
      const { header, row } = projection.csv();
      return { header, row: (index) => row(at(index)) };
    },
  };
}
