import { PrivetError } from '../../errors.ts';
import type { NamedUses } from '../parameters.ts';

/**
 * A field, one of a related record (`company.phone`), and the direction of a sort as most APIs write it (`name:desc`).
 */
const NAMED = /^(\w[\w-]*(?:\.\w[\w-]*)*?)(?:[ .:](?:asc|desc)(?:ending)?)?$/i;

/**
 * Uses that a name in a query parameter stands for. Wherever it does more than select a field, its spelling must be a
 * known one: a sort by something unread may be a sort by a hidden field.
 * @throws PrivetError BODY_UNREADABLE
 */
export const namedUses: NamedUses = (object, name, position) => {
  if (position === 'select') return [{ object, field: name, position }];
  const path = NAMED.exec(name)?.[1];
  if (path === undefined)
    throw new PrivetError(
      'BODY_UNREADABLE',
      'Query: a field name has characters that field names cannot have.',
    );
  const field = path.split('.').at(-1) ?? path;
  // Nothing tells which object a relation leads to.
  return field === path
    ? [{ object, field, position }]
    : [
        { object, field: path, position },
        { object: '*', field, position, elsewhere: true },
      ];
};
