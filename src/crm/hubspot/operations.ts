import type { Descriptor, OperationDescriptor, ParameterDescriptor } from '../descriptor.ts';
import { ASSOCIATIONS } from './associations.ts';
import { FILES } from './files.ts';
import { LISTS } from './lists.ts';
import { CONSTANT_PROPERTIES, DEFAULT_PROPERTIES } from './objects.ts';
import { SENDS } from './sends.ts';
import * as shapes from './shapes.ts';
import { SUBSCRIPTIONS } from './subscriptions.ts';
import { versioned } from './versions.ts';

const objects = (rest = ''): string[] => versioned('/crm', '/objects', `/{object}${rest}`);

const PROPERTIES: Readonly<Record<string, ParameterDescriptor>> = {
  properties: { lists: 'select', repeats: true },
  propertiesWithHistory: { lists: 'select', repeats: true },
  associations: { repeats: true },
  archived: 'harmless',
};
const PAGES: Readonly<Record<string, ParameterDescriptor>> = { limit: 'harmless', after: 'harmless' };
const BY_PROPERTY: Readonly<Record<string, ParameterDescriptor>> = { idProperty: { lists: 'lookup' } };

/** @see https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide */
const OBJECTS: readonly OperationDescriptor[] = [
  {
    name: 'list',
    method: 'GET',
    paths: objects(),
    kind: 'read',
    object: '{object}',
    parameters: { ...PROPERTIES, ...PAGES },
    select: 'properties',
    answer: { format: 'json', root: shapes.page },
  },
  {
    name: 'read',
    method: 'GET',
    paths: objects('/{id}'),
    kind: 'read',
    object: '{object}',
    id: 'id',
    parameters: { ...PROPERTIES, ...BY_PROPERTY },
    select: 'properties',
    code: 'one',
    answer: { format: 'json', root: shapes.record },
  },
  {
    name: 'search',
    method: 'POST',
    paths: objects('/search'),
    kind: 'search',
    object: '{object}',
    body: { is: 'plain' },
    readsBody: true,
    code: 'search',
    answer: { format: 'json', root: shapes.page },
  },
  {
    name: 'create',
    method: 'POST',
    paths: objects(),
    kind: 'create',
    object: '{object}',
    body: shapes.written,
    readsBody: true,
    code: 'write',
    answer: { format: 'json', root: shapes.record },
  },
  {
    name: 'update',
    method: 'PATCH',
    paths: objects('/{id}'),
    kind: 'update',
    object: '{object}',
    id: 'id',
    parameters: BY_PROPERTY,
    body: shapes.written,
    readsBody: true,
    code: 'writeOne',
    answer: { format: 'json', root: shapes.record },
  },
  {
    name: 'delete',
    method: 'DELETE',
    paths: objects('/{id}'),
    kind: 'delete',
    object: '{object}',
    id: 'id',
    code: 'one',
    answer: { format: 'plain' },
  },
  {
    name: 'merge',
    method: 'POST',
    paths: objects('/merge'),
    kind: 'merge',
    object: '{object}',
    uses: [{ field: '*', position: 'select' }],
    body: { is: 'plain' },
    readsBody: true,
    code: 'merge',
    answer: { format: 'json', root: shapes.record },
  },
  {
    name: 'gdpr-delete',
    method: 'POST',
    paths: objects('/gdpr-delete'),
    kind: 'delete',
    object: '{object}',
    body: { is: 'plain' },
    readsBody: true,
    code: 'gdprDelete',
    answer: { format: 'plain' },
  },
  {
    name: 'batch-read',
    method: 'POST',
    paths: objects('/batch/read'),
    kind: 'read',
    object: '{object}',
    parameters: { archived: 'harmless' },
    body: { is: 'plain' },
    readsBody: true,
    code: 'batchRead',
    answer: { format: 'json', root: shapes.batch },
  },
  ...(['create', 'update', 'upsert'] as const).map(
    (name): OperationDescriptor => ({
      name: `batch-${name}`,
      method: 'POST',
      paths: objects(`/batch/${name}`),
      kind: name === 'upsert' ? 'update' : name,
      ...(name === 'upsert' && { otherKinds: ['create' as const] }),
      object: '{object}',
      body: shapes.writtenBatch,
      readsBody: true,
      code: 'batchWrite',
      answer: { format: 'json', root: shapes.batch },
    }),
  ),
  {
    name: 'batch-archive',
    method: 'POST',
    paths: objects('/batch/archive'),
    kind: 'delete',
    object: '{object}',
    body: { is: 'plain' },
    readsBody: true,
    code: 'batchArchive',
    answer: { format: 'plain' },
  },
];

const OWNERS: readonly OperationDescriptor[] = [
  {
    name: 'owners',
    method: 'GET',
    paths: versioned('/crm', '/owners'),
    kind: 'read',
    object: 'owners',
    uses: [{ field: '*', position: 'select' }],
    parameters: { ...PAGES, archived: 'harmless', email: { field: 'email', position: 'lookup' } },
    answer: { format: 'json', root: shapes.OWNERS },
  },
  {
    name: 'owner',
    method: 'GET',
    paths: versioned('/crm', '/owners', '/{id}'),
    kind: 'read',
    object: 'owners',
    id: 'id',
    uses: [{ field: '*', position: 'select' }],
    parameters: { ...BY_PROPERTY, archived: 'harmless' },
    code: 'one',
    answer: { format: 'json', root: shapes.OWNER_RECORD },
  },
];

