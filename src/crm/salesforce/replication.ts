import { queryParameter } from '../../model/request.ts';
import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { canonicalObject } from './objects.ts';
import * as shapes from './shapes.ts';

const ROOT = '/services/data/{version}';
const SPAN = { start: 'harmless', end: 'harmless' } as const;

/**
 * What copies of a CRM are kept up to date by: ids of the records that were changed or deleted in a span of time, and
 * how many records there are.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getdeleted.htm
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_record_count.htm
 */
export const REPLICATION: readonly OperationDescriptor[] = [
  {
    name: 'updated',
    method: 'GET',
    paths: [`${ROOT}/sobjects/{object}/updated`],
    kind: 'read',
    object: '{object}',
    parameters: SPAN,
    // Its ids stand by themselves, so none can be left out.
    needsClearView: true,
    answer: { format: 'opaque' },
  },
  {
    name: 'deleted',
    method: 'GET',
    paths: [`${ROOT}/sobjects/{object}/deleted`],
    kind: 'read',
    object: '{object}',
    parameters: SPAN,
    answer: { format: 'json', root: shapes.deletedRecords },
  },
  {
    name: 'record-count',
    method: 'GET',
    paths: [`${ROOT}/limits/recordCount`],
    kind: 'read',
    parameters: { sObjects: 'once' },
    code: 'recordCount',
    answer: { format: 'plain' },
  },
];

/** Counts as `COUNT()` of each object does; without names, of every object. */
export const recogniseRecordCount: Recogniser = ({ request, operation }) => {
  const names = queryParameter(request, 'sObjects')?.split(',');
  if (names?.every((name) => /^[A-Za-z]\w*$/.test(name)) === false) return undefined;
  const objects = names?.map(canonicalObject) ?? ['*'];
  return { ...operation, objects: [...new Set(objects)], aggregates: true };
};
