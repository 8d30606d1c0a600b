import type { Limits } from '../../limits.ts';
import { queryParameter } from '../../model/request.ts';
import type { CrmAdapter, LocatorPlace } from '../adapter.ts';
import type { Recogniser, Replacer } from '../adapter-code.ts';
import { createAdapter } from '../create-adapter.ts';
import { unreplaced } from '../substitution.ts';
import {
  BULK,
  narrowBulkQueryCreate,
  readUploadedJob,
  recogniseBulkJob,
  recogniseBulkQueryCreate,
  replaceBulkQueryCreate,
} from './bulk.ts';
import { readCurrentRecords } from './current.ts';
import { salesforceError } from './errors.ts';
import { compoundsOf, repeatedIn, usesOfName } from './fields.ts';
import { recogniseFile } from './files.ts';
import { findRecords } from './find.ts';
import { longId } from './id.ts';
import { recogniseBulkIngestCreate } from './ingest.ts';
import { objectOfId } from './key-prefix.ts';
import { canonicalObject, objectNamed, RECENTLY_VIEWED } from './objects.ts';
import { salesforceDescriptor } from './operations.ts';
import { judgingFiles } from './public-links.ts';
import { createQueries, type SalesforceQueries } from './query.ts';
import { recogniseRecordCount } from './replication.ts';
import { recogniseEmail } from './sends.ts';
import { salesforceWhoAmI } from './who-am-i.ts';
import * as writes from './writes.ts';

/**
 * `defaultNamespace=acme` makes `NIF__c` mean `acme__NIF__c`, in what is asked for and in what is answered.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_calloptions.htm
 */
const RENAMING_HEADERS: ReadonlyMap<string, RegExp> = new Map([['sforce-call-options', /namespace/i]]);

/**
 * Every document is linked to its owner at least.
 * @see https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
 */
const ALWAYS_LEAD: ReadonlySet<string> = new Set(['contentdocumentlink.contentdocumentid']);

/**
 * Salesforce's REST API, Bulk API 2.0 and OAuth endpoints. What is not here (SOAP, composite, Apex, UI API, …) is
 * unknown.
 */
export function createSalesforceAdapter(limits: Limits): CrmAdapter {
  const queries = createQueries(limits);
  const adapter = createAdapter(salesforceDescriptor(BULK), {
    object: objectNamed,
    uses: usesOfName,
    recognisers: {
      one: writes.recogniseOne,
      create: writes.recogniseWrite,
      update: writes.recogniseUpdate,
      externalId: writes.recogniseExternalId,
      externalIdWrite: writes.recogniseExternalIdWrite,
      collectionWrite: writes.recogniseCollectionWrite,
      collectionDelete: writes.recogniseCollectionDelete,
      collectionRead: writes.recogniseCollectionRead,
      query: queries.recognise,
      queryMore: queries.recogniseMore,
      bulkQueryCreate: recogniseBulkQueryCreate(queries),
      bulkIngestCreate: recogniseBulkIngestCreate,
      bulkJob: recogniseBulkJob(queries),
      file: recogniseFile,
      email: recogniseEmail,
      recordCount: recogniseRecordCount,
      identity: recogniseIdentity,
    },
    narrowers: {
      query: queries.narrowQuery,
      'query-all': queries.narrowQuery,
      'query-more': queries.narrow,
      'query-all-more': queries.narrow,
      'bulk-query-create': narrowBulkQueryCreate(queries),
      'bulk-query-status': queries.narrow,
      'bulk-query-results': queries.narrow,
      'bulk-query-result-pages': queries.narrow,
      'collection-read-by-post': writes.narrowCollectionRead,
    },
    replacers: replacers(queries),
    readCurrent: readCurrentRecords,
    errorBody: salesforceError,
    whoAmI: salesforceWhoAmI,
    locatorIn,
    addresses: { standIns: new Set(['Name', RECENTLY_VIEWED]), read: readAddress },
  });
  return {
    ...adapter,
    userId: longId,
    globalId: longId,
    objectOfId: (id) => {
      const object = objectOfId(id);
      return object === '*' ? undefined : object;
    },
    compoundsOf,
    repeatedIn,
    findRecords,
    readOperation: readUploadedJob,
    through: 'fields',
    alwaysLead: ALWAYS_LEAD,
    userObject: 'User',
    twinOf,
    ownIds: new Set(['id']),
    idField: 'Id',
    countHeaders: ['sforce-numberofrecords'],
    renamingHeaders: RENAMING_HEADERS,
    withoutIds,
    recognise: (request, open) => {
      // The override has already been applied to the method. Salesforce would apply a second, different one.
      const override = queryParameter(request, '_HttpMethod');
      if (override !== undefined && override.toUpperCase() !== request.method) return undefined;
      const operation = adapter.recognise(request, open);
      return operation && judgingFiles(operation);
    },
  };
}

