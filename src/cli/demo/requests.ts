import { type DemoContact, HUBSPOT_PROPERTIES, SALESFORCE_FIELDS } from './contact.ts';
import { PREFIXES } from './stage.ts';

/** A request as a reader can type it. */
export interface DemoRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query at the proxy. */
  readonly target: string;
  /** JSON. */
  readonly body?: string;
}

const SALESFORCE_API = `${PREFIXES.salesforce}/services/data/v64.0`;
const HUBSPOT_API = `${PREFIXES.hubspot}/crm/v3`;

const get = (target: string): DemoRequest => ({ method: 'GET', target });
const post = (target: string, body: object): DemoRequest => ({
  method: 'POST',
  target,
  body: JSON.stringify(body),
});

const soql = (query: string): DemoRequest =>
  get(`${SALESFORCE_API}/query?q=${encodeURIComponent(query).replaceAll('%20', '+').replaceAll('%2C', ',')}`);

/** One contact in Salesforce. */
export function salesforceContact({ salesforceId }: DemoContact): DemoRequest {
  return get(`${SALESFORCE_API}/sobjects/Contact/${salesforceId}?fields=${SALESFORCE_FIELDS.join(',')}`);
}

/** The same person in HubSpot. */
export function hubspotContact({ hubspotId }: DemoContact): DemoRequest {
  return get(`${HUBSPOT_API}/objects/contacts/${hubspotId}?properties=${HUBSPOT_PROPERTIES.join(',')}`);
}

/** Everybody, in one file. */
export const BULK_EXPORT = post(`${SALESFORCE_API}/jobs/query`, {
  operation: 'query',
  query: 'SELECT Name, Email FROM Contact',
});

/** A guess at a value that is hidden. */
export const FILTER_SOQL = "SELECT Name FROM Contact WHERE Email LIKE 'b%'";
export const FILTER: DemoRequest = soql(FILTER_SOQL);

/** Contacts by name: how many there are depends on who asks. */
export const LIST: DemoRequest = soql('SELECT Name, Email, Owner.Name FROM Contact LIMIT 3');

/** How many contacts there are for whoever asks. */
export const COUNT: DemoRequest = soql('SELECT COUNT() FROM Contact');

/** @param offset contacts to skip */
export function contactsFrom(offset: number, count: number): DemoRequest {
  return soql(`SELECT Name FROM Contact ORDER BY Name LIMIT ${count} OFFSET ${offset}`);
}

/** A few people of one family name, in SOQL. */
export function namesakesSoql({ person }: DemoContact): string {
  const { firstName, lastName } = person;
  const like = `${firstName.slice(0, 1)}%`;
  return `SELECT Id, Name, Email FROM Contact WHERE LastName = '${lastName}' AND FirstName LIKE '${like}'`;
}

export function namesakes(contact: DemoContact): DemoRequest {
  return soql(namesakesSoql(contact));
}

/** A letter to all of these. */
export function mail(emails: readonly string[]): DemoRequest {
  const [emailAddresses, emailSubject] = [emails.join(','), 'Spring offers'];
  return post(`${SALESFORCE_API}/actions/standard/emailSimple`, {
    inputs: [{ emailAddresses, emailSubject, emailBody: 'Hello' }],
  });
}

/** Somebody that the CRM does not know yet. The numbers are those that manuals give as examples. */
export const NEWCOMER = {
  LastName: 'Ejemplo',
  NIF__c: '12345678Z',
  IBAN__c: 'ES9121000418450200051332',
} as const;
export type Newcomer = typeof NEWCOMER;

export const CREATE: DemoRequest = post(`${SALESFORCE_API}/sobjects/Contact`, NEWCOMER);

export function newcomer(id: string): DemoRequest {
  return get(`${SALESFORCE_API}/sobjects/Contact/${id}?fields=${Object.keys(NEWCOMER).join(',')}`);
}

/** @param fields to ask for, separated by commas */
export function findNewcomer(fields: string): DemoRequest {
  return soql(`SELECT ${fields} FROM Contact WHERE NIF__c = '${NEWCOMER.NIF__c}'`);
}

/** What the CRM itself answers, past the proxy. */
export const PAST_THE_PROXY = `/services/data/v64.0/query?q=${encodeURIComponent(
  `SELECT LastName,NIF__c,IBAN__c FROM Contact WHERE LastName = '${NEWCOMER.LastName}'`,
).replaceAll('%20', '+')}`;

export interface DemoAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends a request through the proxy as whoever holds the key. */
export async function send(proxyUrl: string, key: string, request: DemoRequest): Promise<DemoAnswer> {
  const { method, target, body } = request;
  const response = await fetch(`${proxyUrl}${target}`, {
    method,
    headers: {
      'x-privet-key': key,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

/** The same request for a shell. */
export function curlLine(proxyUrl: string, key: string, { target, body }: DemoRequest): string {
  const payload = body === undefined ? '' : ` -H 'content-type: application/json' -d '${body}'`;
  return `curl -s -H 'x-privet-key: ${key}'${payload} "${proxyUrl}${target}"`;
}
