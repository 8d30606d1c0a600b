import type { Shape } from '../../model/shape.ts';
import type { Recogniser } from '../adapter-code.ts';
import { isJsonObject, parseJsonBody, refuseBody } from '../json-body.ts';

/**
 * Refuses a body that holds, beside the fields of its records, what the descriptor does not name. It may be a record:
 * then masks would be written over values, and values that the CRM must not get would reach it.
 * @throws PrivetError BODY_UNREADABLE
 */
export const requireDeclared: Recogniser = ({ operation, request: { body } }) => {
  if (operation.body.format === 'json' && body !== undefined && body.length > 0)
    require(parseJsonBody(body), operation.body.root);
  return operation;
};

function require(value: unknown, shape: Shape): void {
  if (value === null || shape.is === 'plain') return;
  if (Array.isArray(value)) requireItems(value, shape);
  // An object where a list should be is read as its only item.
  else if (isJsonObject(value) && shape.is === 'array') require(value, shape.items);
  else if (isJsonObject(value)) requireMembers(value, shape);
  else if (HOLDS_MORE.has(shape.is)) refuseBody('a plain value stands where the descriptor has a record.');
}

const HOLDS_MORE: ReadonlySet<Shape['is']> = new Set(['record', 'fields', 'object', 'array', 'text']);

/** A list where one record should be is read as several of them. */
function requireItems(value: readonly unknown[], shape: Shape): void {
  if (shape.is !== 'array' && shape.is !== 'record') {
    if (value.length > 0) refuseBody('a list stands where the descriptor has none.');
    return;
  }
  for (const item of value) require(item, shape.is === 'array' ? shape.items : shape);
}

function requireMembers(value: Readonly<Record<string, unknown>>, shape: Shape): void {
  if (shape.is === 'fields') return;
  const isOpen = shape.is === 'record' && shape.others === 'field';
  const members = shape.is === 'record' || shape.is === 'object' ? shape.members : {};
  for (const [name, inner] of Object.entries(value)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member !== undefined) require(inner, member);
    else if (!isOpen) refuseBody('it has a member that the descriptor does not name.');
  }
}
