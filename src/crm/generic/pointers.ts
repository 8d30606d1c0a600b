import type { Shape } from '../../model/shape.ts';

/** Something that stands at a pointer. */
export type Placed = readonly [pointer: string, shape: Shape];

/**
 * Shapes at pointers, as one shape of the document around them. `/items/*` is every item of the list under `items`.
 * @see https://www.rfc-editor.org/rfc/rfc6901
 * @param others shape of all other values
 * @throws PointerError when two pointers say different things about one place
 */
export function shapeOf(placed: readonly Placed[], others: Shape): Shape {
  return build(
    placed.map(([pointer, shape]) => ({ pointer, path: pathOf(pointer), shape })),
    others,
  );
}

/** Two pointers contradict each other. */
export class PointerError extends Error {
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(message);
    this.name = 'PointerError';
    this.pointer = pointer;
  }
}

interface Place {
  readonly pointer: string;
  readonly path: readonly string[];
  readonly shape: Shape;
}

/** Members of an object, by the next segment of the pointers. */
export function membersAt(placed: readonly Placed[], others: Shape): Readonly<Record<string, Shape>> {
  const shape = shapeOf(placed, others);
  if (placed.length === 0) return {};
  if (shape.is === 'object') return shape.members;
  throw new PointerError(placed[0]?.[0] ?? '', 'this must be a member of a record');
}

function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function build(places: readonly Place[], others: Shape): Shape {
  const [first] = places;
  if (first === undefined) return others;
  const whole = places.find(({ path }) => path.length === 0);
  if (whole !== undefined) {
    const other = places.find((place) => place !== whole);
    if (other !== undefined)
      throw new PointerError(other.pointer, 'another pointer says what all of this is');
    return whole.shape;
  }
  const byName = new Map<string, Place[]>();
  for (const place of places) {
    const name = place.path[0] ?? '';
    const inner = { ...place, path: place.path.slice(1) };
    byName.set(name, [...(byName.get(name) ?? []), inner]);
  }
  const items = byName.get('*');
  if (items === undefined) {
    const members = [...byName].map(([name, inner]): [string, Shape] => [name, build(inner, others)]);
    return { is: 'object', members: Object.fromEntries(members), others };
  }
  if (byName.size > 1)
    throw new PointerError(first.pointer, 'this is a list in one pointer and an object in another');
  return { is: 'array', items: build(items, others) };
}
