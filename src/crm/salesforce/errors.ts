import type { Denial } from '../../model/decision.ts';
import type { NativeBody } from '../adapter.ts';

/** Codes that Salesforce itself gives with a status. */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_OPERATION',
  401: 'INVALID_SESSION_ID',
  403: 'INSUFFICIENT_ACCESS_OR_READONLY',
  404: 'NOT_FOUND',
  413: 'LIMIT_EXCEEDED',
  502: 'SERVER_UNAVAILABLE',
  504: 'SERVER_UNAVAILABLE',
};

/**
 * An error as the REST API answers with: an array in JSON, `Errors` in XML.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
 */
export function salesforceError(
  status: number,
  denial: Denial,
  accept: string,
  requestId: string,
): NativeBody {
  const errorCode = CODES[status] ?? 'UNKNOWN_EXCEPTION';
  const message = `${denial.message} (policy ${denial.policy}, request ${requestId})`;
  if (/^\s*(?:application|text)\/xml\b/i.test(accept)) {
    const error = `<Error><errorCode>${errorCode}</errorCode><message>${escapeXml(message)}</message></Error>`;
    return {
      contentType: 'application/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><Errors>${error}</Errors>`,
    };
  }
  return { contentType: 'application/json', body: JSON.stringify([{ message, errorCode }]) };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
