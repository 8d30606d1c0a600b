import type {
  ConditionWithValueQuery,
  FieldFunctionExpression,
  FieldType,
  FieldTypeOf,
  FunctionExp,
  HavingClause,
  NegationCondition,
  Query,
  QueryBase,
  Subquery,
  ValueFunctionCondition,
  WhereClause,
} from '@jetstreamapp/soql-parser-js';
import type { FieldPosition, FieldUse } from '../../../model/operation.ts';
import { equalityIn, type SoqlEquality } from './equality.ts';
import { isStringLiteral } from './lexemes.ts';
import { type ResolvedField, resolveField, type Scope, scopeOf } from './names.ts';
import { refuseSoql } from './parse.ts';
import type { ParentNode, SelectedField, SelectNode, SoqlReading } from './reading.ts';
import type { SoqlSchema } from './schema.ts';
import { withinIn } from './within.ts';

const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG']);
/** Child subqueries nest five deep since v58; semi-joins once. */
const QUERY_DEPTH_MAX = 8;

/** Collects uses; the functions below add to it. */
interface Collector {
  readonly schema: SoqlSchema;
  readonly uses: Map<string, FieldUse & { readonly equals?: string[] }>;
  readonly equalities: SoqlEquality[];
  readonly objects: Set<string>;
  readonly reached: Set<string>;
}

/**
 * Reads everything a parsed query says about fields.
 * @throws PrivetError BODY_UNREADABLE for what has no certain meaning
 */
export function readQuery(query: Query, schema: SoqlSchema): SoqlReading {
  const collector: Collector = {
    schema,
    uses: new Map(),
    equalities: [],
    objects: new Set(),
    reached: new Set(),
  };
  const object = schema.object(fromOf(query));
  const scope = scopeOf([object], query.sObjectAlias, schema);
  const root = readSelect(query, scope, 'select', collector, 0);
  return {
    object,
    objects: [...collector.objects],
    uses: [...collector.uses.values()],
    equalities: collector.equalities,
    aggregates: root.aggregates,
    reached: [...collector.reached],
    root,
  };
}

function fromOf(query: Query): string {
  if (query.sObject === undefined) refuseSoql('FROM names no object.');
  return query.sObject;
}

/** How a use compares a field. Uses that only compare for equality become one for each field. */
type Asked = Pick<FieldUse, 'equals' | 'within'>;

function use(
  collector: Collector,
  { objects, path, field, elsewhere }: ResolvedField,
  position: FieldPosition,
  { equals, within }: Asked = {},
): void {
  for (const object of objects) {
    if (path.length > 0) collector.reached.add(object);
    collector.objects.add(object);
    const how = equals === undefined ? within : 'equals';
    const key = [object, field, position, how, elsewhere].join('\n');
    const known = collector.uses.get(key);
    if (known === undefined) {
      const named = { object, field, position, ...(elsewhere && { elsewhere }), ...(within && { within }) };
      collector.uses.set(key, equals === undefined ? named : { ...named, equals: [...equals] });
    } else if (equals !== undefined) known.equals?.push(...equals);
  }
}

function useName(
  collector: Collector,
  name: string,
  scope: Scope,
  position: FieldPosition,
  asked?: Asked,
): void {
  use(collector, resolveField(name, scope), position, asked);
}

/** The SELECT that is being read. */
interface Select {
  readonly scope: Scope;
  /** Position of a field that is named plainly. */
  readonly plain: FieldPosition;
  readonly depth: number;
  readonly selected: SelectedField[];
  readonly fieldSets: string[];
  readonly children: SelectNode[];
  readonly polymorphic: ParentNode[];
}

