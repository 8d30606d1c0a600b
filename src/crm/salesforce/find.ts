import type { Operation } from '../../model/operation.ts';
import type { FoundRecord, RecordRead, SoughtBy } from '../adapter.ts';
import { stringLiteral } from '../dialects/soql/lexemes.ts';
import { isJsonObject } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody } from '../request-edit.ts';
import { isScalar, valuesIn } from './current.ts';
import { isRecordId } from './id.ts';

/**
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_retrieve.htm
 */
const IDS_MAX = 2_000;
/** A request target must stay below 16 KB; values are at most 255 characters, most of them far fewer. */
const LITERALS_BYTES_MAX = 12_000;
/** A page has 2,000 records, and several records may have one value: mostly one page has them all. */
const VALUES_MAX = 400;
const LOCATOR = /\/query\/([A-Za-z0-9]+-\d+)$/;
const NAME = /^[A-Za-z]\w*$/;

/** Reads records by their ids through the collections resource, and by a field through a query. */
export function findRecords(
  operation: Operation,
  object: string,
  by: SoughtBy,
  fields: readonly string[],
): RecordRead | undefined {
  if (![object, ...fields].every((name) => NAME.test(name))) return undefined;
  return by.field === undefined
    ? byIds(operation, object, by.values, fields)
    : byValues(operation, object, by.field, by.values, fields);
}

function byIds(
  { request }: Operation,
  object: string,
  values: readonly string[],
  fields: readonly string[],
): RecordRead | undefined {
  const ids = values.slice(0, IDS_MAX);
  if (!ids.every(isRecordId)) return undefined;
  const path = pathOf([...request.segments.slice(0, 3), 'composite', 'sobjects', object]);
  const read = { ...getRequest(path), method: 'POST', contentType: 'application/json' };
  return {
    request: withJsonBody(read, { ids, fields: withId(fields) }),
    covers: ids.length,
    records: (body) =>
      Array.isArray(body)
        ? Array.from(valuesIn(body, ids, fields), ([asked, found]) => ({ asked, id: asked, values: found }))
        : undefined,
  };
}

function byValues(
  { request }: Operation,
  object: string,
  field: string,
  values: readonly string[],
  fields: readonly string[],
): RecordRead | undefined {
  const asked = values.slice(0, fitting(values));
  const literals = asked.map(stringLiteral);
  if (!NAME.test(field) || literals.includes(undefined)) return undefined;
  const names = withId([...new Set([...fields, field])]);
  const soql = `SELECT ${names.join(', ')} FROM ${object} WHERE ${field} IN (${literals.join(', ')})`;
  const root = [...request.segments.slice(0, 3), 'query'];
  // Salesforce compares texts without case.
  const byText = new Map(asked.toReversed().map((value) => [value.toLowerCase(), value]));
  return {
    request: getRequest(pathOf(root), [['q', soql]]),
    covers: asked.length,
    next: (body) => {
      const locator = locatorOf(body);
      return locator === undefined ? undefined : getRequest(pathOf([...root, locator]));
    },
    records: (body) => {
      const isTold = isJsonObject(body) && (body['done'] === true || locatorOf(body) !== undefined);
      const found = isTold ? body['records'] : undefined;
      return Array.isArray(found) ? found.map((record) => foundBy(record, field, byText, names)) : undefined;
    },
  };
}

/** Where the next page of an answer is; undefined: there is none, or it cannot be told. */
function locatorOf(body: unknown): string | undefined {
  const url = isJsonObject(body) && body['done'] === false ? body['nextRecordsUrl'] : undefined;
  return typeof url === 'string' ? LOCATOR.exec(url)?.[1] : undefined;
}

/** How many of the values one query takes: at least one. */
function fitting(values: readonly string[]): number {
  let bytes = 0;
  const beyond = values.slice(0, VALUES_MAX).findIndex((value, index) => {
    bytes += encodeURIComponent(`'${value.toWellFormed()}', `).length;
    return index > 0 && bytes > LITERALS_BYTES_MAX;
  });
  return beyond < 0 ? VALUES_MAX : beyond;
}

function withId(fields: readonly string[]): readonly string[] {
  return fields.some((field) => field.toLowerCase() === 'id') ? fields : ['Id', ...fields];
}

function foundBy(
  record: unknown,
  field: string,
  byText: ReadonlyMap<string, string>,
  fields: readonly string[],
): FoundRecord {
  const members = new Map(
    isJsonObject(record) ? Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]) : [],
  );
  const values = new Map(
    fields.flatMap((name): [string, string | number | boolean | null][] => {
      const value = members.get(name.toLowerCase());
      return isScalar(value) ? [[name, value]] : [];
    }),
  );
  const own = String(values.get(field) ?? '').toLowerCase();
  const id = members.get('id');
  return {
    asked: byText.get(own),
    id: typeof id === 'string' ? id : undefined,
    values,
  };
}
