import { type Json, type Scalar, textOf, writeJson } from '../wire/json.ts';
import { type FieldSchema, NAME_SCHEMA, type ObjectSchema, schemaOfId } from './schema.ts';
import type { SObject } from './sobject.ts';
import type { SalesforceStore } from './store.ts';

const BLOB_VERSION = 'v68.0';
const ADDRESS_PARTS = [
  ['city', 'City'],
  ['country', 'Country'],
  ['geocodeAccuracy', undefined],
  ['latitude', undefined],
  ['longitude', undefined],
  ['postalCode', 'PostalCode'],
  ['state', 'State'],
  ['street', 'Street'],
] as const;

/** The compound address that repeats the parts under one name. */
function addressOf(record: SObject, prefix: string): Json {
  return Object.fromEntries(
    ADDRESS_PARTS.map(([name, part]) => [name, part ? (record[prefix + part] ?? null) : null]),
  );
}

function fullName(record: SObject): string | null {
  const name = [record['FirstName'], record['LastName']].filter((part) => typeof part === 'string').join(' ');
  return name === '' ? null : name;
}

/** Bytes are not answered among fields, but where they can be fetched. */
function blobUrl(record: SObject, field: FieldSchema): string {
  const id = textOf(record['Id']);
  return `/services/data/${BLOB_VERSION}/sobjects/${schemaOfId(id)?.name ?? ''}/${id}/${field.name}`;
}

/** Text, number, flag or null of one field; an address has none. */
export function scalarOf(record: SObject, field: FieldSchema): Scalar {
  if (field.compound === 'name') return fullName(record);
  if (field.type === 'base64') return blobUrl(record, field);
  return field.compound === 'address' ? null : (record[field.name] ?? null);
}

/** A field's value as JSON text. */
export function cellJson(record: SObject, field: FieldSchema): string {
  const value =
    field.compound === 'address'
      ? addressOf(record, field.name.slice(0, -'Address'.length))
      : scalarOf(record, field);
  return writeJson(value);
}

/** `attributes`, which stand first in every record. */
export function attributesJson(record: SObject, type: string, version: string): string {
  const id = textOf(record['Id']);
  const object = schemaOfId(id)?.name ?? type;
  return `"attributes":{"type":"${type}","url":"/services/data/${version}/sobjects/${object}/${id}"}`;
}

/** Schema behind a reference; one that may point to several objects shows the vendor's `Name` object. */
export function schemaBehind(
  reference: FieldSchema,
  schemas: (name: string) => ObjectSchema | undefined,
): ObjectSchema | undefined {
  return reference.referenceTo.length > 1 ? NAME_SCHEMA : schemas(reference.referenceTo[0] ?? '');
}

/** The record behind a reference, as its schema shows it. */
export function parentOf(
  store: SalesforceStore,
  record: SObject,
  reference: FieldSchema,
): SObject | undefined {
  const id = record[reference.name];
  const parent = typeof id === 'string' ? store.get(id) : undefined;
  if (!parent || reference.referenceTo.length === 1) return parent;
  const type = schemaOfId(textOf(parent['Id']))?.name ?? null;
  const isUser = type === 'User';
  // The vendor fills e-mail, phone and title of a `Name` for users only.
  return {
    Id: parent['Id'] ?? null,
    Name: fullName(parent) ?? parent['Name'] ?? parent['CaseNumber'] ?? null,
    FirstName: parent['FirstName'] ?? null,
    LastName: parent['LastName'] ?? null,
    Email: isUser ? (parent['Email'] ?? null) : null,
    Phone: isUser ? (parent['Phone'] ?? null) : null,
    Title: isUser ? (parent['Title'] ?? null) : null,
    Type: type,
  };
}

/** One record on its own, all fields or those named. */
export function recordJson(
  record: SObject,
  schema: ObjectSchema,
  version: string,
  fields: readonly FieldSchema[],
): string {
  const members = fields.map((field) => `,"${field.name}":${cellJson(record, field)}`);
  return `{${attributesJson(record, schema.name, version)}${members.join('')}}`;
}
