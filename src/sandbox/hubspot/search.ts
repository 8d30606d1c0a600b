import { isJsonObject, type Json } from '../wire/json.ts';
import { invalid } from './errors.ts';
import type { HubspotRecord } from './record.ts';
import { type PropertySchema, type TypeSchema, typeSchema } from './schema.ts';
import type { HubspotStore } from './store.ts';

type Predicate = (record: HubspotRecord) => boolean;

const GROUPS_MAX = 5;
const FILTERS_MAX = 6;

/** A value as comparisons see it: numbers and moments as numbers, text in lower case. */
function comparable(property: PropertySchema | undefined, value: string): number | string {
  if (property?.type === 'number') return Number(value);
  if (property?.type === 'date' || property?.type === 'datetime')
    return /^\d{10,}$/.test(value) ? Number(value) : Date.parse(value);
  return value.toLowerCase();
}

/** Words of a text; CONTAINS_TOKEN finds whole words, or parts of words with `*`. */
const wordsOf = (text: string): string[] => text.toLowerCase().split(/[\s,;:<>()"]+/u);

function tokenPattern(token: string): RegExp {
  const pattern = token
    .toLowerCase()
    .replace(/[\\^$.+?()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 'u');
}

function containsToken(value: string, token: string): boolean {
  const pattern = tokenPattern(token);
  const words = wordsOf(value);
  return (
    pattern.test(value.toLowerCase()) ||
    words.concat(words.flatMap((word) => word.split(/[@.\-_]/))).some((word) => pattern.test(word))
  );
}

type Compare = (value: string, wanted: (text: string) => number | string) => boolean;

/** The operators that need a value; a record without one never matches. */
function comparisons(
  value: string,
  highValue: string,
  values: readonly string[],
  own: (text: string) => number | string,
): Readonly<Record<string, Compare>> {
  const list = values.map((item) => own(item));
  return {
    EQ: (actual) => own(actual) === own(value),
    NEQ: (actual) => own(actual) !== own(value),
    LT: (actual) => own(actual) < own(value),
    LTE: (actual) => own(actual) <= own(value),
    GT: (actual) => own(actual) > own(value),
    GTE: (actual) => own(actual) >= own(value),
    BETWEEN: (actual) => own(actual) >= own(value) && own(actual) <= own(highValue),
    IN: (actual) => list.includes(own(actual)),
    NOT_IN: (actual) => !list.includes(own(actual)),
    CONTAINS_TOKEN: (actual) => containsToken(actual, value),
    NOT_CONTAINS_TOKEN: (actual) => !containsToken(actual, value),
  };
}

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function compileFilter(store: HubspotStore, schema: TypeSchema, filter: Json): Predicate {
  if (!isJsonObject(filter)) throw invalid('There was a problem with the request.');
  const name = text(filter['propertyName']);
  const operator = text(filter['operator']);
  const associated = /^associations\.(\w+)$/.exec(name)?.[1];
  if (associated !== undefined) {
    const to = typeSchema(associated);
    const wanted = [text(filter['value']), ...texts(filter['values'])];
    return (record) =>
      store.associated(schema.name, record.id, to?.name ?? '').some((id) => wanted.includes(id));
  }
  const property = schema.properties.get(name);
  if (!property) throw invalid(`There was a problem with the request. Property '${name}' does not exist`);
  const has: Predicate = (record) => (record.properties[name] ?? null) !== null;
  if (operator === 'HAS_PROPERTY') return has;
  if (operator === 'NOT_HAS_PROPERTY') return (record) => !has(record);
  const own = (value: string): number | string => comparable(property, value);
  const compare = comparisons(text(filter['value']), text(filter['highValue']), texts(filter['values']), own)[
    operator
  ];
  if (!compare)
    throw invalid(`Invalid input JSON: Enum type must be one of the search operators, not ${operator}`);
  const isDenial = operator.startsWith('N');
  return (record) => {
    const actual = record.properties[name] ?? null;
    if (actual === null) return false;
    // A property with several values holds for any of them.
    const parts = property.type === 'enumeration' ? actual.split(';') : [actual];
    return isDenial ? parts.every((part) => compare(part, own)) : parts.some((part) => compare(part, own));
  };
}

/** Groups are alternatives, filters of a group hold together. @throws AnswerError VALIDATION_ERROR */
function compileFilters(store: HubspotStore, schema: TypeSchema, filterGroups: Json | undefined): Predicate {
  if (!Array.isArray(filterGroups) || filterGroups.length === 0) return () => true;
  if (filterGroups.length > GROUPS_MAX) throw invalid(`filterGroups count must be at most ${GROUPS_MAX}`);
  const groups = filterGroups.map((group: Json) => {
    const filters = isJsonObject(group) ? group['filters'] : undefined;
    if (!Array.isArray(filters) || filters.length > FILTERS_MAX)
      throw invalid(`filters count must be at most ${FILTERS_MAX}`);
    return filters.map((filter: Json) => compileFilter(store, schema, filter));
  });
  return (record) => groups.some((filters) => filters.every((holds) => holds(record)));
}

/** `-name`, `name` or `{propertyName, direction}`; one sort only, as with the vendor. */
function compileSort(
  schema: TypeSchema,
  sorts: Json | undefined,
): ((left: HubspotRecord, right: HubspotRecord) => number) | undefined {
  const [first, ...others]: readonly Json[] = Array.isArray(sorts) ? sorts : [];
  if (first === undefined) return undefined;
  if (others.length > 0) throw invalid('Only one sort is allowed.');
  const name = isJsonObject(first) ? text(first['propertyName']) : text(first).replace(/^-/, '');
  const isDescending = isJsonObject(first)
    ? first['direction'] === 'DESCENDING'
    : text(first).startsWith('-');
  const property = schema.properties.get(name);
  if (!property) throw invalid(`There was a problem with the request. Property '${name}' does not exist`);
  return (left, right) => {
    const [a, b] = [left.properties[name] ?? null, right.properties[name] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const [x, y] = [comparable(property, a), comparable(property, b)];
    return (x < y ? -1 : x > y ? 1 : 0) * (isDescending ? -1 : 1);
  };
}

/** Records that a search request finds, in its order. @throws AnswerError VALIDATION_ERROR */
export function searchRecords(
  store: HubspotStore,
  schema: TypeSchema,
  body: { readonly [name: string]: Json },
): readonly HubspotRecord[] {
  const holds = compileFilters(store, schema, body['filterGroups']);
  const order = compileSort(schema, body['sorts']);
  const phrase = text(body['query']).toLowerCase();
  const found = store
    .records(schema)
    .filter(
      (record) =>
        record.archivedAt === undefined &&
        holds(record) &&
        (phrase === '' ||
          schema.searchable.some((name) => record.properties[name]?.toLowerCase().includes(phrase))),
    );
  return order ? found.sort(order) : found;
}
