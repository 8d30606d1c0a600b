import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer } from '../wire/message.ts';
import { noSuchRoute, objectNotFound, problem } from './errors.ts';
import { bodyOf } from './object-routes.ts';
import type { Call } from './portal.ts';
import { type PropertySchema, TYPE_SCHEMAS, type TypeSchema, typeSchema } from './schema.ts';

function propertyJson(property: PropertySchema) {
  return {
    name: property.name,
    label: property.label,
    type: property.type,
    fieldType: property.type === 'string' ? 'text' : property.type,
    description: '',
    groupName: 'information',
    options: [],
    displayOrder: -1,
    calculated: property.readOnly,
    externalOptions: false,
    hasUniqueValue: property.unique,
    hidden: false,
    formField: !property.readOnly,
    modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: property.readOnly },
    dataSensitivity: 'non_sensitive',
  };
}

function schemaOf(call: Call): TypeSchema {
  const schema = typeSchema(call.rest[1] ?? '');
  if (!schema) throw objectNotFound();
  return schema;
}

function groupJson(schema: TypeSchema): Json {
  return { name: 'information', label: `${schema.singular} information`, displayOrder: 0, archived: false };
}

/** `/properties/{type}[/{name}]`, `/groups`, and POST `/batch/read` */
export function propertiesAnswer(call: Call): SandboxAnswer {
  const [, , name, action] = call.rest;
  const schema = schemaOf(call);
  const named = (asked: string): PropertySchema | undefined => schema.properties.get(asked);
  if (call.request.method === 'POST') {
    const { inputs } = bodyOf(call);
    if (name !== 'batch' || action !== 'read' || !Array.isArray(inputs)) throw noSuchRoute();
    const asked = inputs.filter(isJsonObject).map((input) => textOf(input['name']));
    return jsonAnswer(200, {
      status: 'COMPLETE',
      results: asked.flatMap((one) => named(one) ?? []).map(propertyJson),
    });
  }
  if (name === undefined)
    return jsonAnswer(200, { results: [...schema.properties.values()].map(propertyJson) });
  if (name === 'groups') {
    if (action === undefined) return jsonAnswer(200, { results: [groupJson(schema)] });
    return jsonAnswer(200, groupJson(schema));
  }
  const property = named(name);
  if (!property) throw problem(404, 'OBJECT_NOT_FOUND', `property ${name} does not exist`);
  return jsonAnswer(200, propertyJson(property));
}

const STAGES = ['appointmentscheduled', 'closedwon'].map((id, displayOrder) => ({
  id,
  label: id,
  displayOrder,
  archived: false,
  metadata: { probability: id === 'closedwon' ? '1.0' : '0.2' },
}));

/** `/pipelines/{type}[/{id}[/stages]]`: one, the same for every type. */
export function pipelinesAnswer(call: Call): SandboxAnswer {
  const [, , id, part] = call.rest;
  schemaOf(call);
  const pipeline = { id: 'default', label: 'Pipeline', displayOrder: 0, archived: false, stages: STAGES };
  if (id === undefined) return jsonAnswer(200, { results: [pipeline] });
  if (id !== pipeline.id) throw objectNotFound();
  return jsonAnswer(200, part === 'stages' ? { results: STAGES } : pipeline);
}

/** `/schemas[/{type}]`; the portal has no object types of its own, so the list is empty. */
export function schemasAnswer(call: Call): SandboxAnswer {
  const asked = call.rest[1];
  if (asked === undefined) return jsonAnswer(200, { results: [] });
  const schema = TYPE_SCHEMAS.find((one) => one.name === asked || one.typeId === asked);
  if (!schema) throw objectNotFound();
  return jsonAnswer(200, {
    id: schema.typeId,
    objectTypeId: schema.typeId,
    fullyQualifiedName: schema.name,
    name: schema.name,
    labels: { singular: schema.singular, plural: schema.name },
    requiredProperties: [],
    properties: [...schema.properties.values()].map(propertyJson),
    associations: [],
    archived: false,
  });
}