/** Reads one SELECT with all its clauses. `asked` is `filter` for a semi-join: its fields are compared, not shown. */
function readSelect(
  query: QueryBase,
  scope: Scope,
  asked: 'select' | 'filter',
  collector: Collector,
  depth: number,
): SelectNode {
  if (depth > QUERY_DEPTH_MAX) refuseSoql('subqueries nest too deeply.');
  for (const object of scope.objects) collector.objects.add(object);
  const fields = query.fields ?? [];
  const aggregates = query.groupBy !== undefined || fields.some(hasAggregate);
  const plain = aggregates && asked === 'select' ? 'group' : asked;
  const select: Select = { scope, plain, depth, selected: [], fieldSets: [], children: [], polymorphic: [] };
  for (const field of fields) readField(field, select, collector);
  readClauses(query, scope, collector, depth);
  const { selected, fieldSets, children } = select;
  const parents = [...parentsOf(selected, scope), ...select.polymorphic];
  return { objects: scope.objects, selected, fieldSets, parents, children, aggregates };
}

function readField(field: FieldType, select: Select, collector: Collector): void {
  const { scope, plain } = select;
  switch (field.type) {
    case 'Field':
    case 'FieldRelationship': {
      const resolved = resolveField(nameOf(field), scope);
      const isAliased = 'alias' in field && field.alias !== undefined;
      use(collector, resolved, isAliased && plain === 'select' ? 'derive' : plain);
      if (!isAliased) select.selected.push(resolved);
      return;
    }
    case 'FieldFunctionExpression':
      if (field.functionName.toUpperCase() === 'FIELDS') readFieldSet(field, select, collector);
      else readFunction(field, scope, undefined, collector);
      return;
    case 'FieldSubquery':
      select.children.push(readChild(field.subquery, scope, collector, select.depth));
      return;
    case 'FieldTypeof':
      readTypeof(field, select, collector);
  }
}

function readFieldSet(
  field: FieldFunctionExpression,
  { scope, plain, fieldSets }: Select,
  collector: Collector,
): void {
  const [set] = field.parameters;
  if (typeof set !== 'string') refuseSoql('FIELDS() is not understood.');
  fieldSets.push(set.toUpperCase());
  use(
    collector,
    { objects: scope.objects, path: [], field: '*', elsewhere: scope.elsewhere === true },
    plain,
  );
}

function readTypeof(field: FieldTypeOf, { scope, plain, polymorphic }: Select, collector: Collector): void {
  const { schema } = collector;
  const { path, field: last } = resolveField(field.field, scope);
  polymorphic.push({ path: [...path, schema.relationship(last)], objects: ['*'] });
  collector.reached.add('*');
  for (const { objectType, fieldList } of field.conditions) {
    const object = objectType === undefined ? '*' : schema.object(objectType);
    for (const name of fieldList)
      useName(collector, name, { objects: [object], alias: undefined, schema }, plain);
  }
}

function nameOf(field: Extract<FieldType, { type: 'Field' | 'FieldRelationship' }>): string {
  const prefix = 'objectPrefix' in field ? [field.objectPrefix] : [];
  const relationships = field.type === 'FieldRelationship' ? field.relationships : [];
  return [...prefix, ...relationships, field.field].join('.');
}

function hasAggregate(field: FieldType): boolean {
  const inFunction = (fn: FieldFunctionExpression): boolean =>
    AGGREGATES.has(fn.functionName.toUpperCase()) ||
    fn.parameters.some((parameter) => typeof parameter !== 'string' && inFunction(parameter));
  return field.type === 'FieldFunctionExpression' && inFunction(field);
}

/** Every record on the way to a selected field stands in the answer. */
function parentsOf(selected: readonly SelectedField[], scope: Scope): ParentNode[] {
  const parents = new Map<string, ParentNode>();
  for (const { path } of selected) {
    for (let length = 1; length <= path.length; length += 1) {
      const prefix = path.slice(0, length);
      const { objects } = resolveField([...prefix, 'Id'].join('.'), { ...scope, alias: undefined });
      parents.set(prefix.join('.').toLowerCase(), { path: prefix, objects });
    }
  }
  return [...parents.values()];
}

