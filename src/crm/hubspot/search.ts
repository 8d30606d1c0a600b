import type { RowEquality, RowRule } from '../../model/decision.ts';
import type { FieldUse, Operation } from '../../model/operation.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recogniser } from '../adapter-code.ts';
import { comparesExactly } from '../exact-value.ts';
import {
  isJsonObject,
  type JsonObject,
  parseJsonObject,
  refuseBody,
  refuseUnknown,
  stringsIn,
} from '../json-body.ts';
import { withJsonBody } from '../request-edit.ts';
import { touchesRows, unnarrowed } from '../select-parameter.ts';
import { type ComparedField, comparing } from '../substitution.ts';
import { CONSTANT_PROPERTIES, canonicalObject, DEFAULT_PROPERTIES, searchedProperties } from './objects.ts';
import { propertyUse } from './properties.ts';

const SEARCH_MEMBERS = new Set(['filterGroups', 'filters', 'sorts', 'query', 'properties', 'limit', 'after']);
const GROUP_MEMBERS = new Set(['filters']);
const FILTER_MEMBERS = new Set(['propertyName', 'operator', 'value', 'highValue', 'values']);
const SORT_MEMBERS = new Set(['propertyName', 'direction']);
/** @see https://developers.hubspot.com/docs/api-reference/crm-using-object-apis/search#limits */
const GROUPS_MAX = 5;
const FILTERS_PER_GROUP_MAX = 6;
const FILTERS_MAX = 18;
/** Length of a whole search in characters; HubSpot refuses longer ones. */
const SEARCH_LENGTH_MAX = 3_000;

export const recogniseSearch: Recogniser = ({ request, object, operation }) => {
  const search = parseJsonObject(request.body);
  const uses = usesOfSearch(object, search);
  // Without records the answer is their number alone.
  const aggregates = search['limit'] !== undefined && Number(search['limit']) === 0;
  return { ...operation, objects: objectsOf(object, uses), uses, aggregates };
};

/** Every property that a search uses, named or implied. @throws PrivetError BODY_UNREADABLE */
export function usesOfSearch(object: string, search: JsonObject): FieldUse[] {
  refuseUnknown(search, SEARCH_MEMBERS, 'the search');
  const selected = stringsIn(search, 'properties') ?? DEFAULT_PROPERTIES.get(object) ?? ['*'];
  const freeText = search['query'] === undefined || search['query'] === '' ? [] : searchedProperties(object);
  const filters = [...filterGroups(search).flat(), ...filtersIn(search['filters'] ?? [])];
  return [
    ...selected.map((field): FieldUse => ({ object, field, position: 'select' })),
    ...filters.map((filter) => useOfFilter(object, filter)),
    ...sortsIn(search['sorts'] ?? []).map((field) => propertyUse(object, field, 'sort')),
    ...freeText.map((field): FieldUse => ({ object, field, position: 'search' })),
  ];
}

export function objectsOf(object: string, uses: readonly FieldUse[]): string[] {
  return [...new Set([object, ...uses.map((use) => use.object)])];
}

function filterGroups(search: JsonObject): JsonObject[][] {
  return listOf(search['filterGroups'] ?? [], 'filterGroups').map((group) => {
    refuseUnknown(group, GROUP_MEMBERS, 'a filter group');
    return filtersIn(group['filters'] ?? []);
  });
}

function filtersIn(value: unknown): JsonObject[] {
  const filters = listOf(value, 'filters');
  for (const filter of filters) refuseUnknown(filter, FILTER_MEMBERS, 'a filter');
  return filters;
}

function listOf(value: unknown, name: string): JsonObject[] {
  if (Array.isArray(value) && value.every(isJsonObject)) return value;
  return refuseBody(`"${name}" is not a list of objects.`);
}

function useOfFilter(object: string, filter: JsonObject): FieldUse {
  const { objects, field, elsewhere } = fieldOfFilter(object, filter);
  const within = withinFilter(filter);
  const use: FieldUse = {
    ...propertyUse(objects[0], field, 'filter'),
    ...(elsewhere && { elsewhere }),
    ...(within && { within }),
  };
  const values = valuesOfFilter(filter);
  return values?.length === 0 ? { ...use, equals: [] } : comparing(use, values ?? []);
}

const WHOLE: ReadonlySet<unknown> = new Set([
  'EQ',
  'NEQ',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
]);
const ORDER: ReadonlySet<unknown> = new Set(['LT', 'LTE', 'GT', 'GTE', 'BETWEEN']);

/** What a filter asks of a text: CONTAINS_TOKEN finds words anywhere in it, and takes wildcards. */
function withinFilter({ operator, value, values, highValue }: JsonObject): FieldUse['within'] {
  if (WHOLE.has(operator)) return undefined;
  const hasQuote = [value, values, highValue].flat().some((one) => String(one).includes('"'));
  if (hasQuote) return 'json';
  return ORDER.has(operator) ? undefined : 'text';
}

/** `associations.contact` filters by the ids of another object's records. */
export function fieldOfFilter(
  object: string,
  filter: JsonObject,
): ComparedField & { readonly objects: readonly [string] } & Pick<FieldUse, 'elsewhere'> {
  const name = filter['propertyName'];
  if (typeof name !== 'string') return refuseBody('a filter names no property.');
  const associated = /^associations\.(.+)$/i.exec(name)?.[1];
  if (associated === undefined) return { objects: [object], field: name };
  const to = canonicalObject(associated);
  return to === undefined
    ? refuseBody('a filter by associated records names no object.')
    : { objects: [to], field: 'hs_object_id', elsewhere: true };
}

