import { isJsonObject, isSpelled, type Json, type Scalar, spelled, textOf } from '../wire/json.ts';
import { normaliseId, recordId } from './ids.ts';
import { withRepeated } from './repeated.ts';
import { type FieldSchema, type ObjectSchema, SCHEMAS, schemaOf, schemaOfId } from './schema.ts';
import type { SObject } from './sobject.ts';

/** Why a write was refused, in the vendor's words. */
export interface SaveError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export type Saved = { readonly id: string; readonly created: boolean } | { readonly error: SaveError };

export interface SalesforceStore {
  /** Grows with every write. */
  readonly version: () => number;
  /** Records in order of creation, deleted ones (recycle bin) too. */
  readonly all: (object: string) => readonly SObject[];
  /** A live record, by 15- or 18-character id. */
  readonly get: (id: string) => SObject | undefined;
  readonly find: (object: string, field: string, value: string) => readonly SObject[];
  readonly create: (schema: ObjectSchema, values: Readonly<Record<string, Json>>, userId: string) => Saved;
  readonly update: (
    schema: ObjectSchema,
    id: string,
    values: Readonly<Record<string, Json>>,
    userId: string,
  ) => Saved;
  readonly remove: (id: string, userId: string) => Saved;
  /** Puts a record as it is; for the seed. */
  readonly put: (schema: ObjectSchema, record: SObject) => void;
  readonly nextId: (schema: ObjectSchema) => string;
}

/** A moment as the vendor spells it. */
export function datetimeText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

const refused = (
  statusCode: string,
  message: string,
  ...fields: string[]
): { readonly error: SaveError } => ({
  error: { statusCode, message, fields },
});

function isScalar(value: Json): value is Scalar {
  return !Array.isArray(value) && (!isJsonObject(value) || isSpelled(value));
}

const FORMATS: Partial<Record<FieldSchema['type'], RegExp>> = {
  boolean: /^(true|false)$/i,
  currency: /^-?\d+(\.\d+)?$/,
  double: /^-?\d+(\.\d+)?$/,
  int: /^-?\d+$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  email: /^[^\s@]+@[^\s@]+$/,
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
};

const KEPT_AS: Partial<
  Record<FieldSchema['type'], (text: string, field: FieldSchema) => Scalar | undefined>
> = {
  boolean: (text) => text.toLowerCase() === 'true',
  currency: spelled,
  double: spelled,
  int: spelled,
  date: (text) => (Number.isNaN(Date.parse(text)) ? undefined : text),
  reference: (text, field) =>
    field.referenceTo.includes(schemaOfId(text)?.name ?? '') ? normaliseId(text) : undefined,
  address: () => undefined,
};

/** A value as the field keeps it; undefined when it is of the wrong kind. CSV clients send text for everything. */
function coerce(field: FieldSchema, value: Scalar): Scalar | undefined {
  if (value === null || value === '') return null;
  const text = isSpelled(value) ? value.spelling : String(value);
  if (FORMATS[field.type]?.test(text) === false) return undefined;
  const keep = KEPT_AS[field.type];
  return keep ? keep(text, field) : text;
}

const CODE_OF_WRONG_VALUE: Partial<Record<FieldSchema['type'], string>> = {
  email: 'INVALID_EMAIL_ADDRESS',
  reference: 'MALFORMED_ID',
};

