import type { FieldPosition, FieldUse } from '../../model/operation.ts';
import { refuseBody } from '../json-body.ts';

/** @see https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
const PROPERTY_NAME = /^\w[\w.-]*$/;

/**
 * A property that a request names. Answers tell which properties they hold; wherever naming one does more than ask for it, it must be
 * spelt as a name, for what HubSpot makes of blanks, quotes or other letters around one is written nowhere.
 * @throws PrivetError BODY_UNREADABLE
 */
export function propertyUse(object: string, field: string, position: FieldPosition): FieldUse {
  if (position !== 'select' && !PROPERTY_NAME.test(field))
    refuseBody('a property is named by no name of one.');
  return { object, field, position };
}