/** An export's file is fetched from another host, past the proxy, so only those who may see everything may make one. */
const EXPORTS: readonly OperationDescriptor[] = [
  {
    name: 'export',
    method: 'POST',
    paths: versioned('/crm', '/exports', '/export/async'),
    kind: 'export',
    body: { is: 'plain' },
    readsBody: true,
    code: 'export',
    needsClearView: true,
    answer: { format: 'json', root: shapes.EXPORT },
  },
  {
    name: 'export-status',
    method: 'GET',
    paths: versioned('/crm', '/exports', '/export/async/tasks/{task}/status'),
    kind: 'export',
    needsClearView: true,
    answer: { format: 'json', root: shapes.EXPORT },
  },
  {
    name: 'export-info',
    method: 'GET',
    paths: versioned('/crm', '/exports', '/export/{export}'),
    kind: 'export',
    answer: { format: 'json', root: shapes.EXPORT },
  },
];

const PIPELINE = '/{object}/{pipeline}';
const METADATA_PARAMETERS: Readonly<Record<string, ParameterDescriptor>> = {
  archived: 'harmless',
  properties: 'harmless',
  dataSensitivity: 'harmless',
  locale: 'harmless',
};
/**
 * Metadata describes the CRM and not the people in it. Changing it is unknown: a new property could be calculated from
 * a hidden one.
 */
const METADATA: readonly OperationDescriptor[] = (
  [
    [
      'properties',
      [...versioned('/crm', '/properties', '/{object}'), '/properties/{version}/{object}/properties'],
    ],
    ['property', versioned('/crm', '/properties', '/{object}/{property}')],
    ['property-groups', versioned('/crm', '/properties', '/{object}/groups')],
    ['property-group', versioned('/crm', '/properties', '/{object}/groups/{group}')],
    ['pipelines', versioned('/crm', '/pipelines', '/{object}')],
    ['pipeline', versioned('/crm', '/pipelines', PIPELINE)],
    ['pipeline-stages', versioned('/crm', '/pipelines', `${PIPELINE}/stages`)],
    ['pipeline-stage', versioned('/crm', '/pipelines', `${PIPELINE}/stages/{stage}`)],
    ['schemas', [...versioned('/crm', '/schemas'), ...versioned('/crm-object-schemas', '/schemas')]],
    [
      'schema',
      [
        ...versioned('/crm', '/schemas', '/{object}'),
        ...versioned('/crm-object-schemas', '/schemas', '/{object}'),
      ],
    ],
    ['account-details', [...versioned('/account-info', '/details'), '/integrations/v1/me']],
    [
      'account-usage',
      ['', '/private-apps'].flatMap((rest) => versioned('/account-info', '/api-usage/daily', rest)),
    ],
  ] as const
).map(([name, paths]) => ({
  name,
  method: 'GET',
  paths,
  kind: 'metadata',
  parameters: METADATA_PARAMETERS,
  answer: { format: 'plain' },
}));

const METADATA_BATCHES: readonly OperationDescriptor[] = (
  [
    ['batch-properties', versioned('/crm', '/properties', '/{object}/batch/read')],
    ['batch-schemas', versioned('/crm-object-schemas', '/schemas', '/batch/read')],
  ] as const
).map(([name, paths]) => ({
  name,
  method: 'POST',
  paths,
  kind: 'metadata',
  parameters: METADATA_PARAMETERS,
  body: { is: 'plain' },
  answer: { format: 'plain' },
}));

/** Some of these paths hold tokens, so the paths are never logged. */
const OAUTH: readonly OperationDescriptor[] = (
  [
    ['oauth-token', 'POST', '/oauth/{version}/token', true],
    ['oauth-introspect', 'POST', '/oauth/{version}/token/introspect', true],
    ['oauth-revoke', 'POST', '/oauth/{version}/token/revoke', false],
    ['oauth-access-token', 'GET', '/oauth/{version}/access-tokens/{token}', true],
    ['oauth-refresh-token', 'GET', '/oauth/{version}/refresh-tokens/{token}', true],
    ['oauth-refresh-token-delete', 'DELETE', '/oauth/{version}/refresh-tokens/{token}', false],
  ] as const
).map(([name, method, path, triesSecret]) => ({
  name,
  method,
  paths: [path],
  kind: 'auth',
  ...(triesSecret && { triesSecret }),
  answer: { format: 'plain' },
}));

/** What can be declared about HubSpot. Imports, forms, conversations and the v1 APIs are unknown. */
export const HUBSPOT: Descriptor = {
  name: 'hubspot',
  // HubSpot's names are lower case. Whether it folds others is not documented; comparing without case can only protect
  // more.
  namesIgnoreCase: true,
  valuesIgnoreCase: true,
  pathsIgnoreCase: true,
  publicHosts: ['api.hubapi.com'],
  version: /^(?:v\d+|\d{4}-\d{2}(?:-beta)?)$/i,
  parameters: {},
  defaultFields: DEFAULT_PROPERTIES,
  constantFields: CONSTANT_PROPERTIES,
  error: shapes.ERROR,
  operations: [
    ...OBJECTS,
    ...ASSOCIATIONS,
    ...OWNERS,
    ...EXPORTS,
    ...SENDS,
    ...SUBSCRIPTIONS,
    ...LISTS,
    ...FILES,
    ...METADATA,
    ...METADATA_BATCHES,
    ...OAUTH,
  ],
};
