import type { Query, QueryBase, ValueCondition, WhereClause } from '@jetstreamapp/soql-parser-js';
import type { RowRule } from '../../../model/decision.ts';
import { comparesExactly } from '../../exact-value.ts';
import { composeSoql } from './compose.ts';
import { stringLiteral } from './lexemes.ts';
import type { SelectNode, SoqlReading } from './reading.ts';
import type { SoqlSchema } from './schema.ts';

/** What has to be added to the client's query. */
export interface SoqlNarrowing {
  readonly addFields: ReadonlyMap<string, readonly string[]>;
  readonly where: ReadonlyMap<string, readonly RowRule[]>;
}

/** A narrowed query. */
export interface NarrowedSoql {
  readonly text: string;
  /** Fields that stand in the answer only because of the narrowing, per object. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** True when every row rule on every object of the query is part of it, exactly. */
  readonly rowsPushed: boolean;
}

interface Work {
  readonly narrowing: SoqlNarrowing;
  readonly schema: SoqlSchema;
  readonly added: Map<string, Set<string>>;
  /** Fields the client itself asked for, as `object\nfield` in lower case: they stay in the answer. */
  readonly asked: ReadonlySet<string>;
  rowsPushed: boolean;
  changed: boolean;
}

/**
 * Adds fields to every SELECT that brings an object in, and row conditions to every WHERE. What cannot be added exactly
 * is left out of the result; the query itself stays valid in any case, since the result is parsed again and compared.
 */
export function narrowSoql(
  text: string,
  parsed: { readonly query: Query; readonly reading: SoqlReading },
  narrowing: SoqlNarrowing,
  schema: SoqlSchema,
): NarrowedSoql {
  const { root, reached } = parsed.reading;
  // A related record is shown or hidden by itself: a condition in WHERE would hide the record around it.
  const reachesRows = reached.some((object) => hasRows(object, narrowing));
  const work: Work = {
    narrowing,
    schema,
    added: new Map(),
    asked: askedFor(root),
    rowsPushed: !reachesRows,
    changed: false,
  };
  const query = structuredClone(parsed.query);
  narrowSelect(query, root, work);
  if (!work.changed) return { text, added: new Map(), rowsPushed: work.rowsPushed };
  const narrowed = composeSoql(query);
  if (narrowed === undefined) return { text, added: new Map(), rowsPushed: narrowing.where.size === 0 };
  const added = new Map([...work.added].map(([object, fields]) => [object, [...fields]]));
  return { text: narrowed, added, rowsPushed: work.rowsPushed };
}

function key(object: string, field: string): string {
  return `${object}\n${field}`.toLowerCase();
}

/** Fields the client selects by name; `*` stands for those it gets through FIELDS(). */
function askedFor(node: SelectNode): ReadonlySet<string> {
  const own = node.selected.flatMap(({ objects, field }) => objects.map((object) => key(object, field)));
  const sets = node.fieldSets.length === 0 ? [] : node.objects.map((object) => key(object, '*'));
  return new Set([...own, ...sets, ...node.children.flatMap((child) => [...askedFor(child)])]);
}

function narrowSelect(query: QueryBase, node: SelectNode, work: Work): void {
  const [object] = node.objects;
  addFields(query, [], node.objects, node, work);
  for (const parent of node.parents) {
    addFields(query, parent.path, parent.objects, node, work);
  }
  narrowSemiJoins(query, work);
  if (node.objects.length === 1 && object !== undefined && object !== '*') addConditions(query, object, work);
  else if (node.objects.some((name) => hasRows(name, work.narrowing))) work.rowsPushed = false;
  const children = (query.fields ?? []).flatMap((field) =>
    field.type === 'FieldSubquery' ? [field.subquery] : [],
  );
  for (const [index, child] of node.children.entries()) {
    const subquery = children[index];
    if (subquery !== undefined) narrowSelect(subquery, child, work);
  }
}

function hasRows(object: string, narrowing: SoqlNarrowing): boolean {
  if (object === '*') return narrowing.where.size > 0;
  return (narrowing.where.get(object)?.length ?? 0) > 0;
}

