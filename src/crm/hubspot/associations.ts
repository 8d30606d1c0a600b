import type { FieldUse, Operation } from '../../model/operation.ts';
import type { Recogniser, Recognition } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody, refuseUnknown } from '../json-body.ts';
import { BATCH_MEMBERS, inputsIn } from './inputs.ts';
import { canonicalObject } from './objects.ts';
import { lookups, targetsIn } from './record-id.ts';
import * as shapes from './shapes.ts';
import { versioned } from './versions.ts';

const ofRecord = (rest: string): string[] =>
  versioned('/crm', '/objects', `/{from}/{id}/associations${rest}`);
const between = (rest: string): string[] => versioned('/crm', '/associations', `/{from}/{to}${rest}`);
const READ_MEMBERS = new Set(['id', 'after']);
const PAIR_MEMBERS = new Set(['from', 'to', 'type', 'types']);
const END_MEMBERS = new Set(['id']);

/**
 * Which records belong together. Answers hold ids alone. Associating records changes both of them.
 * @see https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
 */
export const ASSOCIATIONS: readonly OperationDescriptor[] = [
  {
    name: 'associations',
    method: 'GET',
    paths: ofRecord('/{to}'),
    kind: 'read',
    object: '{to}',
    id: 'id',
    parameters: { limit: 'harmless', after: 'harmless' },
    code: 'associations',
    answer: { format: 'json', root: shapes.associated },
  },
  {
    name: 'batch-associations',
    method: 'POST',
    paths: between('/batch/read'),
    kind: 'read',
    object: '{to}',
    body: { is: 'plain' },
    readsBody: true,
    code: 'batchAssociations',
    answer: { format: 'json', root: shapes.associatedWithMany },
  },
  {
    name: 'associate',
    method: 'PUT',
    paths: ofRecord('/{to}/{toId}'),
    kind: 'update',
    object: '{to}',
    body: { is: 'plain' },
    code: 'associate',
    answer: { format: 'json', root: shapes.ASSOCIATED_PAIR },
  },
  {
    name: 'associate-default',
    method: 'PUT',
    paths: ofRecord('/default/{to}/{toId}'),
    kind: 'update',
    object: '{to}',
    code: 'associate',
    answer: { format: 'json', root: shapes.ASSOCIATED_PAIRS },
  },
  {
    name: 'dissociate',
    method: 'DELETE',
    paths: ofRecord('/{to}/{toId}'),
    kind: 'update',
    object: '{to}',
    code: 'associate',
    answer: { format: 'plain' },
  },
  ...(['PUT', 'DELETE'] as const).map(
    (method): OperationDescriptor => ({
      name: method === 'PUT' ? 'associate-by-type' : 'dissociate-by-type',
      method,
      paths: ofRecord('/{to}/{toId}/{type}'),
      kind: 'update',
      object: '{from}',
      code: 'associate',
      answer: method === 'PUT' ? { format: 'json', root: shapes.record } : { format: 'plain' },
    }),
  ),
  ...(
    [
      ['batch-associate', '/batch/create'],
      ['batch-associate-default', '/batch/associate/default'],
      ['batch-dissociate', '/batch/archive'],
      ['batch-dissociate-labels', '/batch/labels/archive'],
    ] as const
  ).map(
    ([name, rest]): OperationDescriptor => ({
      name,
      method: 'POST',
      paths: between(rest),
      kind: 'update',
      object: '{to}',
      body: { is: 'plain' },
      readsBody: true,
      code: 'batchAssociate',
      answer: { format: 'json', root: shapes.ASSOCIATED_PAIRS },
    }),
  ),
  ...(
    [
      ['association-labels', between('/labels')],
      ['association-types', between('/types')],
      ['association-limits', versioned('/crm', '/associations', '/definitions/configurations/{from}/{to}')],
      ['all-association-limits', versioned('/crm', '/associations', '/definitions/configurations/all')],
    ] as const
  ).map(
    ([name, paths]): OperationDescriptor => ({
      name,
      method: 'GET',
      paths,
      kind: 'metadata',
      answer: { format: 'plain' },
    }),
  ),
];

/** The answer holds the ids of the records at the other end, of the object that `to` names; `from` is theirs. */
const recogniseAssociations: Recogniser = (recognition) => {
  const { captures } = recognition;
  return telling(recognition, [{ id: captures.get('id') }]);
};

const recogniseBatchAssociations: Recogniser = (recognition) => {
  const inputs = inputsOf(recognition);
  for (const input of inputs) refuseUnknown(input, READ_MEMBERS, 'a record');
  return telling(recognition, inputs);
};

function telling(recognition: Recognition, records: readonly JsonObject[]): Operation | undefined {
  const ends = endsOf(recognition);
  if (ends === undefined) return undefined;
  const { operation } = recognition;
  const { from, objects } = ends;
  const uses = lookups(
    from,
    undefined,
    records.map(({ id }) => id),
  );
  const tellsOf = records.flatMap((record) => targetsIn(from, record, 'id'));
  return { ...operation, objects, uses: [...operation.uses, ...uses], tellsOf };
}

const recogniseAssociate: Recogniser = (recognition) => {
  const { captures } = recognition;
  return changing(recognition, [{ from: { id: captures.get('id') }, to: { id: captures.get('toId') } }]);
};

const recogniseBatchAssociate: Recogniser = (recognition) => {
  const inputs = inputsOf(recognition);
  for (const input of inputs) refuseUnknown(input, PAIR_MEMBERS, 'a pair of records');
  return changing(recognition, inputs);
};

function changing(recognition: Recognition, pairs: readonly JsonObject[]): Operation | undefined {
  const ends = endsOf(recognition);
  if (ends === undefined) return undefined;
  const { operation } = recognition;
  const { from, to, objects } = ends;
  const records = pairs.flatMap((pair) => [
    ...recordsIn(pair['from']).map((record) => [from, record] as const),
    ...recordsIn(pair['to']).map((record) => [to, record] as const),
  ]);
  const uses = records.flatMap(([object, { id }]): FieldUse[] => lookups(object, undefined, [id]));
  const targets = records.flatMap(([object, record]) => targetsIn(object, record, 'id'));
  return { ...operation, objects, uses, targets, relates: true };
}

/** One record, or several at the same end. */
function recordsIn(end: unknown): readonly JsonObject[] {
  const records: unknown = Array.isArray(end) ? end : [end];
  if (!Array.isArray(records) || !records.every(isJsonObject)) return refuseBody('a pair names no records.');
  for (const record of records) refuseUnknown(record, END_MEMBERS, 'a record');
  return records;
}

function endsOf({
  captures,
}: Recognition):
  | { readonly from: string; readonly to: string; readonly objects: readonly string[] }
  | undefined {
  const [from, to] = ['from', 'to'].map((end) => canonicalObject(captures.get(end) ?? ''));
  return from === undefined || to === undefined ? undefined : { from, to, objects: [...new Set([from, to])] };
}

function inputsOf({ request }: Recognition): readonly JsonObject[] {
  return inputsIn(parseJsonObject(request.body), BATCH_MEMBERS);
}

/** By the code of the operation. */
export const ASSOCIATION_RECOGNISERS: Readonly<Record<string, Recogniser>> = {
  associations: recogniseAssociations,
  batchAssociations: recogniseBatchAssociations,
  associate: recogniseAssociate,
  batchAssociate: recogniseBatchAssociate,
};
