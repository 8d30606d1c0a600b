import { CANARIES, STAFF } from '../../src/sandbox/sandbox.ts';
import type { Ask } from './load.ts';
import { KEYS } from './premises.ts';

/** What the sandbox takes as a credential. */
export const CRM_TOKEN = STAFF[0]!.salesforceToken;

export function headersOf(key: keyof typeof KEYS): Record<string, string> {
  return { 'x-privet-key': KEYS[key], authorization: `Bearer ${CRM_TOKEN}` };
}

/** Asks for the person whose every value is a canary, and four more. */
export const CANARY_QUERY = `/services/data/v59.0/query?q=${encodeURIComponent(
  `SELECT Id, Name, Email, Phone, MobilePhone, Description, NIF__c, IBAN__c FROM Contact ORDER BY Id LIMIT 5`,
)}`;

export function asSupport(more: Ask = {}): Ask {
  return { ...more, headers: { ...headersOf('support'), ...(more.headers as Record<string, string>) } };
}

export function asOfficer(more: Ask = {}): Ask {
  return { ...more, headers: { ...headersOf('officer'), ...(more.headers as Record<string, string>) } };
}

/** Values of the canary that the example policies hide from support. */
export const HIDDEN = [CANARIES.email, CANARIES.phone, CANARIES.mobile, CANARIES.nationalId, CANARIES.iban];
