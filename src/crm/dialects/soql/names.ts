import { refuseSoql } from './parse.ts';
import type { SoqlSchema } from './schema.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** The object a clause's fields belong to, and the names it goes by there. */
export interface Scope {
  readonly objects: readonly string[];
  readonly alias: string | undefined;
  readonly schema: SoqlSchema;
  /** The clause is of a semi-join: none of its records stands in the answer. */
  readonly elsewhere?: true;
}

/** A field at the end of a relationship path. */
export interface ResolvedField {
  readonly objects: readonly string[];
  readonly path: readonly string[];
  readonly field: string;
  /** See `FieldUse`. */
  readonly elsewhere: boolean;
}

/** Scope of a FROM clause. An alias that is also a relationship would make every path ambiguous. */
export function scopeOf(objects: readonly string[], alias: string | undefined, schema: SoqlSchema): Scope {
  const isRelationship = (name: string): boolean =>
    /__r$/i.test(name) || objects.some((object) => !schema.parent(object, name).includes('*'));
  if (alias !== undefined && isRelationship(alias)) refuseSoql('an alias has the name of a relationship.');
  return { objects, alias, schema };
}

/** Objects at the end of a relationship path. */
function follow(from: readonly string[], path: readonly string[], schema: SoqlSchema): readonly string[] {
  let objects = from;
  for (const relationship of path) {
    objects = [...new Set(objects.flatMap((object) => schema.parent(object, relationship)))];
    if (objects.includes('*')) return ['*'];
  }
  return objects;
}

/**
 * A name as the query spells it (`c.Account.Name`) to its object and field.
 * @throws PrivetError BODY_UNREADABLE for what is not a plain path
 */
export function resolveField(name: string, scope: Scope): ResolvedField {
  const segments = name.split('.');
  if (!segments.every((segment) => NAME.test(segment))) refuseSoql('a name is not understood.');
  const field = segments.at(-1) ?? '';
  let path = segments.slice(0, -1);
  const first = path[0]?.toLowerCase();
  // `c.Email` with alias c, and `Contact.Email` in FROM Contact, name the record itself.
  if (first !== undefined && (first === scope.alias?.toLowerCase() || isItself(first, scope)))
    path = path.slice(1);
  return {
    objects: follow(scope.objects, path, scope.schema),
    path: path.map((relationship) => scope.schema.relationship(relationship)),
    field,
    elsewhere: path.length > 0 || scope.elsewhere === true,
  };
}

function isItself(name: string, scope: Scope): boolean {
  return scope.objects.length === 1 && scope.objects[0]?.toLowerCase() === name;
}