/** Adds the fields an object needs, below `path`. A polymorphic parent has only the fields all its objects share. */
function addFields(
  query: QueryBase,
  path: readonly string[],
  objects: readonly string[],
  node: SelectNode,
  work: Work,
): void {
  const [object] = objects;
  if (node.aggregates || object === undefined || objects.length !== 1) return;
  const here = (field: string): string => [...path, field].join('.').toLowerCase();
  const present = new Set(
    node.selected.map((selected) => [...selected.path, selected.field].join('.').toLowerCase()),
  );
  for (const field of work.narrowing.addFields.get(object) ?? []) {
    if (present.has(here(field)) || (path.length === 0 && inFieldSets(field, node.fieldSets))) continue;
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) continue;
    query.fields?.push(
      path.length === 0
        ? { type: 'Field', field }
        : { type: 'FieldRelationship', field, relationships: [...path] },
    );
    work.changed = true;
    if (work.asked.has(key(object, field)) || work.asked.has(key(object, '*'))) continue;
    const added = work.added.get(object) ?? new Set();
    work.added.set(object, added.add(field));
  }
}

/** Salesforce refuses a field that is selected twice. */
function inFieldSets(field: string, sets: readonly string[]): boolean {
  const own = /__[a-z]+$/i.test(field) ? 'CUSTOM' : 'STANDARD';
  return sets.includes('ALL') || sets.includes(own);
}

/**
 * More values are left to the record filter. They stand in the URL of a query, of which Salesforce reads 16,384 bytes.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
 */
const VALUES_MAX = 200;

function addConditions(query: QueryBase, object: string, work: Work): void {
  for (const { equals = [] } of work.narrowing.where.get(object) ?? []) {
    if (equals.length === 0) work.rowsPushed = false;
    for (const equality of equals) {
      const { field, values } = equality;
      const literals = literalsOf(values);
      if (literals === undefined || !/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) {
        work.rowsPushed = false;
        continue;
      }
      if (!comparesExactly(equality)) work.rowsPushed = false;
      query.where = conjunction(field, literals, query.where);
      work.changed = true;
    }
  }
}

function literalsOf(values: readonly string[]): readonly string[] | undefined {
  if (values.length > VALUES_MAX) return undefined;
  const literals = values.map((value) => (value === '' ? undefined : stringLiteral(value)));
  const known = literals.filter((literal) => literal !== undefined);
  return known.length === values.length ? known : undefined;
}

function conjunction(
  field: string,
  literals: readonly string[],
  where: WhereClause | undefined,
): WhereClause {
  const [only = '', ...more] = literals;
  const left: ValueCondition =
    more.length === 0
      ? { field, operator: '=', value: only, literalType: 'STRING' }
      : { field, operator: 'IN', value: [only, ...more], literalType: 'STRING' };
  return where === undefined ? { left } : { left, operator: 'AND', right: parenthesised(where) };
}

/** Puts parentheses around a whole condition: in the parsed form they are counted at its first and last part. */
function parenthesised(where: WhereClause): WhereClause {
  const wrapped = structuredClone(where);
  if (wrapped.left === null) wrapped.left = { openParen: 1 };
  else wrapped.left.openParen = (wrapped.left.openParen ?? 0) + 1;
  let last: WhereClause = wrapped;
  while ('right' in last) last = last.right;
  const end = last.left;
  if (end !== null && ('field' in end || 'fn' in end)) end.closeParen = (end.closeParen ?? 0) + 1;
  return wrapped;
}

/** Adds the rules in semi-joins too: hidden records must not show through them. */
function narrowSemiJoins(query: QueryBase, work: Work): void {
  for (let rest = query.where; rest !== undefined; rest = 'right' in rest ? rest.right : undefined) {
    const condition = rest.left;
    if (condition === null || !('valueQuery' in condition)) continue;
    const inner = condition.valueQuery;
    const object = work.schema.object(inner.sObject ?? '*');
    narrowSemiJoins(inner, work);
    addConditions(inner, object, work);
  }
}
