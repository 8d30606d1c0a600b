import type { NamedRecord } from '../../model/operation.ts';
import type { JsonObject } from '../json-body.ts';
import { longId } from './id.ts';

/**
 * Whether a field names the primary contact of an opportunity. Whoever creates it with one gives it a contact role,
 * which the field only repeats from then on: so it is not read to tell who the opportunity is about.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
 */
export function isPrimaryContact(object: string, field: string): boolean {
  return object === 'Opportunity' && field.toLowerCase() === 'contactid';
}

/** The contacts that a written record makes primary ones: more than one only where names differ in case. */
export function primaryContacts(object: string, record: JsonObject): readonly NamedRecord[] {
  return Object.entries(record).flatMap(([field, id]) =>
    isPrimaryContact(object, field) && typeof id === 'string' && id !== ''
      ? [{ object: 'Contact', id: longId(id) }]
      : [],
  );
}
