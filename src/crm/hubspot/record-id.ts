import type { FieldUse } from '../../model/operation.ts';
import { type JsonObject, refuseBody } from '../json-body.ts';
import { comparing } from '../substitution.ts';
import { propertyUse } from './properties.ts';

/** Members that name a record by its id, or by a value of the property in `idProperty`. */
type IdMember = 'id' | 'objectId' | 'primaryObjectId' | 'objectIdToMerge';

/** A record's id in its one spelling: digits without leading zeros. Any other text may be a value of some property. */
export function isRecordId(id: unknown): boolean {
  return typeof id === 'number' ? Number.isSafeInteger(id) && id > 0 : /^[1-9]\d*$/.test(String(id));
}

/** Looks up values that are no ids: in the property that is named, or in any that the CRM may try. */
export function lookups(object: string, idProperty: unknown, values: readonly unknown[]): FieldUse[] {
  if (idProperty === undefined || idProperty === null) {
    return values.every(isRecordId) ? [] : [{ object, field: '*', position: 'lookup' }];
  }
  if (typeof idProperty !== 'string') return refuseBody('"idProperty" is not a name.');
  return [comparing(propertyUse(object, idProperty, 'lookup'), values)];
}

/** The same for a record that names itself; a new one does not. */
export function lookupsOf(object: string, record: JsonObject, member: IdMember = 'id'): FieldUse[] {
  if (record[member] === undefined && record['idProperty'] === undefined) return [];
  return lookups(object, record['idProperty'], [record[member]]);
}

/** The record a member names by its id; none where the id is a value of another property. */
export function targetsIn(
  object: string,
  record: JsonObject,
  member: IdMember,
): { readonly object: string; readonly id: string }[] {
  const { idProperty, [member]: id } = record;
  const isById = (idProperty === undefined || idProperty === null) && isRecordId(id);
  return isById ? [{ object, id: String(id) }] : [];
}
