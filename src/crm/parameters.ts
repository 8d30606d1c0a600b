import type { FieldPosition, FieldUse } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { Descriptor, OperationDescriptor, ParameterDescriptor } from './descriptor.ts';

/** The uses that a name in a request stands for. */
export type NamedUses = (object: string, name: string, position: FieldPosition) => readonly FieldUse[];

/**
 * Reads the query parameters of a request as its operation declares them.
 * @returns undefined when one is not declared, or stands more often than it may: what it does is then not known
 */
export function readParameters(
  request: CrmRequest,
  object: string,
  declared: ReadonlyMap<string, ParameterDescriptor>,
  usesOf: NamedUses,
): FieldUse[] | undefined {
  const uses: FieldUse[] = [];
  const seen = new Set<string>();
  for (const [name, value] of request.query) {
    const parameter = declared.get(name);
    if (parameter === undefined) return undefined;
    const repeats = parameter === 'harmless' || (typeof parameter === 'object' && parameter.repeats === true);
    if (seen.has(name) && !repeats) return undefined;
    seen.add(name);
    if (typeof parameter === 'string') continue;
    if ('field' in parameter) uses.push(...usesOf(object, parameter.field, parameter.position));
    else if ('lists' in parameter)
      uses.push(...namesIn(value).flatMap((field) => usesOf(object, field, parameter.lists)));
  }
  return uses;
}

/** Field names of a list parameter; a leading sign (`-createdate`) is the direction of a sort. */
export function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^[-+]/, ''))
    .filter((name) => name !== '');
}

/** Every parameter an operation may have. */
export function declaredParameters(
  everywhere: Descriptor['parameters'],
  operation: OperationDescriptor,
): ReadonlyMap<string, ParameterDescriptor> {
  return new Map([...Object.entries(everywhere), ...Object.entries(operation.parameters ?? {})]);
}
