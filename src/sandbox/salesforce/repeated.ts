import type { Scalar } from '../wire/json.ts';
import type { FieldSchema, ObjectSchema } from './schema.ts';
import type { SObject } from './sobject.ts';

const repeatingFields = new WeakMap<ObjectSchema, readonly FieldSchema[]>();

function fieldsOf(schema: ObjectSchema): readonly FieldSchema[] {
  const known = repeatingFields.get(schema) ?? schema.fields.filter(({ repeats }) => repeats !== undefined);
  repeatingFields.set(schema, known);
  return known;
}

/** A record with what it repeats of others, as these stand now. @param get a live record by its id */
export function withRepeated(
  schema: ObjectSchema,
  record: SObject,
  get: (id: string) => SObject | undefined,
): SObject {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return record;
  return { ...record, ...Object.fromEntries(fields.map((field) => [field.name, repeatedIn(field)])) };

  function repeatedIn({ type, repeats }: FieldSchema): Scalar {
    const ids = (repeats?.relationships ?? []).map(
      (name) => record[schema.parents.get(name.toLowerCase())?.name ?? ''],
    );
    const id = ids.find((one) => typeof one === 'string');
    const source = typeof id === 'string' ? get(id) : undefined;
    return source?.[repeats?.field ?? ''] ?? (type === 'boolean' ? false : null);
  }
}
