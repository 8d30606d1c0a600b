import type { Json } from '../wire/json.ts';
import { childrenOf, type FieldSchema, type ObjectSchema, SCHEMAS } from './schema.ts';

function urlsOf(schema: ObjectSchema, version: string): Json {
  const root = `/services/data/${version}/sobjects/${schema.name}`;
  return { sobject: root, describe: `${root}/describe`, rowTemplate: `${root}/{ID}` };
}

/** `Birthdate` → `Birthdate`, `MailingPostalCode` → `Mailing Postal Code`, `NIF__c` → `NIF`. */
function labelOf(name: string): string {
  return name.replace(/__c$/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
}

export function describeSummary(schema: ObjectSchema, version: string): { readonly [name: string]: Json } {
  return {
    activateable: false,
    createable: schema.name !== 'Profile',
    custom: false,
    deletable: true,
    keyPrefix: schema.keyPrefix,
    label: schema.name,
    labelPlural: schema.labelPlural,
    name: schema.name,
    queryable: true,
    retrieveable: true,
    searchable: true,
    updateable: true,
    urls: urlsOf(schema, version),
  };
}

function compoundOf(schema: ObjectSchema, field: FieldSchema): string | null {
  if (field.compound) return null;
  if (['FirstName', 'LastName', 'Salutation'].includes(field.name) && schema.byName.get('name')?.compound)
    return 'Name';
  const prefix = /^(.*)(Street|City|State|PostalCode|Country)$/.exec(field.name)?.[1];
  return prefix === undefined ? null : (schema.byName.get(`${prefix}address`.toLowerCase())?.name ?? null);
}

function describeField(schema: ObjectSchema, field: FieldSchema): Json {
  return {
    aggregatable: field.type !== 'address',
    compoundFieldName: compoundOf(schema, field),
    createable: !field.readOnly,
    custom: field.name.endsWith('__c'),
    externalId: field.externalId,
    filterable: field.type !== 'address' && field.name !== 'Description',
    groupable: !['address', 'textarea', 'datetime'].includes(field.type),
    idLookup: field.type === 'id' || field.externalId || field.type === 'email',
    label: labelOf(field.name),
    length: field.type === 'textarea' ? 32000 : 255,
    name: field.name,
    nillable: !field.required,
    picklistValues: [],
    polymorphicForeignKey: field.referenceTo.length > 1,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName ?? null,
    sortable: field.type !== 'address',
    type: field.type,
    unique: field.externalId,
    updateable: !field.readOnly,
  };
}

export function describeObject(schema: ObjectSchema, version: string): Json {
  return {
    ...describeSummary(schema, version),
    childRelationships: childrenOf(schema.name).map(({ name, object, field }) => ({
      cascadeDelete: false,
      childSObject: object,
      field,
      relationshipName: name,
    })),
    fields: schema.fields.map((field) => describeField(schema, field)),
    recordTypeInfos: [],
  };
}

export function describeGlobal(version: string): Json {
  return {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: [...SCHEMAS.values()].map((schema) => describeSummary(schema, version)),
  };
}
