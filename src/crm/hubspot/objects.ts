import { words } from '../words.ts';

/** Objects by canonical name: type id, singular, and further names HubSpot takes in a path. */
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  contacts: ['0-1', 'contact'],
  companies: ['0-2', 'company'],
  deals: ['0-3', 'deal'],
  tickets: ['0-5', 'ticket'],
  products: ['0-7', 'product'],
  line_items: ['0-8', 'line_item'],
  conversations: ['0-11', 'conversation'],
  quotes: ['0-14', 'quote'],
  communications: ['0-18', 'communication'],
  feedback_submissions: ['0-19', 'feedback_submission'],
  tasks: ['0-27', 'task'],
  notes: ['0-46', 'note'],
  meetings: ['0-47', 'meeting', 'meeting_event'],
  calls: ['0-48', 'call'],
  emails: ['0-49', 'email'],
  invoices: ['0-53', 'invoice'],
  marketing_events: ['0-54', 'marketing_event'],
  subscriptions: ['0-69', 'subscription'],
  goal_targets: ['0-74', 'goal_target'],
  commerce_payments: ['0-101', 'commerce_payment', 'payments', 'payment'],
  users: ['0-115', 'user'],
  postal_mail: ['0-116', 'postal_mails'],
  orders: ['0-123', 'order'],
  leads: ['0-136', 'lead'],
  carts: ['0-142', 'cart'],
  services: ['0-162', 'service'],
  courses: ['0-410', 'course'],
  listings: ['0-420', 'listing'],
  appointments: ['0-421', 'appointment'],
};

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(OBJECTS).flatMap(([name, others]) => [name, ...others].map((other) => [other, name])),
);

/** How an object is called where HubSpot takes few of them by name: by its type id, or as it is. */
export function typeIdOf(object: string): string {
  return OBJECTS[object]?.[0] ?? object;
}

/** Canonical names of all that HubSpot comes with. */
export const STANDARD_OBJECTS: readonly string[] = Object.keys(OBJECTS);

/**
 * Canonical object of a path segment: names, singulars and type ids are one object. A custom object is called by its
 * name with or without the account's prefix (`p123_car`, or `p_car` for short); by its type id (`2-123`) it cannot be
 * told which one it is, so it counts as every object.
 * @see https://developers.hubspot.com/docs/api-reference/crm-using-object-apis/overview
 * @returns undefined when it is no object name
 */
export function canonicalObject(name: string): string | undefined {
  const lower = name.toLowerCase();
  const known = BY_NAME.get(lower);
  if (known !== undefined) return known;
  if (/^[02]-\d+$/.test(lower)) return '*';
  const custom = /^(?:p\d*_)?([a-z][a-z0-9_-]*)$/.exec(lower)?.[1];
  return custom === undefined ? undefined : (BY_NAME.get(custom) ?? custom);
}

/** Properties that an answer has whether the request lists them or not. */
export const CONSTANT_PROPERTIES: readonly string[] = ['hs_object_id'];

/**
 * Properties that an answer has when the request lists none.
 * @see https://developers.hubspot.com/docs/api-reference/crm-using-object-apis/search#objects-and-properties
 */
export const DEFAULT_PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['contacts', ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname']],
  ['companies', ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name']],
  [
    'deals',
    words('amount closedate createdate dealname dealstage hs_lastmodifieddate hs_object_id pipeline'),
  ],
  [
    'tickets',
    words(
      'content createdate hs_lastmodifieddate hs_object_id hs_pipeline hs_pipeline_stage hs_ticket_category hs_ticket_priority subject',
    ),
  ],
]);

/**
 * Properties that a search's free text is compared with, per object; elsewhere it may be any.
 * @see
 * https://developers.hubspot.com/docs/api-reference/crm-using-object-apis/search#search-default-searchable-properties
 */
const SEARCHED_PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'contacts',
    words(
      'firstname lastname email hs_additional_emails phone mobilephone fax company hs_searchable_calculated_phone_number hs_searchable_calculated_mobile_number hs_object_id',
    ),
  ],
  ['companies', ['website', 'phone', 'name', 'domain', 'hs_additional_domains', 'hs_object_id']],
  ['deals', ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype', 'hs_object_id']],
  [
    'tickets',
    ['subject', 'content', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_ticket_id', 'hs_object_id'],
  ],
]);

export function searchedProperties(object: string): readonly string[] {
  return SEARCHED_PROPERTIES.get(object) ?? ['*'];
}
