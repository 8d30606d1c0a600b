import type { Descriptor, OperationDescriptor } from '../descriptor.ts';
import { words } from '../words.ts';
import { FILES } from './files.ts';
import { METADATA } from './metadata.ts';
import { REPLICATION } from './replication.ts';
import { SENDS } from './sends.ts';
import * as shapes from './shapes.ts';

const ROOT = '/services/data/{version}';
const ID_LOOKUP = [{ field: '{field}', position: 'lookup' }] as const;
const ANY_RECORD = [{ field: '*', position: 'select' }] as const;

/** @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_list.htm */
const REST: readonly OperationDescriptor[] = [
  {
    name: 'sobject-info',
    method: 'GET',
    paths: [`${ROOT}/sobjects/{object}`],
    kind: 'read',
    object: '{object}',
    uses: ANY_RECORD,
    answer: { format: 'json', root: shapes.DESCRIBED_WITH_RECENT },
  },
  {
    name: 'recent',
    method: 'GET',
    paths: [`${ROOT}/recent`],
    kind: 'read',
    object: '*',
    uses: ANY_RECORD,
    parameters: { limit: 'harmless' },
    answer: { format: 'json', root: shapes.RECORDS },
  },
  {
    name: 'read',
    method: 'GET',
    paths: [`${ROOT}/sobjects/{object}/{id}`],
    kind: 'read',
    object: '{object}',
    id: 'id',
    parameters: { fields: { lists: 'select' } },
    select: 'fields',
    code: 'one',
    answer: { format: 'json', root: shapes.RECORD },
  },
  {
    name: 'create',
    method: 'POST',
    paths: [`${ROOT}/sobjects/{object}`],
    kind: 'create',
    object: '{object}',
    body: shapes.writtenRecord,
    readsBody: true,
    code: 'create',
    answer: { format: 'json', root: shapes.SAVE_RESULT },
  },
  {
    name: 'update',
    method: 'PATCH',
    paths: [`${ROOT}/sobjects/{object}/{id}`],
    kind: 'update',
    object: '{object}',
    id: 'id',
    body: shapes.writtenRecord,
    readsBody: true,
    code: 'update',
    answer: { format: 'json', root: shapes.SAVE_RESULT },
  },
  {
    name: 'delete',
    method: 'DELETE',
    paths: [`${ROOT}/sobjects/{object}/{id}`],
    kind: 'delete',
    object: '{object}',
    id: 'id',
    code: 'one',
    answer: { format: 'json', root: shapes.SAVE_RESULT },
  },
  {
    name: 'read-by-external-id',
    method: 'GET',
    paths: [`${ROOT}/sobjects/{object}/{field}/{value}`],
    kind: 'read',
    object: '{object}',
    uses: ID_LOOKUP,
    parameters: { fields: { lists: 'select' } },
    select: 'fields',
    code: 'externalId',
    answer: { format: 'json', root: shapes.RECORD },
  },
  {
    name: 'upsert',
    method: 'PATCH',
    paths: [`${ROOT}/sobjects/{object}/{field}/{value}`],
    kind: 'update',
    otherKinds: ['create'],
    object: '{object}',
    uses: ID_LOOKUP,
    parameters: { updateOnly: 'harmless' },
    body: shapes.writtenRecord,
    readsBody: true,
    code: 'externalIdWrite',
    answer: { format: 'json', root: shapes.SAVE_RESULT },
  },
  {
    name: 'delete-by-external-id',
    method: 'DELETE',
    paths: [`${ROOT}/sobjects/{object}/{field}/{value}`],
    kind: 'delete',
    object: '{object}',
    uses: ID_LOOKUP,
    code: 'externalId',
    answer: { format: 'json', root: shapes.SAVE_RESULT },
  },
];

const QUERIES: readonly OperationDescriptor[] = (
  [
    ['query', 'query'],
    ['query-all', 'queryAll'],
  ] as const
).flatMap(([name, segment]): OperationDescriptor[] => [
  {
    name,
    method: 'GET',
    paths: [`${ROOT}/${segment}`],
    kind: 'read',
    parameters: { q: 'once', explain: 'once' },
    code: 'query',
    answer: { format: 'json', root: shapes.QUERY_RESULT },
  },
  {
    name: `${name}-more`,
    method: 'GET',
    paths: [`${ROOT}/${segment}/{locator}`],
    kind: 'read',
    code: 'queryMore',
    answer: { format: 'json', root: shapes.QUERY_RESULT },
  },
]);

/**
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
 */
