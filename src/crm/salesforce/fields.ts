import type { FieldPosition, FieldUse } from '../../model/operation.ts';
import { resolveField } from '../dialects/soql/names.ts';
import { isJsonObject, type JsonObject, refuseBody } from '../json-body.ts';
import { comparing, type Substitution } from '../substitution.ts';
import { SALESFORCE_SCHEMA } from './objects.ts';

/** Uses of a field, or of a path to one, on an object. @throws PrivetError BODY_UNREADABLE when it is neither */
export function usesOfName(object: string, name: string, position: FieldPosition): FieldUse[] {
  const scope = { objects: [object], alias: undefined, schema: SALESFORCE_SCHEMA };
  const { objects, field } = resolveField(name, scope);
  return objects.map((found) => ({ object: found, field, position }));
}

/**
 * Uses of a record that is written. A member whose value is an object names a related record by one of its unique
 * fields (`"ReportsTo": {"Email": …}`), which is a look-up by value.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm
 */
export function usesOfWrite(object: string, record: JsonObject): FieldUse[] {
  return Object.entries(record).flatMap(([name, value]): FieldUse[] => {
    if (name.toLowerCase() === 'attributes') return [];
    if (typeof value !== 'object' || value === null) return [{ object, field: name, position: 'write' }];
    if (!isJsonObject(value)) return refuseBody('a field holds a list.');
    return usesOfReference(object, name, value);
  });
}

function usesOfReference(object: string, relationship: string, reference: JsonObject): FieldUse[] {
  const objects = SALESFORCE_SCHEMA.parent(object, relationship);
  return Object.entries(reference).flatMap(([field, value]): FieldUse[] => {
    if (field.toLowerCase() === 'attributes') return [];
    if (typeof value === 'object' && value !== null) return refuseBody('a related record holds another one.');
    return objects.map((found) => comparing({ object: found, field, position: 'lookup' }, [value]));
  });
}

/** A written record, with the values replaced by which it names related records. */
export function replaceReferences(
  object: string,
  record: JsonObject,
  substitution: Substitution,
): JsonObject {
  return mapMembers(record, (relationship, reference) => {
    if (!isJsonObject(reference)) return reference;
    const objects = SALESFORCE_SCHEMA.parent(object, relationship);
    return mapMembers(reference, (field, value) =>
      typeof value === 'string' && value !== '' ? substitution.single({ objects, field }, value) : value,
    );
  });
}

/** `attributes` tells what a record is, and is kept. */
function mapMembers(record: JsonObject, change: (name: string, value: unknown) => unknown): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      name.toLowerCase() === 'attributes' ? value : change(name, value),
    ]),
  );
}

/** Objects of uses, each once. */
export function objectsOf(uses: readonly FieldUse[]): string[] {
  return [...new Set(uses.map(({ object }) => object))];
}
