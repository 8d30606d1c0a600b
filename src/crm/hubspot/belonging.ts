import type { Operation } from '../../model/operation.ts';
import { isJsonObject, type JsonObject, refuseBody, refuseUnknown } from '../json-body.ts';
import { objectOfAssociation } from './association-types.ts';
import { isRecordId } from './record-id.ts';

type Belonging = NonNullable<Operation['belongsTo']>;

const MEMBERS = new Set(['to', 'types']);

/**
 * The records that a new one is associated with from the start. Only new ones take associations: elsewhere HubSpot has
 * routes of their own for them.
 * @throws PrivetError BODY_UNREADABLE
 */
export function belongingOf(record: JsonObject, isNew: boolean): Belonging {
  const associations = record['associations'] ?? [];
  if (!Array.isArray(associations) || !associations.every(isJsonObject))
    return refuseBody('"associations" is not a list of objects.');
  if (associations.length > 0 && !isNew) return refuseBody('an existing record takes no associations here.');
  return associations.flatMap((association) => {
    refuseUnknown(association, MEMBERS, 'an association');
    const { to, types } = association;
    if (!isJsonObject(to) || !isRecordId(to['id'])) return refuseBody('an association names no record.');
    const id = String(to['id']);
    const objects = new Set(listOf(types).map(objectOf));
    return Array.from(objects.size === 0 ? [undefined] : objects, (object) => ({
      id,
      ...(object === undefined ? {} : { object }),
    }));
  });
}

function listOf(types: unknown): readonly unknown[] {
  return Array.isArray(types) ? types : [];
}

function objectOf(type: unknown): string | undefined {
  return isJsonObject(type)
    ? objectOfAssociation(type['associationCategory'], type['associationTypeId'])
    : undefined;
}