function readChild(subquery: Subquery, scope: Scope, collector: Collector, depth: number): SelectNode {
  const prefix = subquery.sObjectPrefix ?? [];
  if (prefix.length > 1 || (prefix[0] ?? scope.alias)?.toLowerCase() !== scope.alias?.toLowerCase()) {
    refuseSoql('FROM of a subquery is not a child relationship.');
  }
  const { schema } = collector;
  const objects = [
    ...new Set(scope.objects.flatMap((object) => schema.child(object, subquery.relationshipName))),
  ];
  const childScope = scopeOf(objects.includes('*') ? ['*'] : objects, subquery.sObjectAlias, schema);
  const node = readSelect(subquery, childScope, 'select', collector, depth + 1);
  return { ...node, relationship: schema.relationship(subquery.relationshipName) };
}

/**
 * A function's fields; `position` overrides the one that follows from the function.
 * @param asked what its result is compared with
 */
function readFunction(
  fn: FunctionExp | FieldFunctionExpression,
  scope: Scope,
  position: FieldPosition | undefined,
  collector: Collector,
  asked?: Asked,
): void {
  const name = fn.functionName?.toUpperCase() ?? '';
  const own = AGGREGATES.has(name) ? 'aggregate' : name === 'GROUPING' ? 'group' : undefined;
  for (const parameter of fn.parameters ?? []) {
    if (typeof parameter !== 'string') readFunction(parameter, scope, position ?? own, collector, asked);
    else if (!isLiteral(parameter)) useName(collector, parameter, scope, position ?? own ?? 'derive', asked);
  }
}

/** Whether a text is a number or exactly one string literal. */
function isLiteral(text: string): boolean {
  if (!text.startsWith("'")) return /^[-+]?\d/.test(text);
  if (!isStringLiteral(text)) refuseSoql('a string literal is not understood.');
  return true;
}

function readClauses(query: QueryBase, scope: Scope, collector: Collector, depth: number): void {
  readConditions(query.where, scope, collector, depth);
  readConditions(query.having, scope, collector, depth);
  for (const { groupName } of query.withDataCategory?.conditions ?? []) {
    useName(collector, groupName, scope, 'filter');
  }
  readList(query.groupBy, scope, 'group', collector);
  readList(query.orderBy, scope, 'sort', collector);
}

type ListItem = { readonly field: string } | { readonly fn: FunctionExp };

function readList(
  list: ListItem | readonly ListItem[] | undefined,
  scope: Scope,
  position: FieldPosition,
  collector: Collector,
): void {
  for (const item of list === undefined ? [] : [list].flat()) {
    if ('fn' in item) readFunction(item.fn, scope, position, collector);
    else useName(collector, item.field, scope, position);
  }
}

function readConditions(
  clause: WhereClause | HavingClause | undefined,
  scope: Scope,
  collector: Collector,
  depth: number,
): void {
  for (let rest = clause; rest !== undefined; rest = 'right' in rest ? rest.right : undefined) {
    const condition = rest.left;
    if (condition === null) continue;
    if ('field' in condition) readComparison(condition, scope, collector);
    if ('fn' in condition) {
      const within = withinIn(condition);
      readFunction(condition.fn, scope, 'filter', collector, within && { within });
    }
    if ('valueQuery' in condition) readSemiJoin(condition.valueQuery, collector, depth);
    if ('value' in condition) [condition.value].flat().forEach(isLiteral);
  }
}

function readComparison(
  condition: Exclude<ConditionWithValueQuery, NegationCondition | ValueFunctionCondition>,
  scope: Scope,
  collector: Collector,
): void {
  const resolved = resolveField(condition.field, scope);
  const equality = equalityIn(condition);
  const within = withinIn(condition);
  use(collector, resolved, 'filter', {
    ...(equality && { equals: equality.values }),
    ...(within && { within }),
  });
  const { objects, field } = resolved;
  if (equality !== undefined) collector.equalities.push({ objects, field, ...equality });
}

function readSemiJoin(query: Query, collector: Collector, depth: number): void {
  const { schema } = collector;
  const scope = scopeOf([schema.object(fromOf(query))], query.sObjectAlias, schema);
  readSelect(query, { ...scope, elsewhere: true }, 'filter', collector, depth + 1);
}