const WITH_VALUE: ReadonlySet<unknown> = new Set(['EQ', 'NEQ']);
const WITH_VALUES: ReadonlySet<unknown> = new Set(['IN', 'NOT_IN']);
const WITH_NONE: ReadonlySet<unknown> = new Set(['HAS_PROPERTY', 'NOT_HAS_PROPERTY']);

/**
 * Values of a filter that only compares for equality or inequality; none when it asks whether there is a value at all;
 * undefined for every other filter.
 */
export function valuesOfFilter({
  operator,
  value,
  values,
  highValue,
}: JsonObject): readonly string[] | undefined {
  if (highValue !== undefined) return undefined;
  if (WITH_NONE.has(operator)) return value === undefined && values === undefined ? [] : undefined;
  const compared: unknown =
    WITH_VALUE.has(operator) && values === undefined
      ? [value]
      : WITH_VALUES.has(operator) && value === undefined
        ? values
        : undefined;
  const isText = (item: unknown): item is string => typeof item === 'string' && item !== '';
  return Array.isArray(compared) && compared.length > 0 && compared.every(isText) ? compared : undefined;
}

/** Sorts are names, names with a sign, or objects. */
function sortsIn(value: unknown): string[] {
  if (!Array.isArray(value)) return refuseBody('"sorts" is not a list.');
  return value.map((sort: unknown) => {
    if (isJsonObject(sort)) refuseUnknown(sort, SORT_MEMBERS, 'a sort');
    const name = isJsonObject(sort) ? sort['propertyName'] : sort;
    return typeof name === 'string' ? name.replace(/^[-+]/, '') : refuseBody('a sort names no property.');
  });
}

/** Adds properties to the selected ones, and row conditions to every group of filters (groups are alternatives). */
export function narrowSearch(operation: Operation, narrowing: Narrowing): Narrowed {
  const [object] = operation.objects;
  if (object === undefined) return unnarrowed(operation, narrowing);
  const search = parseJsonObject(operation.request.body);
  const others = operation.objects.filter((name) => name !== object);
  const rows = rowFilters(narrowing.rows.get(object) ?? []);
  const groups = withFilters(search, rows.filters);
  const rowsPushed =
    groups !== undefined && rows.isExact && object !== '*' && !touchesRows(others, narrowing);
  const properties = withProperties(search, object, narrowing.fields.get(object) ?? []);
  const addsRows = groups !== undefined && rows.filters.length > 0;
  const addsProperties = properties.added.length > 0;
  const body = {
    ...search,
    ...(addsRows && { filterGroups: groups }),
    ...(addsProperties && { properties: properties.all }),
  };
  return {
    operation:
      addsRows || addsProperties
        ? { ...operation, request: withJsonBody(operation.request, body) }
        : operation,
    added: addsProperties ? new Map([[object, properties.added]]) : new Map(),
    rowsPushed: rowsPushed || !touchesRows(operation.objects, narrowing),
  };
}

/** Properties of a body with more of them; nothing is added where the default ones are not known. */
export function withProperties(
  body: JsonObject,
  object: string,
  wanted: readonly string[],
): { readonly all: readonly string[]; readonly added: readonly string[] } {
  const present = stringsIn(body, 'properties') ?? DEFAULT_PROPERTIES.get(object);
  if (present === undefined) return { all: [], added: [] };
  const lower = new Set([...present, ...CONSTANT_PROPERTIES].map((name) => name.toLowerCase()));
  const added = wanted.filter((name) => !lower.has(name.toLowerCase()));
  return { all: [...present, ...added], added };
}

/** The equalities of row rules as filters. */
function rowFilters(rules: readonly RowRule[]): {
  readonly filters: readonly JsonObject[];
  readonly isExact: boolean;
} {
  const equalities = rules.flatMap(({ equals }) => equals ?? []);
  const asked = equalities.filter(({ values }) => !values.includes(''));
  const isWhole = rules.every(({ equals = [] }) => equals.length > 0) && asked.length === equalities.length;
  return { filters: asked.map(filterOf), isExact: isWhole && asked.every(comparesExactly) };
}

/** Texts that IN compares must be in lower case. */
function filterOf({ field, values, foldsText }: RowEquality): JsonObject {
  const [only, ...more] = values;
  if (more.length === 0) return { propertyName: field, operator: 'EQ', value: only };
  const texts = foldsText === true ? values.map((value) => value.toLowerCase()) : values;
  return { propertyName: field, operator: 'IN', values: [...new Set(texts)] };
}

/** Filter groups with more filters in each; undefined where HubSpot's limits forbid it. */
function withFilters(search: JsonObject, filters: readonly JsonObject[]): readonly JsonObject[] | undefined {
  if (search['filters'] !== undefined) return undefined;
  const groups = filterGroups(search);
  const extended = (groups.length === 0 ? [[]] : groups).map((group) => [...group, ...filters]);
  const count = extended.reduce((sum, group) => sum + group.length, 0);
  const fits = extended.every((group) => group.length <= FILTERS_PER_GROUP_MAX);
  if (extended.length > GROUPS_MAX || !fits || count > FILTERS_MAX) return undefined;
  const narrowed = extended.map((group) => ({ filters: group }));
  const isLong = JSON.stringify({ ...search, filterGroups: narrowed }).length > SEARCH_LENGTH_MAX;
  return isLong && filters.length > 0 ? undefined : narrowed;
}