const COLLECTIONS: readonly OperationDescriptor[] = [
  {
    name: 'collection-create',
    method: 'POST',
    paths: [`${ROOT}/composite/sobjects`],
    kind: 'create',
    body: shapes.WRITTEN_RECORDS,
    readsBody: true,
    code: 'collectionWrite',
    answer: { format: 'json', root: shapes.SAVE_RESULTS },
  },
  {
    name: 'collection-update',
    method: 'PATCH',
    paths: [`${ROOT}/composite/sobjects`],
    kind: 'update',
    body: shapes.WRITTEN_RECORDS,
    readsBody: true,
    code: 'collectionWrite',
    answer: { format: 'json', root: shapes.SAVE_RESULTS },
  },
  {
    name: 'collection-delete',
    method: 'DELETE',
    paths: [`${ROOT}/composite/sobjects`],
    kind: 'delete',
    parameters: { ids: 'once', allOrNone: 'harmless' },
    code: 'collectionDelete',
    answer: { format: 'json', root: shapes.SAVE_RESULTS },
  },
  {
    name: 'collection-upsert',
    method: 'PATCH',
    paths: [`${ROOT}/composite/sobjects/{object}/{field}`],
    kind: 'update',
    otherKinds: ['create'],
    object: '{object}',
    uses: ID_LOOKUP,
    body: shapes.WRITTEN_RECORDS,
    readsBody: true,
    code: 'collectionWrite',
    answer: { format: 'json', root: shapes.SAVE_RESULTS },
  },
  {
    name: 'collection-read',
    method: 'GET',
    paths: [`${ROOT}/composite/sobjects/{object}`],
    kind: 'read',
    object: '{object}',
    parameters: { ids: 'once', fields: { lists: 'select' } },
    select: 'fields',
    answer: { format: 'json', root: shapes.RECORDS },
  },
  {
    name: 'collection-read-by-post',
    method: 'POST',
    paths: [`${ROOT}/composite/sobjects/{object}`],
    kind: 'read',
    object: '{object}',
    body: { is: 'plain' },
    readsBody: true,
    code: 'collectionRead',
    answer: { format: 'json', root: shapes.RECORDS },
  },
];

/** The cells of a report are told apart by position alone, so a report passes only where everything may be seen. */
const REPORTS: readonly OperationDescriptor[] = (
  [
    ['report-list', 'GET', ''],
    ['report-run', 'GET', '/{report}'],
    ['report-run-changed', 'POST', '/{report}'],
    ['report-query', 'POST', '/query'],
    ['report-describe', 'GET', '/{report}/describe'],
    ['report-instances', 'GET', '/{report}/instances'],
    ['report-start', 'POST', '/{report}/instances'],
    ['report-instance', 'GET', '/{report}/instances/{instance}'],
  ] as const
).map(([name, method, path]) => ({
  name,
  method,
  paths: [`${ROOT}/analytics/reports${path}`],
  kind: 'report',
  object: '*',
  uses: ANY_RECORD,
  parameters: { includeDetails: 'harmless' },
  needsClearView: true,
  answer: { format: 'opaque' },
}));

const OAUTH: readonly OperationDescriptor[] = [
  ...(
    [
      ['token', 'POST', true],
      ['revoke', 'GET', false],
      ['revoke-by-post', 'POST', false],
      ['userinfo', 'GET', true],
      ['userinfo-by-post', 'POST', true],
      ['introspect', 'POST', false],
      ['authorize', 'GET', false],
      ['authorize-by-post', 'POST', false],
    ] as const
  ).map(
    ([name, method, triesSecret]): OperationDescriptor => ({
      name: `oauth-${name}`,
      method,
      paths: [`/services/oauth2/${name.replace('-by-post', '')}`],
      kind: 'auth',
      ...(triesSecret && { triesSecret }),
      parameters: Object.fromEntries(
        words(
          'response_type client_id redirect_uri scope state prompt display nonce code_challenge code_challenge_method ' +
            'login_hint immediate token oauth_token access_token',
        ).map((parameter) => [parameter, 'harmless']),
      ),
      answer: name.startsWith('authorize') ? { format: 'plain' } : { format: 'json', root: shapes.IDENTITY },
    }),
  ),
  {
    name: 'identity',
    method: 'GET',
    paths: ['/id/{organization}/{user}'],
    kind: 'auth',
    triesSecret: true,
    parameters: {
      format: 'once',
      version: 'harmless',
      oauth_token: 'harmless',
      access_token: 'harmless',
    },
    code: 'identity',
    answer: { format: 'json', root: shapes.IDENTITY },
  },
];

/** What can be declared about Salesforce, except bulk jobs (`bulk.ts`). */
export function salesforceDescriptor(bulk: readonly OperationDescriptor[]): Descriptor {
  return {
    name: 'salesforce',
    namesIgnoreCase: true,
    valuesIgnoreCase: true,
    // Whether Salesforce ignores the case of a path depends on the resource; a path that differs only in case is
    // inspected too.
    pathsIgnoreCase: true,
    publicHosts: ['*.my.salesforce.com', 'login.salesforce.com', 'test.salesforce.com'],
    version: /^v\d{2,3}\.\d$/i,
    parameters: { _HttpMethod: 'once' },
    defaultFields: new Map(),
    constantFields: ['Id'],
    error: shapes.ERRORS,
    operations: [
      ...METADATA,
      ...REST,
      ...QUERIES,
      ...COLLECTIONS,
      ...REPLICATION,
      ...bulk,
      ...REPORTS,
      ...FILES,
      ...SENDS,
      ...OAUTH,
    ],
  };
}
