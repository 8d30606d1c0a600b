import { HUB_ID } from './portal.ts';
import type { HubspotRecord } from './record.ts';
import { type TypeSchema, typeSchema } from './schema.ts';
import type { HubspotStore } from './store.ts';

/** What a request wants to see of each record. */
export interface Wanted {
  readonly properties: readonly string[];
  readonly withHistory: readonly string[];
  readonly associations: readonly string[];
}

const names = (text: string | null): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** Both `a,b` and repeated parameters are in use. */
export function wantedOf(query: URLSearchParams): Wanted {
  const all = (name: string): readonly string[] => query.getAll(name).flatMap(names);
  return {
    properties: all('properties'),
    withHistory: all('propertiesWithHistory'),
    associations: all('associations'),
  };
}

function shownProperties(schema: TypeSchema, wanted: Wanted): readonly string[] {
  const named = [...wanted.properties, ...wanted.withHistory].filter((name) => schema.properties.has(name));
  return named.length === 0 ? schema.defaults : [...new Set([...named, ...schema.always])].sort();
}

const timeJson = (ms: number): string => JSON.stringify(new Date(ms).toISOString());

function historyJson(record: HubspotRecord, withHistory: readonly string[]): string {
  const members = withHistory.map((name) => {
    const now = { value: record.properties[name] ?? null, at: record.updatedAt };
    const versions = [now, ...(record.history[name] ?? [])].map(
      ({ value, at }) =>
        `{"value":${JSON.stringify(value ?? '')},"timestamp":${timeJson(at)},"sourceType":"CRM_UI"}`,
    );
    return `${JSON.stringify(name)}:[${versions.join(',')}]`;
  });
  return `,"propertiesWithHistory":{${members.join(',')}}`;
}

function associationsJson(
  store: HubspotStore,
  schema: TypeSchema,
  record: HubspotRecord,
  toTypes: readonly string[],
): string {
  const members = toTypes.flatMap((name) => {
    const to = typeSchema(name);
    const ids = to ? store.associated(schema.name, record.id, to.name) : [];
    if (!to || ids.length === 0) return [];
    const results = ids.map((id) => `{"id":"${id}","type":"${schema.singular}_to_${to.singular}"}`);
    return [`"${to.name}":{"results":[${results.join(',')}]}`];
  });
  return members.length === 0 ? '' : `,"associations":{${members.join(',')}}`;
}

/** One record in the vendor's envelope. @param extra members that a batch upsert adds, with a leading comma */
export function recordJson(
  store: HubspotStore,
  schema: TypeSchema,
  record: HubspotRecord,
  wanted: Wanted,
  extra = '',
): string {
  const properties = shownProperties(schema, wanted).map(
    (name) => `"${name}":${JSON.stringify(record.properties[name] ?? null)}`,
  );
  const withHistory = wanted.withHistory.filter((name) => schema.properties.has(name));
  return [
    `{"id":"${record.id}","properties":{${properties.join(',')}}`,
    withHistory.length === 0 ? '' : historyJson(record, withHistory),
    `,"createdAt":${timeJson(record.createdAt)},"updatedAt":${timeJson(record.updatedAt)}`,
    `,"archived":${record.archivedAt !== undefined}`,
    record.archivedAt === undefined ? '' : `,"archivedAt":${timeJson(record.archivedAt)}`,
    wanted.associations.length === 0 ? '' : associationsJson(store, schema, record, wanted.associations),
    `,"url":"https://app-eu1.hubspot.com/contacts/${HUB_ID}/record/${schema.typeId}/${record.id}"${extra}}`,
  ].join('');
}
