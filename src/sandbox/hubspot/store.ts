import { isSpelled, type Json } from '../wire/json.ts';
import type { Problem } from './errors.ts';
import { createLinks } from './links.ts';
import type { HubspotRecord, Properties } from './record.ts';
import { TYPE_SCHEMAS, type TypeSchema, typeSchema } from './schema.ts';
import { createTables } from './tables.ts';

export type Written =
  | { readonly record: HubspotRecord; readonly isNew: boolean }
  | { readonly problem: Problem };

export interface HubspotStore {
  /** Grows with every write. */
  readonly version: () => number;
  readonly types: readonly string[];
  /** As stored, archived records too. */
  readonly all: (type: string) => readonly Readonly<Record<string, unknown>>[];
  /** In order of id. */
  readonly records: (schema: TypeSchema) => readonly HubspotRecord[];
  /** A record by id or by a unique property, archived ones only when asked for. */
  readonly find: (
    schema: TypeSchema,
    key: string,
    idProperty: string | null,
    archived?: boolean,
  ) => HubspotRecord | undefined;
  readonly create: (schema: TypeSchema, properties: Readonly<Record<string, Json>>) => Written;
  readonly update: (
    schema: TypeSchema,
    record: HubspotRecord,
    properties: Readonly<Record<string, Json>>,
  ) => Written;
  readonly archive: (schema: TypeSchema, record: HubspotRecord) => void;
  /** Erases a record for good. */
  readonly erase: (schema: TypeSchema, record: HubspotRecord) => void;
  /** Puts a record as it is; for the seed. */
  readonly plant: (
    schema: TypeSchema,
    properties: Properties,
    createdAt: number,
    updatedAt: number,
  ) => string;
  readonly associate: (fromType: string, fromId: string, toType: string, toId: string) => void;
  readonly dissociate: (fromType: string, fromId: string, toType: string, toId: string) => void;
  /** Ids of the records of one type that a record is associated with; archived ones are with none. */
  readonly associated: (fromType: string, fromId: string, toType: string) => readonly string[];
}

const timeText = (ms: number): string => new Date(ms).toISOString();

/** Properties that the CRM computes from others, and so repeats their values. */
function derive(schema: TypeSchema, properties: Properties): Properties {
  if (schema.name !== 'contacts') return {};
  const { email = null, firstname = null, lastname = null, phone = null, mobilephone = null } = properties;
  const name = [firstname, lastname].filter(Boolean).join(' ');
  return {
    hs_email_domain: email?.split('@')[1] ?? null,
    hs_full_name_or_email: name === '' ? email : name,
    hs_searchable_calculated_phone_number:
      (phone ?? mobilephone)?.replace(/\D/g, '').replace(/^(34|48|380|44)/, '') ?? null,
  };
}

const refusal = (status: number, category: string, message: string): { readonly problem: Problem } => ({
  problem: { status, category, message },
});

function textOf(value: Json): string | null | undefined {
  if (value === null || value === '') return null;
  if (isSpelled(value)) return value.spelling;
  return typeof value === 'object' ? undefined : String(value);
}

