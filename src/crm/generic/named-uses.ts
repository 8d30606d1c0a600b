import { PrivetError } from '../../errors.ts';
import type { NamedUses } from '../parameters.ts';

/** A field, one of a related record (`company.phone`), and the direction of a sort as most APIs write it (`name:desc`). */
const NAMED = /^(\w[\w-]*(?:\.\w[\w-]*)*?)(?:[ .:](?:asc|desc)(?:ending)?)?$/i;

/**
 * What a name in a query parameter names. Wherever that does more than ask for a field, it must be spelt in a way that is known: an order
 * by something that nobody reads may be an order by what is hidden.
 * @throws PrivetError BODY_UNREADABLE
 */
export const namedUses: NamedUses = (object, name, position) => {
  if (position === 'select') return [{ object, field: name, position }];
  const path = NAMED.exec(name)?.[1];
  if (path === undefined)
    throw new PrivetError('BODY_UNREADABLE', 'Query: a field is named by no name of one.');
  const field = path.split('.').at(-1) ?? path;
  // Of which object the other end of a relation is, nothing tells.
  return field === path
    ? [{ object, field, position }]
    : [
        { object, field: path, position },
        { object: '*', field, position, elsewhere: true },
      ];
};
