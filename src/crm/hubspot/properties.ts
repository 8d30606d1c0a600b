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
    refuseBody('a property is named by no name of one.');
  return { object, field, position };
}
