import type { Scalar } from '../../wire/json.ts';
import { parentOf, scalarOf, schemaBehind } from '../cells.ts';
import { failure, malformed } from '../errors.ts';
import { type FieldSchema, type ObjectSchema, schemaOf } from '../schema.ts';
import type { SObject } from '../sobject.ts';
import { datetimeText, type SalesforceStore } from '../store.ts';

/** Where names of a query are looked up. */
export interface Scope {
  readonly store: SalesforceStore;
  readonly schema: ObjectSchema;
  /** Alias of the object in FROM, in lower case. */
  readonly alias: string | undefined;
  /** Milliseconds since the epoch; what TODAY means. */
  readonly now: number;
}

export interface Path {
  /** References followed, from the queried object on. */
  readonly references: readonly FieldSchema[];
  /** Object the field belongs to. */
  readonly schema: ObjectSchema;
  readonly field: FieldSchema;
}

const noSuchColumn = (name: string, entity: string) =>
  failure(
    400,
    'INVALID_FIELD',
    `\nSELECT ${name} FROM ${entity}\n       ^\nERROR at Row:1:Column:8\nNo such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

/**
 * Follows `Account.Owner.Email`, with or without the alias or the object's own name before it.
 * @throws AnswerError INVALID_FIELD
 */
export function resolvePath(scope: Scope, dotted: string): Path {
  const parts = dotted.split('.');
  const first = parts[0]?.toLowerCase();
  if (
    parts.length > 1 &&
    (first === scope.alias || (first === scope.schema.name.toLowerCase() && !scope.schema.parents.has(first)))
  )
    parts.shift();
  const name = parts.pop() ?? '';
  let schema = scope.schema;
  const references = parts.map((part) => {
    const reference = schema.parents.get(part.toLowerCase());
    const behind = reference && schemaBehind(reference, schemaOf);
    if (!reference || !behind)
      throw failure(
        400,
        'INVALID_FIELD',
        `Didn't understand relationship '${part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.`,
      );
    schema = behind;
    return reference;
  });
  const field = schema.byName.get(name.toLowerCase());
  if (!field) throw noSuchColumn(name, schema.name);
  return { references, schema, field };
}

export function readPath(store: SalesforceStore, record: SObject, path: Path): Scalar {
  let at: SObject | undefined = record;
  for (const reference of path.references) at = at && parentOf(store, at, reference);
  return at ? scalarOf(at, path.field) : null;
}

/** A value that WHERE, GROUP BY or ORDER BY reads from a record. */
export interface Reader {
  readonly read: (record: SObject) => Scalar;
  readonly field: FieldSchema;
}

/** @throws AnswerError INVALID_FIELD for what the vendor does not filter or sort by either */
export function fieldReader(
  scope: Scope,
  dotted: string,
  use: 'filtered' | 'sorted' | 'grouped' | 'aggregated',
): Reader {
  const path = resolvePath(scope, dotted);
  if (path.field.compound === 'address' || path.field.name === 'Description')
    throw failure(400, 'INVALID_FIELD', `field '${path.field.name}' can not be ${use} in a query call`);
  const { store } = scope;
  const { field } = path;
  const isOwn = path.references.length === 0;
  return {
    field,
    read: isOwn ? (record) => scalarOf(record, field) : (record) => readPath(store, record, path),
  };
}

const DATE_FUNCTIONS: Readonly<Record<string, (date: Date) => Scalar>> = {
  CALENDAR_YEAR: (date) => date.getUTCFullYear(),
  CALENDAR_QUARTER: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  CALENDAR_MONTH: (date) => date.getUTCMonth() + 1,
  DAY_ONLY: (date) => datetimeText(date.getTime()).slice(0, 10),
};

interface Call {
  readonly functionName?: string;
  readonly parameters?: readonly unknown[];
}

/** `toLabel(f)` and its kin leave a value as it is here; date functions take a part of it. @throws AnswerError */
export function functionReader(scope: Scope, call: Call, use: 'filtered' | 'sorted' | 'grouped'): Reader {
  const name = call.functionName?.toUpperCase() ?? '';
  const [parameter] = call.parameters ?? [];
  if (typeof parameter !== 'string') throw malformed(`Function ${name} is not supported here.`);
  const reader = fieldReader(scope, parameter, use);
  if (name === 'TOLABEL') return reader;
  const part = DATE_FUNCTIONS[name];
  if (!part) throw malformed(`Function ${name} is not supported here.`);
  return {
    field: { ...reader.field, type: name === 'DAY_ONLY' ? 'date' : 'int' },
    read: (record) => {
      const value = reader.read(record);
      return typeof value === 'string' ? part(new Date(value.replace('+0000', 'Z'))) : null;
    },
  };
}