/** What is wrong with one value, as the vendor lists it in the message. */
function complaint(schema: TypeSchema, name: string, value: string | null | undefined): object | undefined {
  const property = schema.properties.get(name);
  if (!property)
    return {
      isValid: false,
      message: `Property "${name}" does not exist`,
      error: 'PROPERTY_DOESNT_EXIST',
      name,
      localizedErrorMessage: `Property "${name}" does not exist`,
    };
  if (property.readOnly)
    return {
      isValid: false,
      message: `"${name}" is a read only property; its value cannot be set.`,
      error: 'READ_ONLY_VALUE',
      name,
    };
  if (value === undefined)
    return { isValid: false, message: `${name} must be text`, error: 'INVALID_FORMAT', name };
  if (name === 'email' && value !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return { isValid: false, message: `Email address ${value} is invalid`, error: 'INVALID_EMAIL', name };
  if (property.type === 'number' && value !== null && Number.isNaN(Number(value)))
    return { isValid: false, message: `${value} was not a valid number.`, error: 'INVALID_INTEGER', name };
  return undefined;
}

function takeProperties(
  schema: TypeSchema,
  sent: Readonly<Record<string, Json>>,
): Properties | { readonly problem: Problem } {
  const taken = Object.entries(sent).map(([name, value]) => [name, textOf(value)] as const);
  const complaints = taken.flatMap(([name, value]) => complaint(schema, name, value) ?? []);
  if (complaints.length > 0)
    return refusal(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(complaints)}`);
  return Object.fromEntries(taken.map(([name, value]) => [name, value ?? null]));
}

export function isProblem(value: object): value is { readonly problem: Problem } {
  return 'problem' in value && typeof value.problem === 'object';
}

const conflict = (schema: TypeSchema, id: string) =>
  refusal(
    409,
    'CONFLICT',
    `${schema.singular.charAt(0).toUpperCase()}${schema.singular.slice(1)} already exists. Existing ID: ${id}`,
  );

/** An empty portal. @param now milliseconds since the epoch */
export function hubspotStore(now: () => number): HubspotStore {
  const tables = createTables();
  const links = createLinks();
  let version = 0;
  let lastId = 100;
  const put = (schema: TypeSchema, record: HubspotRecord): void => {
    tables.put(schema, record);
    version += 1;
  };
  const plant = (
    schema: TypeSchema,
    properties: Properties,
    createdAt: number,
    updatedAt: number,
  ): string => {
    lastId += 1;
    const id = String(lastId);
    const system = {
      hs_object_id: id,
      [schema.createdProperty]: timeText(createdAt),
      [schema.modifiedProperty]: timeText(updatedAt),
    };
    put(schema, {
      id,
      properties: { ...properties, ...derive(schema, properties), ...system },
      createdAt,
      updatedAt,
      archivedAt: undefined,
      history: {},
    });
    return id;
  };
  const isLive = (type: string, id: string): boolean => {
    const schema = typeSchema(type);
    const record = schema && tables.of(schema).get(id);
    return record !== undefined && record.archivedAt === undefined;
  };
  return {
    version: () => version,
    types: TYPE_SCHEMAS.map((schema) => schema.name),
    all: (type) => {
      const schema = typeSchema(type);
      return schema ? [...tables.of(schema).values()].map((record) => ({ ...record })) : [];
    },
    records: (schema) => [...tables.of(schema).values()],
    find: (schema, key, idProperty, archived = false) => {
      const byProperty = idProperty !== null && idProperty !== 'hs_object_id';
      const id = byProperty ? tables.idBy(schema, idProperty, key) : key;
      const record = id === undefined ? undefined : tables.of(schema).get(id);
      return record && (record.archivedAt !== undefined) === archived ? record : undefined;
    },
    create: (schema, sent) => {
      const properties = takeProperties(schema, sent);
      if (isProblem(properties)) return properties;
      const existing = tables.twin(schema, properties, '');
      if (existing !== undefined) return conflict(schema, existing);
      const id = plant(schema, properties, now(), now());
      const record = tables.of(schema).get(id);
      if (!record) throw new RangeError('The record was not stored.');
      return { record, isNew: true };
    },
    update: (schema, before, sent) => {
      const changes = takeProperties(schema, sent);
      if (isProblem(changes)) return changes;
      const existing = tables.twin(schema, changes, before.id);
      if (existing !== undefined) return conflict(schema, existing);
      const at = now();
      const merged = { ...before.properties, ...changes };
      const history = { ...before.history };
      for (const name of Object.keys(changes))
        history[name] = [
          { value: before.properties[name] ?? null, at: before.updatedAt },
          ...(history[name] ?? []),
        ];
      const record = {
        ...before,
        properties: { ...merged, ...derive(schema, merged), [schema.modifiedProperty]: timeText(at) },
        updatedAt: at,
        history,
      };
      put(schema, record);
      return { record, isNew: false };
    },
    archive: (schema, record) => put(schema, { ...record, archivedAt: now() }),
    erase: (schema, record) => {
      put(schema, { ...record, archivedAt: now() });
      tables.delete(schema, record.id);
    },
    plant,
    associate: (...pair) => {
      links.add(...pair);
      version += 1;
    },
    dissociate: (...pair) => {
      links.remove(...pair);
      version += 1;
    },
    associated: (fromType, fromId, toType) =>
      links.of(fromType, fromId, toType).filter((id) => isLive(toType, id)),
  };
}
