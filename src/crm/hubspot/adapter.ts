import type { Denial } from '../../model/decision.ts';
import type { CrmAdapter, NativeBody } from '../adapter.ts';
import { createAdapter } from '../create-adapter.ts';
import { ASSOCIATION_RECOGNISERS } from './associations.ts';
import { readCurrentObjects, readUnchangedObject } from './current.ts';
import { recogniseFile, recogniseFileRecord } from './files.ts';
import { findRecords } from './find.ts';
import { readListQuestion } from './list-question.ts';
import { LIST_RECOGNISERS } from './lists.ts';
import { canonicalObject } from './objects.ts';
import { HUBSPOT } from './operations.ts';
import { derivedFrom, propertyUse } from './properties.ts';
import { findRelated } from './related.ts';
import { REPLACERS } from './replace.ts';
import { narrowSearch, recogniseSearch } from './search.ts';
import { recogniseMail } from './sends.ts';
import { SUBSCRIPTION_RECOGNISERS } from './subscriptions.ts';
import { hubspotWhoAmI } from './who-am-i.ts';
import * as writes from './writes.ts';

/**
 * HubSpot's CRM objects, owners, associations, exports, mails, subscriptions, lists, files, metadata and OAuth, in
 * numbered and dated versions.
 */
export function createHubspotAdapter(): CrmAdapter {
  const adapter = createAdapter(HUBSPOT, {
    object: canonicalObject,
    uses: (object, name, position) => [propertyUse(object, name, position)],
    recognisers: {
      one: writes.recogniseOne,
      search: recogniseSearch,
      write: writes.recogniseWrite,
      writeOne: writes.recogniseWriteOne,
      batchRead: writes.recogniseBatchRead,
      batchWrite: writes.recogniseBatchWrite,
      batchArchive: writes.recogniseBatchArchive,
      gdprDelete: writes.recogniseGdprDelete,
      merge: writes.recogniseMerge,
      ...ASSOCIATION_RECOGNISERS,
      export: writes.recogniseExport,
      mail: recogniseMail,
      ...LIST_RECOGNISERS,
      file: recogniseFile,
      fileRecord: recogniseFileRecord,
      ...SUBSCRIPTION_RECOGNISERS,
    },
    narrowers: { search: narrowSearch, 'batch-read': writes.narrowBatchRead },
    replacers: REPLACERS,
    readCurrent: readCurrentObjects,
    errorBody: hubspotError,
    whoAmI: hubspotWhoAmI,
  });
  return {
    ...adapter,
    compoundsOf: derivedFrom,
    findRecords,
    readUnchanged: readUnchangedObject,
    findRelated,
    through: 'objects',
    readQuestion: readListQuestion,
    ownIds: new Set(['hs_object_id', 'id']),
    withoutIds,
  };
}

/** `Contact already exists. Existing ID: 166` */
const IS_TAKEN = /\b(?:already|exists|existing|conflict\w*|duplicate\w*)\b/i;

function withoutIds(text: string): string {
  return IS_TAKEN.test(text) ? text.replace(/(?<![\w.@+-])\d+(?![\w@-])/g, '[id]') : text;
}

const CATEGORIES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'INVALID_AUTHENTICATION',
  403: 'MISSING_SCOPES',
  404: 'OBJECT_NOT_FOUND',
  413: 'VALIDATION_ERROR',
  429: 'RATE_LIMITS',
};

/** @see https://developers.hubspot.com/docs/api-reference/error-handling */
function hubspotError(status: number, denial: Denial, _accept: string, requestId: string): NativeBody {
  return {
    contentType: 'application/json',
    body: JSON.stringify({
      status: 'error',
      message: denial.message,
      correlationId: requestId,
      category: CATEGORIES[status] ?? 'INTERNAL_ERROR',
      context: { policy: [denial.policy] },
    }),
  };
}
