import type { Operation } from '../model/operation.ts';
import type { Narrowed, Narrowing } from './adapter.ts';
import type { Descriptor, OperationDescriptor } from './descriptor.ts';
import { namesIn } from './parameters.ts';
import { withParameter } from './request-edit.ts';

/** The narrowing of an operation to which nothing was added. Row rules count as pushed only when there are none. */
export function unnarrowed(operation: Operation, narrowing: Narrowing): Narrowed {
  return { operation, added: new Map(), rowsPushed: !touchesRows(operation.objects, narrowing) };
}

/** True when a row rule stands on one of the objects. */
export function touchesRows(objects: readonly string[], narrowing: Narrowing): boolean {
  return [...narrowing.rows].some(
    ([object, rules]) => rules.length > 0 && (objects.includes(object) || objects.includes('*')),
  );
}

/** Adds fields to the parameter that lists the selected ones (`fields=`, `properties=`). */
export function narrowSelect(
  operation: Operation,
  narrowing: Narrowing,
  declared: OperationDescriptor,
  descriptor: Descriptor,
): Narrowed {
  const [object] = operation.objects;
  const nothing = unnarrowed(operation, narrowing);
  const { select } = declared;
  if (select === undefined || object === undefined) return nothing;
  const sent = operation.request.query
    .filter(([name]) => name === select)
    .flatMap(([, value]) => namesIn(value));
  const present = sent.length > 0 ? sent : descriptor.defaultFields.get(object);
  if (present === undefined) return nothing;
  const missing = without(narrowing.fields.get(object) ?? [], present);
  if (missing.length === 0) return nothing;
  const request = withParameter(operation.request, select, [...present, ...missing].join(','));
  const added = without(missing, descriptor.constantFields ?? []);
  return { ...nothing, operation: { ...operation, request }, added: new Map([[object, added]]) };
}

/** Those of `fields` that are not among `others`, in whatever case. */
function without(fields: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return fields.filter((field) => !known.has(field.toLowerCase()));
}
