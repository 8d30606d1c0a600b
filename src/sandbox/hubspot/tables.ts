import type { HubspotRecord, Properties } from './record.ts';
import { TYPE_SCHEMAS, type TypeSchema } from './schema.ts';

/** The records of all types, by id and by their unique properties. */
export interface Tables {
  readonly of: (schema: TypeSchema) => ReadonlyMap<string, HubspotRecord>;
  /** Puts a record in place of the one with its id. */
  readonly put: (schema: TypeSchema, record: HubspotRecord) => void;
  readonly delete: (schema: TypeSchema, id: string) => void;
  /** Id of the live record that has this value of a unique property. */
  readonly idBy: (schema: TypeSchema, property: string, value: string) => string | undefined;
  /** Id of another live record than this that has one of the unique values. */
  readonly twin: (schema: TypeSchema, properties: Properties, id: string) => string | undefined;
}

export function createTables(): Tables {
  const tables = new Map(TYPE_SCHEMAS.map(({ name }) => [name, new Map<string, HubspotRecord>()]));
  /** For every unique property, value in lower case → id of the live record that has it. */
  const unique = new Map<string, Map<string, string>>();
  const table = ({ name }: TypeSchema): Map<string, HubspotRecord> => tables.get(name) ?? new Map();
  const index = (schema: TypeSchema, property: string): Map<string, string> => {
    const key = `${schema.name} ${property}`;
    const known = unique.get(key) ?? new Map<string, string>();
    unique.set(key, known);
    return known;
  };
  return {
    of: table,
    put: (schema, record) => {
      const before = table(schema).get(record.id);
      for (const [property, value] of before ? uniqueValues(schema, before.properties) : [])
        index(schema, property).delete(value);
      if (record.archivedAt === undefined)
        for (const [property, value] of uniqueValues(schema, record.properties))
          index(schema, property).set(value, record.id);
      table(schema).set(record.id, record);
    },
    delete: (schema, id) => table(schema).delete(id),
    idBy: (schema, property, value) => index(schema, property).get(value.toLowerCase()),
    twin: (schema, properties, id) =>
      uniqueValues(schema, properties)
        .map(([property, value]) => index(schema, property).get(value))
        .find((other) => other !== undefined && other !== id),
  };
}

const uniqueValues = (
  schema: TypeSchema,
  properties: Properties,
): (readonly [property: string, value: string])[] =>
  [...schema.properties.values()].flatMap(({ name, unique: isUnique }) => {
    const value = properties[name];
    return isUnique && value ? [[name, value.toLowerCase()] as const] : [];
  });
