import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { isNoName, longId } from './id.ts';

const RECORDS = '/services/data/{version}/sobjects';

/**
 * Fields whose values are bytes of their own, and pictures that stand in rich text.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_blob_retrieve.htm
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_rich_text_image_retrieve.htm
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

export const recogniseFile: Recogniser = ({ captures, object, operation }) => {
  const id = captures.get('id') ?? '';
  const [use] = operation.uses;
  if (!isNoName(id) || use === undefined) return undefined;
  return { ...operation, file: { object, id: longId(id), field: use.field } };
};
