import type { FieldUse, Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recogniser } from '../adapter-code.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody, stringsIn } from '../json-body.ts';
import { withJsonBody } from '../request-edit.ts';
import { unnarrowed } from '../select-parameter.ts';
import { objectsOf, usesOfName, usesOfWrite } from './fields.ts';
import { canonicalObject } from './objects.ts';

/** Objects by the first three characters of their ids. */
const OBJECT_BY_PREFIX: Readonly<Record<string, string>> = {
  '001': 'Account',
  '003': 'Contact',
  '005': 'User',
  '006': 'Opportunity',
  '00Q': 'Lead',
  '00T': 'Task',
  '00U': 'Event',
  '500': 'Case',
  '701': 'Campaign',
};
/** 15 or 18 letters and digits, never letters alone: that tells ids from names of resources and fields. */
const ID = /^(?=.*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** `/sobjects/{object}/{id}` is a record only when the last part is an id (`listviews`, `updated`, … are resources). */
export const recogniseOne: Recogniser = ({ captures, operation }) =>
  ID.test(captures.get('id') ?? '') ? operation : undefined;

export const recogniseUpdate: Recogniser = (recognition) =>
  recogniseOne(recognition) && recogniseWrite(recognition);

/** POST and PATCH of one record. */
export const recogniseWrite: Recogniser = ({ request, object, operation }) => {
  const record = parseJsonObject(request.body);
  const type = typeOf(record);
  if (type !== undefined && type !== object) refuseBody('the record is of another type than the path says.');
  return withUses(operation, usesOfWrite(object, record));
};

/** `/sobjects/{object}/{a}/{b}` is a look-up by external id only when `a` is not a record id: then it leads to blobs and related records. */
export const recogniseExternalId: Recogniser = ({ captures, operation }) => {
  const field = captures.get('field') ?? '';
  return ID.test(field) || !/^[A-Za-z]\w*$/.test(field) ? undefined : operation;
};

export const recogniseExternalIdWrite: Recogniser = (recognition) =>
  recogniseExternalId(recognition) && recogniseWrite(recognition);

/** POST and PATCH of up to 200 records, which say their types themselves. */
export const recogniseCollectionWrite: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  const records = body['records'];
  if (!Array.isArray(records)) return refuseBody('"records" is not a list.');
  const uses = records.flatMap((record: unknown) => {
    if (!isJsonObject(record)) return refuseBody('a record is not an object.');
    const type = typeOf(record);
    if (type === undefined) return refuseBody('a record does not say its type.');
    if (object !== '' && type !== object)
      return refuseBody('a record is of another type than the path says.');
    return usesOfWrite(type, record);
  });
  return withUses(operation, uses);
};

export const recogniseCollectionDelete: Recogniser = ({ request, operation }) => {
  const ids = queryParameter(request, 'ids')?.split(',') ?? [];
  const objects = ids.map((id) => (ID.test(id) ? OBJECT_BY_PREFIX[id.slice(0, 3)] : undefined) ?? '*');
  return { ...operation, objects: [...new Set(objects)] };
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

function withUses(operation: Operation, uses: readonly FieldUse[]): Operation {
  return {
    ...operation,
    objects: [...new Set([...operation.objects, ...objectsOf(uses)])],
    uses: [...operation.uses, ...uses],
  };
}

/** The type a record says itself. */
function typeOf(record: JsonObject): string | undefined {
  const attributes = record['attributes'];
  if (attributes === undefined) return undefined;
  const type = isJsonObject(attributes) ? attributes['type'] : undefined;
  return typeof type === 'string' ? canonicalObject(type) : refuseBody('a record does not say its type.');
}
