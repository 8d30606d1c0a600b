import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { withSegment } from '../request-edit.ts';
import { isNoName, longId } from './id.ts';

const RECORDS = '/services/data/{version}/sobjects';
/** Place of the id in `/services/data/vNN.0/sobjects/{object}/{id}`. */
const ID_SEGMENT = 5;

/**
 * Fields whose values are bytes of their own, and pictures that stand in rich text.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_blob_retrieve.htm
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_rich_text_image_retrieve.htm
 */
export const FILES: readonly OperationDescriptor[] = [
  ...(
    [
      ['Attachment', 'Body'],
      ['Document', 'Body'],
      ['ContentVersion', 'VersionData'],
    ] as const
  ).map(
    ([object, field]): OperationDescriptor => ({
      name: `file-${object.toLowerCase()}`,
      method: 'GET',
      paths: [`${RECORDS}/${object}/{id}/${field}`],
      kind: 'file',
      object,
      id: 'id',
      uses: [{ field, position: 'select' }],
      code: 'file',
      answer: { format: 'opaque' },
    }),
  ),
  {
    name: 'file-rich-text-image',
    method: 'GET',
    paths: [`${RECORDS}/{object}/{id}/richTextImageFields/{field}/{image}`],
    kind: 'file',
    object: '{object}',
    id: 'id',
    uses: [{ field: '{field}', position: 'select' }],
    code: 'file',
    answer: { format: 'opaque' },
  },
];

/**
 * The id is sent on in the one spelling that is judged: its capitals and its last three characters could lead to
 * different files.
 */
export const recogniseFile: Recogniser = ({ captures, object, operation }) => {
  const captured = captures.get('id') ?? '';
  const [use] = operation.uses;
  if (!isNoName(captured) || use === undefined) return undefined;
  const id = longId(captured);
  const request = withSegment(operation.request, ID_SEGMENT, id);
  return { ...operation, file: { object, id, field: use.field }, request };
};
