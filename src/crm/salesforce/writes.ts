import type { FieldUse, NamedRecord, Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recogniser, Replacer } from '../adapter-code.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody, stringsIn } from '../json-body.ts';
import { type Recipients, together } from '../recipients.ts';
import { withJsonBody } from '../request-edit.ts';
import { unnarrowed } from '../select-parameter.ts';
import { comparing, replaceInBody, replaceInPath } from '../substitution.ts';
import { objectsOf, replaceReferences, usesOfName, usesOfWrite } from './fields.ts';
import { isNoName } from './id.ts';
import { mayHaveId, objectOfId } from './key-prefix.ts';
import { objectNamed } from './objects.ts';
import { primaryContacts } from './primary-contact.ts';
import { objectsReached, recipientsOfRecord } from './sends.ts';

/** Place of the field in `/services/data/vNN.0/sobjects/{object}/{field}/{value}`. */
const FIELD_SEGMENT = 5;

/** `/sobjects/{object}/{id}` is a record only when the last part is an id (`listviews`, `updated`, … are resources). */
export const recogniseOne: Recogniser = ({ captures, object, operation }) => {
  const id = captures.get('id') ?? '';
  if (!isNoName(id)) return undefined;
  if (operation.kind !== 'read') requireObjectOf(id, object);
  return operation;
};

export const recogniseUpdate: Recogniser = (recognition) =>
  recogniseOne(recognition) && recogniseWrite(recognition);

/**
 * The record that is looked up before a write must be the one that is written to.
 * @throws PrivetError BODY_UNREADABLE
 */
function requireObjectOf(id: unknown, object: string): void {
  if (typeof id === 'string' && !mayHaveId(object, id))
    refuseBody('an id is not of the object that is written to.');
}

/** POST and PATCH of one record. */
export const recogniseWrite: Recogniser = ({ request, object, operation }) => {
  const record = parseJsonObject(request.body);
  const type = typeOf(record);
  if (type !== undefined && type !== object) refuseBody('the record is of another type than the path says.');
  const recipients = recipientsOfRecord(object, record, operation.kind === 'create');
  const written = belonging(operation, primaryContacts(object, record));
  return reaching(withUses(written, usesOfWrite(object, record)), recipients);
};

/**
 * `/sobjects/{object}/{a}/{b}` is a look-up by external id only when `a` is not a record id: then it leads to blobs and
 * related records.
 */
export const recogniseExternalId: Recogniser = ({ captures, operation }) => {
  const field = captures.get('field') ?? '';
  if (isNoName(field) || !/^[A-Za-z]\w*$/.test(field)) return undefined;
  return withLookupOf(operation, [captures.get('value')]);
};

export const recogniseExternalIdWrite: Recogniser = (recognition) => {
  const operation = recogniseExternalId(recognition);
  return operation && recogniseWrite({ ...recognition, operation });
};

/** POST and PATCH of up to 200 records, which say their types themselves. */
export const recogniseCollectionWrite: Recogniser = ({ request, captures, object, operation }) => {
  const records = recordsOf(parseJsonObject(request.body)).map((record) => {
    const type = typeOf(record);
    if (type === undefined) return refuseBody('a record does not say its type.');
    if (object !== '' && type !== object)
      return refuseBody('a record is of another type than the path says.');
    for (const name of Object.keys(record))
      if (name.toLowerCase() === 'id') requireObjectOf(record[name], type);
    return { type, record };
  });
  const uses = records.flatMap(({ type, record }) => usesOfWrite(type, record));
  const isNew = operation.kind === 'create';
  const recipients = together(records.map(({ type, record }) => recipientsOfRecord(type, record, isNew)));
  // An upsert's key is a field of each record.
  const key = captures.get('field')?.toLowerCase();
  const keys = records.flatMap(({ record }) => {
    const found = Object.keys(record).filter((name) => name.toLowerCase() === key);
    return found.length === 0 ? [undefined] : found.map((name) => record[name]);
  });
  const contacts = records.flatMap(({ type, record }) => primaryContacts(type, record));
  return reaching(withUses(withLookupOf(belonging(operation, contacts), keys), uses), recipients);
};

