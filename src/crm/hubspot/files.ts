import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor, ParameterDescriptor } from '../descriptor.ts';
import { words } from '../words.ts';
import * as shapes from './shapes.ts';

const FILE = '/files/{version}/files';
const WITH_PROPERTIES: Readonly<Record<string, ParameterDescriptor>> = {
  properties: { lists: 'select', repeats: true },
};
const COMPARED = words('createdAt updatedAt expiresAt size height width');
const ASKED = words(
  'id name path encoding type extension url isUsableInContent allowsAnonymousAccess fileMd5 parentFolderId',
);

/** Parameters that are repeated, once for each value. */
const SEVERAL = new Set(['ids', 'parentFolderIds']);

/** Fields that a search compares, each by the names of its parameters. */
const FILTERS: Readonly<Record<string, ParameterDescriptor>> = Object.fromEntries(
  [
    ...ASKED.map((field) => [field, field]),
    ...[...COMPARED, 'id'].flatMap((field) => ['', 'Lte', 'Gte'].map((end) => [field + end, field])),
    ['parentFolderIds', 'parentFolderId'],
    ['ids', 'id'],
  ].map(([parameter = '', field = '']) => [
    parameter,
    { field, position: 'filter', ...(SEVERAL.has(parameter) && { repeats: true as const }) },
  ]),
);

/**
 * The file manager. A file itself is fetched from another host, past the proxy, by a signed URL: to have the URL is to
 * have the file.
 * @see https://developers.hubspot.com/docs/api-reference/files-files-v3/guide
 */
export const FILES: readonly OperationDescriptor[] = [
  {
    name: 'file-search',
    method: 'GET',
    paths: [`${FILE}/search`],
    kind: 'search',
    object: 'files',
    parameters: {
      ...WITH_PROPERTIES,
      ...FILTERS,
      sort: { lists: 'sort', repeats: true },
      after: 'harmless',
      before: 'harmless',
      limit: 'harmless',
    },
    select: 'properties',
    answer: { format: 'json', root: shapes.FILES },
  },
  {
    name: 'file-read',
    method: 'GET',
    paths: [`${FILE}/{id}`],
    kind: 'read',
    object: 'files',
    id: 'id',
    parameters: WITH_PROPERTIES,
    select: 'properties',
    code: 'fileRecord',
    answer: { format: 'json', root: shapes.FILE_RECORD },
  },
  {
    name: 'file-signed-url',
    method: 'GET',
    paths: [`${FILE}/{id}/signed-url`],
    kind: 'file',
    object: 'files',
    id: 'id',
    uses: [{ field: 'url', position: 'select' }],
    parameters: { size: 'harmless', expirationSeconds: 'harmless', upscale: 'harmless' },
    code: 'file',
    answer: { format: 'json', root: shapes.SIGNED_URL },
  },
  {
    name: 'file-upload',
    method: 'POST',
    paths: [FILE],
    kind: 'create',
    object: 'files',
    uses: [{ field: '*', position: 'write' }],
    needsClearView: true,
    answer: { format: 'json', root: shapes.FILE_RECORD },
  },
  ...(
    [
      ['file-delete', ''],
      ['file-gdpr-delete', '/gdpr-delete'],
    ] as const
  ).map(
    ([name, rest]): OperationDescriptor => ({
      name,
      method: 'DELETE',
      paths: [`${FILE}/{id}${rest}`],
      kind: 'delete',
      object: 'files',
      id: 'id',
      code: 'fileRecord',
      answer: { format: 'plain' },
    }),
  ),
];

/** `/files/{id}` is a file only when the last part is an id (`import-from-url`, `stat` are resources). */
export const recogniseFileRecord: Recogniser = ({ captures, operation }) =>
  /^\d+$/.test(captures.get('id') ?? '') ? operation : undefined;

export const recogniseFile: Recogniser = (recognition) => {
  const operation = recogniseFileRecord(recognition);
  const id = operation?.recordId;
  return operation && id !== undefined
    ? { ...operation, file: { object: 'files', id, field: 'url' } }
    : undefined;
};
