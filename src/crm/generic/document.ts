import type { RecordShape, Shape } from '../../model/shape.ts';
import type { ShapeOf } from '../descriptor.ts';
import type { DeclaredDocument } from './declared.ts';
import { membersAt, type Placed, shapeOf } from './pointers.ts';

const PLAIN: Shape = { is: 'plain' };
const TEXT: Shape = { is: 'text' };

/**
 * The shape of a declared document.
 * @throws PointerError when its pointers contradict each other
 */
export function documentShape(declared: DeclaredDocument): ShapeOf {
  if (declared.records === undefined) return around(declared, []);
  const { records } = declared;
  // Built once here, so that a contradiction shows when the descriptor is loaded and not at a request.
  const shapeFor = (object: string): Shape => around(declared, [[records, recordShape(declared, object)]]);
  shapeFor(declared.object ?? '*');
  return shapeFor;
}

function around(declared: DeclaredDocument, records: readonly Placed[]): Shape {
  const placed: Placed[] = [
    ...records,
    ...(declared.counts ?? []).map((pointer): Placed => [pointer, { is: 'count' }]),
    ...(declared.urls ?? []).map((pointer): Placed => [pointer, { is: 'url' }]),
    ...(declared.ignored ?? []).map((pointer): Placed => [pointer, PLAIN]),
  ];
  return shapeOf(placed, TEXT);
}

function recordShape(declared: DeclaredDocument, object: string): RecordShape {
  const placed: Placed[] = [];
  if (declared.type !== undefined) placed.push([declared.type, { is: 'type' }]);
  if (declared.id !== undefined) placed.push([declared.id, { is: 'id' }]);
  if (declared.fields !== undefined) placed.push([declared.fields, { is: 'fields' }]);
  placed.push(...(declared.plain ?? []).map((pointer): Placed => [pointer, PLAIN]));
  for (const [pointer, related] of Object.entries(declared.related ?? {})) {
    placed.push([pointer, { is: 'record', object: related, members: {}, others: 'field' }]);
  }
  return {
    is: 'record',
    ...(declared.type === undefined && { object: declared.object ?? object }),
    members: membersAt(placed, TEXT),
    others: declared.fields === undefined ? 'field' : TEXT,
  };
}
