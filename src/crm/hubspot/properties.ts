import type { FieldPosition, FieldUse } from '../../model/operation.ts';
import { refuseBody } from '../json-body.ts';

/** @see https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
const PROPERTY_NAME = /^\w[\w.-]*$/;

/**
 * The use of a property that a request names. A selected property shows in the answer under its name; in every other
 * position the name must be spelt plainly, because how HubSpot reads blanks, quotes or other characters around it is
 * not documented.
 * @throws PrivetError BODY_UNREADABLE
 */
export function propertyUse(object: string, field: string, position: FieldPosition): FieldUse {
  if (position !== 'select' && !PROPERTY_NAME.test(field))
    refuseBody('a property name has characters that property names cannot have.');
  return { object, field, position };
}

const DERIVED: ReadonlyMap<string, readonly string[]> = new Map([
  ['firstname', ['hs_full_name_or_email']],
  ['lastname', ['hs_full_name_or_email']],
  ['email', ['hs_full_name_or_email', 'hs_email_domain']],
  ['phone', calculated('phone')],
  ['mobilephone', calculated('mobile')],
]);

function calculated(number: string): readonly string[] {
  return [
    `hs_calculated_${number}_number`,
    `hs_calculated_${number}_number_area_code`,
    `hs_calculated_${number}_number_country_code`,
    `hs_calculated_${number}_number_region_code`,
    `hs_searchable_calculated_${number}_number`,
    `hs_searchable_calculated_international_${number}_number`,
  ];
}

/**
 * Properties of contacts that HubSpot derives from a property.
 * @see https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
 */
export function derivedFrom(property: string): readonly string[] {
  return DERIVED.get(property.toLowerCase()) ?? [];
}