/** The values a client sent, by canonical name, or why not. */
function takeValues(
  schema: ObjectSchema,
  values: Readonly<Record<string, Json>>,
): Record<string, Scalar> | { readonly error: SaveError } {
  const taken: Record<string, Scalar> = {};
  for (const [name, value] of Object.entries(values)) {
    if (name === 'attributes' || name.toLowerCase() === 'id') continue;
    const field = schema.byName.get(name.toLowerCase());
    if (!field) return refused('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`);
    if (field.readOnly)
      return refused(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        field.name,
      );
    const kept = isScalar(value) ? coerce(field, value) : undefined;
    if (kept === undefined)
      // The vendor repeats the value; so does the sandbox, for it is a place where values leak.
      return refused(
        CODE_OF_WRONG_VALUE[field.type] ?? 'JSON_PARSER_ERROR',
        `${field.name}: invalid value: ${isScalar(value) ? String(isSpelled(value) ? value.spelling : value) : 'object'}`,
        field.name,
      );
    taken[field.name] = kept;
  }
  return taken;
}

export function isRefused(value: object): value is { readonly error: SaveError } {
  return 'error' in value && typeof value.error === 'object';
}

/** An empty org. @param now milliseconds since the epoch */
export function salesforceStore(now: () => number): SalesforceStore {
  const tables = new Map<string, Map<string, SObject>>(
    [...SCHEMAS.values()].map((schema) => [schema.name, new Map()]),
  );
  const counters = new Map<string, number>();
  let version = 0;
  const table = (object: string): Map<string, SObject> => tables.get(object) ?? new Map();
  const put = (schema: ObjectSchema, record: SObject): void => {
    table(schema.name).set(textOf(record['Id']), record);
    version += 1;
  };
  const all = (object: string): readonly SObject[] => {
    const schema = schemaOf(object);
    return schema === undefined
      ? []
      : Array.from(table(schema.name).values(), (record) => withRepeated(schema, record, get));
  };
  const get = (id: string): SObject | undefined => {
    const schema = schemaOfId(id);
    const record = schema && table(schema.name).get(normaliseId(id));
    return schema === undefined || record === undefined || record['IsDeleted'] === true
      ? undefined
      : withRepeated(schema, record, get);
  };
  const nextId = (schema: ObjectSchema): string => {
    const number = (counters.get(schema.name) ?? 0) + 1;
    counters.set(schema.name, number);
    return recordId(schema.keyPrefix, number);
  };
  const stamp = (userId: string): SObject => {
    const at = datetimeText(now());
    return { LastModifiedDate: at, LastModifiedById: userId, SystemModstamp: at };
  };
  const find = (object: string, field: string, value: string): readonly SObject[] =>
    all(object).filter(
      (record) =>
        record['IsDeleted'] !== true &&
        textOf(record[field]).toLowerCase() === value.toLowerCase() &&
        value !== '',
    );
  const duplicate = (schema: ObjectSchema, values: SObject, id: string): SObject | undefined =>
    schema.fields
      .filter((field) => field.externalId && typeof values[field.name] === 'string')
      .flatMap((field) => find(schema.name, field.name, textOf(values[field.name])))
      .find((record) => record['Id'] !== id);
  return {
    version: () => version,
    all,
    get,
    find,
    put,
    nextId,
    create: (schema, values, userId) => {
      const taken = takeValues(schema, values);
      if (isRefused(taken)) return taken;
      const missing = schema.fields.filter((field) => field.required && (taken[field.name] ?? null) === null);
      if (missing.length > 0) {
        const names = missing.map((field) => field.name);
        return refused(
          'REQUIRED_FIELD_MISSING',
          `Required fields are missing: [${names.join(', ')}]`,
          ...names,
        );
      }
      const twin = duplicate(schema, taken, '');
      if (twin)
        return refused(
          'DUPLICATE_VALUE',
          `duplicate value found: duplicates value on record with id: ${textOf(twin['Id'])}`,
        );
      const id = nextId(schema);
      const blank = Object.fromEntries(
        schema.fields
          .filter((field) => !field.compound)
          .map((field) => [field.name, field.type === 'boolean' ? false : null]),
      );
      const owner = schema.byName.has('ownerid') ? { OwnerId: userId } : {};
      const created = { CreatedDate: datetimeText(now()), CreatedById: userId, ...stamp(userId) };
      put(schema, { ...blank, ...owner, ...taken, ...created, Id: id });
      return { id, created: true };
    },
    update: (schema, id, values, userId) => {
      const record = get(id);
      if (!record) return refused('ENTITY_IS_DELETED', 'entity is deleted');
      const taken = takeValues(schema, values);
      if (isRefused(taken)) return taken;
      const twin = duplicate(schema, taken, textOf(record['Id']));
      if (twin)
        return refused(
          'DUPLICATE_VALUE',
          `duplicate value found: duplicates value on record with id: ${textOf(twin['Id'])}`,
        );
      put(schema, { ...record, ...taken, ...stamp(userId) });
      return { id: textOf(record['Id']), created: false };
    },
    remove: (id, userId) => {
      const record = get(id);
      const schema = schemaOfId(id);
      if (!record || !schema) return refused('ENTITY_IS_DELETED', 'entity is deleted');
      put(schema, { ...record, ...stamp(userId), IsDeleted: true });
      return { id: textOf(record['Id']), created: false };
    },
  };
}