export const recogniseCollectionDelete: Recogniser = ({ request, operation }) => {
  const ids = queryParameter(request, 'ids')?.split(',') ?? [];
  const targets = ids.map((id) => ({ object: objectOfId(id), id }));
  return { ...operation, objects: [...new Set(targets.map(({ object }) => object))], targets };
};

/** POST of ids and field names, which reads. */
export const recogniseCollectionRead: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  if (Object.keys(body).some((name) => name !== 'ids' && name !== 'fields')) {
    return refuseBody('it has other members than "ids" and "fields".');
  }
  stringsIn(body, 'ids');
  const fields = stringsIn(body, 'fields') ?? ['*'];
  return withUses(
    operation,
    fields.flatMap((field) =>
      field === '*' ? [{ object, field, position: 'select' as const }] : usesOfName(object, field, 'select'),
    ),
  );
};

export function narrowCollectionRead(operation: Operation, narrowing: Narrowing): Narrowed {
  const nothing = unnarrowed(operation, narrowing);
  const [object] = operation.objects;
  const body = parseJsonObject(operation.request.body);
  const fields = stringsIn(body, 'fields');
  if (object === undefined || fields === undefined) return nothing;
  const present = new Set(fields.map((field) => field.toLowerCase()));
  const added = (narrowing.fields.get(object) ?? []).filter((field) => !present.has(field.toLowerCase()));
  if (added.length === 0) return nothing;
  const request = withJsonBody(operation.request, { ...body, fields: [...fields, ...added] });
  return { ...nothing, operation: { ...operation, request }, added: new Map([[object, added]]) };
}

/** Replaces the values by which a record names related ones. */
export const replaceInRecord: Replacer = (operation, substitution) => {
  const [object = '*'] = operation.objects;
  return replaceInBody(operation, substitution, (record) => replaceReferences(object, record, substitution));
};

export const replaceInRecords: Replacer = (operation, substitution) =>
  replaceInBody(operation, substitution, (body) => ({
    ...body,
    records: recordsOf(body).map((record) => replaceReferences(typeOf(record) ?? '*', record, substitution)),
  }));

/** Replaces the value of the unique field that a path looks up by. */
export const replaceExternalId: Replacer = (operation, substitution) => {
  const [object = '*'] = operation.objects;
  const field = operation.request.segments[FIELD_SEGMENT] ?? '';
  return replaceInPath(operation, substitution, FIELD_SEGMENT + 1, { objects: [object], field });
};

function recordsOf(body: JsonObject): JsonObject[] {
  const records = body['records'];
  if (!Array.isArray(records)) return refuseBody('"records" is not a list.');
  return records.every(isJsonObject) ? records : refuseBody('a record is not an object.');
}

/** Notes the values by which the field in the path is looked up. */
function withLookupOf(operation: Operation, values: readonly unknown[]): Operation {
  const uses = operation.uses.map((use) => (use.position === 'lookup' ? comparing(use, values) : use));
  return { ...operation, uses };
}

function withUses(operation: Operation, uses: readonly FieldUse[]): Operation {
  return {
    ...operation,
    objects: [...new Set([...operation.objects, ...objectsOf(uses)])],
    uses: [...operation.uses, ...uses],
  };
}

function belonging(operation: Operation, belongsTo: readonly NamedRecord[]): Operation {
  return belongsTo.length === 0 ? operation : { ...operation, belongsTo };
}

/** A write that reaches people is a send as well. */
function reaching(operation: Operation, recipients: Recipients | undefined): Operation {
  if (recipients === undefined) return operation;
  return {
    ...operation,
    otherKinds: [...(operation.otherKinds ?? []), 'send'],
    objects: [...new Set([...operation.objects, ...objectsReached(recipients)])],
    recipients,
  };
}

/** The type that a record itself names. */
function typeOf(record: JsonObject): string | undefined {
  const attributes = record['attributes'];
  if (attributes === undefined) return undefined;
  const type = isJsonObject(attributes) ? attributes['type'] : undefined;
  const object = typeof type === 'string' ? objectNamed(type) : undefined;
  return object ?? refuseBody('a record does not say its type.');
}