/**
 * Countries and states have a text and a code, each of which is set by the other.
 * @see https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/compound_fields_address.htm
 */
function twinOf(field: string): string | undefined {
  if (!/(?:country|state)(?:code)?$/i.test(field)) return undefined;
  return /code$/i.test(field) ? field.slice(0, -'code'.length) : `${field}Code`;
}

/**
 * `duplicate value found: ExternalId__c duplicates value on record with id: 0035g000000003BAAQ`; ids have digits, words
 * have none.
 */
function withoutIds(text: string): string {
  if (!/duplicate/i.test(text)) return text;
  return text.replace(/\b(?=[A-Za-z]*\d)[A-Za-z\d]{15}(?:[A-Za-z\d]{3})?\b/g, '[id]');
}

function replacers(queries: SalesforceQueries): Readonly<Record<string, Replacer>> {
  const { replaceExternalId, replaceInRecord, replaceInRecords } = writes;
  return {
    query: queries.replaceParameter('q'),
    'query-all': queries.replaceParameter('q'),
    explain: queries.replaceParameter('explain'),
    'bulk-query-create': replaceBulkQueryCreate(queries),
    'query-more': unreplaced,
    'query-all-more': unreplaced,
    'bulk-query-status': unreplaced,
    'bulk-query-state': unreplaced,
    'bulk-query-delete': unreplaced,
    'bulk-query-results': unreplaced,
    'bulk-query-result-pages': unreplaced,
    'read-by-external-id': replaceExternalId,
    'delete-by-external-id': replaceExternalId,
    upsert: (operation, substitution) =>
      replaceInRecord(replaceExternalId(operation, substitution), substitution),
    create: replaceInRecord,
    update: replaceInRecord,
    'collection-create': replaceInRecords,
    'collection-update': replaceInRecords,
    'collection-upsert': replaceInRecords,
  };
}

/** The identity URL answers in XML or as a form when it is asked to. */
const recogniseIdentity: Recogniser = ({ request, operation }) =>
  (queryParameter(request, 'format') ?? 'json') === 'json' ? operation : undefined;

/** `/services/data/v59.0/sobjects/Contact/0035g…`; under a stand-in, the id says what it is an id of. */
function readAddress(address: string): { readonly object: string; readonly id: string } | undefined {
  const [, name, id] = /\/sobjects\/(\w+)\/(\w+)$/.exec(address) ?? [];
  if (name === undefined || id === undefined) return undefined;
  const object = canonicalObject(name);
  return { object: object === '*' ? objectOfId(id) : object, id };
}

/** A locator or job id, alone or at the end of a relative URL. */
function locatorIn(text: string): LocatorPlace | undefined {
  const inUrl = /^(.*?\/(?:jobs\/(?:query|ingest)|query|queryAll)\/)([^/?#]+)(.*)$/i.exec(text);
  if (inUrl !== null) {
    const [, before = '', locator = '', after = ''] = inUrl;
    return { before, locator, after };
  }
  return /^[A-Za-z0-9._~-]+$/.test(text) ? { before: '', locator: text, after: '' } : undefined;
}
