import { PrivetError } from '../../errors.ts';
import type { NamedUses } from '../parameters.ts';

/**
 * A field, one of a related record (`company.phone`), and the direction of a sort as most APIs write it (`name:desc`).
 */
const NAMED = /^(\w[\w-]*(?:\.\w[\w-]*)*?)(?:[ .:](?:asc|desc)(?:ending)?)?$/i;

/** A field, one of a related record (`company.phone`, `company/phone`), or all of them. */
const SELECTED = /^(?:[\p{L}\p{M}\p{N}_$@-]+[./])*(?:[\p{L}\p{M}\p{N}_$@-]+|\*)$/u;

/**
 * Uses that a name in a query parameter stands for. Its spelling must be a known one: a sort by something unread may be
 * a sort by a hidden field, and a selection may give a field another name (`x:email`), by which nobody knows it again.
 * @throws PrivetError BODY_UNREADABLE
 */
export const namedUses: NamedUses = (object, name, position) => {
  if (position === 'select' && SELECTED.test(name)) return [{ object, field: name, position }];
  const path = position === 'select' ? undefined : NAMED.exec(name)?.[1];
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
