import { Ajv } from 'ajv';
import { UNOPTIMIZED } from '../../document/validate.ts';
import type { Denial } from '../../model/decision.ts';
import type { OperationKind } from '../../model/operation.ts';
import type { CrmAdapter, NativeBody } from '../adapter.ts';
import { createAdapter } from '../create-adapter.ts';
import type { Descriptor, OperationDescriptor, ParameterDescriptor, ShapeOf } from '../descriptor.ts';
import { ADAPTER_NAMES } from '../registry.ts';
import type { DeclaredCrm, DeclaredDocument, DeclaredOperation } from './declared.ts';
import { documentShape } from './document.ts';
import { namedUses } from './named-uses.ts';
import { PointerError } from './pointers.ts';
import { requireDeclared } from './require-declared.ts';
import { DESCRIPTOR_SCHEMA } from './schema.ts';

/** A mistake in a declared CRM, and its place. */
export interface DescriptorError {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type CompiledDescriptor =
  | { readonly adapter: CrmAdapter; readonly errors?: undefined }
  | { readonly adapter?: undefined; readonly errors: readonly DescriptorError[] };

const isDeclaredCrm = new Ajv({ allErrors: true, strict: false, code: UNOPTIMIZED }).compile<DeclaredCrm>(
  DESCRIPTOR_SCHEMA,
);

/** Builds the adapter of a CRM that a company declares itself; all errors at once. */
export function compileDescriptor(value: unknown): CompiledDescriptor {
  if (!isDeclaredCrm(value)) {
    const errors = isDeclaredCrm.errors ?? [];
    return {
      errors: errors.map(({ instancePath, message }) => ({
        path: steps(instancePath),
        message: message ?? 'is wrong',
      })),
    };
  }
  const errors: DescriptorError[] = [];
  const version = versionPattern(value, errors);
  if (
    value.version === undefined &&
    value.operations.some(({ path }) => capturesIn(path).includes('version'))
  )
    errors.push({ path: ['version'], message: 'is missing: some paths have a {version}' });
  const operations = value.operations.map((operation, index) => compileOperation(operation, index, errors));
  checkNames(value, errors);
  if (ADAPTER_NAMES.includes(value.crm))
    errors.push({ path: ['crm'], message: 'is a CRM that Privet knows: give yours another name' });
  checkObjects(value, errors);
  if (errors.length > 0) return { errors };
  const descriptor: Descriptor = {
    name: value.crm,
    namesIgnoreCase: value.namesIgnoreCase ?? false,
    pathsIgnoreCase: value.pathsIgnoreCase ?? false,
    ...(version !== undefined && { version }),
    parameters: Object.fromEntries((value.parameters ?? []).map((name) => [name, 'harmless'])),
    defaultFields: new Map(),
    error: { is: 'text' },
    operations,
  };
  const adapter = createAdapter(descriptor, {
    object: objectNames(value),
    uses: namedUses,
    recognisers: { requireDeclared },
    narrowers: {},
    replacers: {},
    readCurrent: () => undefined,
    errorBody: denialBody(value),
  });
  const objectOfType = typeNames(value);
  const more = { countHeaders: COUNT_HEADERS, describedObjects: describedObjects(value) };
  return { adapter: { ...adapter, ...more, ...(objectOfType && { objectOfType }) } };
}

/** Where JSON APIs put the number of records or pages, by the frameworks that write them. */
const COUNT_HEADERS = [
  'x-total-count',
  'x-total',
  'x-total-pages',
  'x-count',
  'x-result-count',
  'x-pagination',
  'x-pagination-total-count',
  'x-pagination-page-count',
  'x-wp-total',
  'x-wp-totalpages',
  'total-count',
  'pagination-count',
  'total',
] as const;

function steps(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function versionPattern({ version }: DeclaredCrm, errors: DescriptorError[]): RegExp | undefined {
  if (version === undefined) return undefined;
  try {
    return new RegExp(`^(?:${version})$`);
  } catch {
    errors.push({ path: ['version'], message: 'is not a regular expression' });
    return undefined;
  }
}

function compileOperation(
  declared: DeclaredOperation,
  index: number,
  errors: DescriptorError[],
): OperationDescriptor {
  const path = ['operations', index];
  const named = capturesIn(declared.path);
  const captures = new Set(named);
  if (captures.size < named.length)
    errors.push({ path: [...path, 'path'], message: 'two segments have one name' });
  const needs = (name: string | undefined, key: string): void => {
    if (name !== undefined && !captures.has(name)) {
      errors.push({ path: [...path, key], message: `the path has no segment {${name}}` });
    }
  };
  needs(/^\{(\w+)\}$/.exec(declared.object ?? '')?.[1], 'object');
  needs(declared.id, 'id');
  if (declared.select !== undefined && declared.parameters?.[declared.select] === undefined) {
    errors.push({ path: [...path, 'select'], message: 'is not one of the parameters' });
  }
  const documents = [declared.body, declared.answer].filter((document) => typeof document === 'object');
  const hasRecords = documents.some(({ records }) => records !== undefined);
  if (declared.object === undefined && (hasRecords || namesFields(declared))) {
    errors.push({ path, message: 'needs `object`: its records or fields are of some object' });
  }
  if (declared.lookup !== undefined && named.every((name) => name === 'version')) {
    errors.push({ path: [...path, 'lookup'], message: 'the path has no segment for its value' });
  }
  const { name, method, kind, object, id, lookup, select, parameters, body, answer } = declared;
  return {
    name,
    method,
    kind,
    paths: [withoutSlash(declared.path)],
    ...(declared.path.endsWith('/') && { endsWithSlash: true }),
    ...(object !== undefined && { object }),
    ...(id !== undefined && { id }),
    uses: [
      ...(lookup === undefined ? [] : [{ field: lookup, position: 'lookup' as const }]),
      ...(hasRecords && select === undefined ? [{ field: '*', position: 'select' as const }] : []),
    ],
    ...(select !== undefined && { select }),
    ...(parameters !== undefined && { parameters }),
    // A body that writes records is read, so that masks are kept out of it.
    ...(body !== undefined && {
      body: compileDocument(body, [...path, 'body'], errors),
      readsBody: true,
      code: 'requireDeclared',
    }),
    ...(body === undefined && !PASSES_UNREAD.has(kind) && { hasNoBody: true }),
    answer:
      typeof answer === 'string'
        ? { format: answer }
        : { format: 'json', root: compileDocument(answer, [...path, 'answer'], errors) },
  };
}

/** Kinds whose requests hold no record: forms with credentials, which strangers send, and the bytes of files. */
const PASSES_UNREAD: ReadonlySet<OperationKind> = new Set(['auth', 'file']);

function capturesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** Whether it names fields apart from records in JSON: in a path, a query or the header of CSV. */
function namesFields({ answer, lookup, parameters = {} }: DeclaredOperation): boolean {
  const isField = (parameter: ParameterDescriptor): boolean =>
    typeof parameter === 'object' && ('field' in parameter || 'lists' in parameter);
  return answer === 'csv' || lookup !== undefined || Object.values(parameters).some(isField);
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '');
}

function compileDocument(
  declared: DeclaredDocument,
  path: readonly (string | number)[],
  errors: DescriptorError[],
): ShapeOf {
  try {
    return documentShape(declared);
  } catch (error) {
    if (!(error instanceof PointerError)) throw error;
    errors.push({ path, message: `${error.pointer}: ${error.message}` });
    return { is: 'text' };
  }
}

function checkNames({ operations }: DeclaredCrm, errors: DescriptorError[]): void {
  const names = new Set<string>();
  const routes = new Set<string>();
  for (const [index, { name, method, path }] of operations.entries()) {
    const pattern = withoutSlash(path).replaceAll(/\{(?!version\})\w+\}/g, '{}');
    const route = `${method} ${pattern.toLowerCase()}`;
    if (names.has(name)) errors.push({ path: ['operations', index, 'name'], message: 'stands twice' });
    if (routes.has(route))
      errors.push({ path: ['operations', index, 'path'], message: 'another operation has this path' });
    names.add(name);
    routes.add(route);
  }
}

/** If paths ignored case but names did not, an object in other letters would be one that no data map knows. */
function checkObjects(
  { objects, pathsIgnoreCase, namesIgnoreCase, operations }: DeclaredCrm,
  errors: DescriptorError[],
): void {
  if (objects !== undefined || pathsIgnoreCase !== true || namesIgnoreCase === true) return;
  for (const [index, { object }] of operations.entries()) {
    if (object?.startsWith('{') !== true) continue;
    const message = 'needs `objects`: paths compare without case, and names do not';
    errors.push({ path: ['operations', index, 'object'], message });
  }
}

/** What may stand for an object in a path that may name any: it goes to the audit trail, so no address or number does. */
const OBJECT_NAME = /^[\p{L}_][\p{L}\p{N}_ .:-]*$/u;

function objectNames({ objects, pathsIgnoreCase }: DeclaredCrm): (name: string) => string | undefined {
  if (objects === undefined) return (name) => (OBJECT_NAME.test(name) ? name : undefined);
  const fold = (name: string): string => (pathsIgnoreCase === true ? name.toLowerCase() : name);
  const byName = new Map(Object.entries(objects).map(([name, object]) => [fold(name), object]));
  return (name) => byName.get(fold(name));
}

/** Every object that the descriptor names. */
function describedObjects({ objects = {}, operations }: DeclaredCrm): readonly string[] {
  const documents = operations.flatMap(({ body, answer }) => [body, answer]);
  const named = [
    ...Object.values(objects),
    ...operations.flatMap(({ object }) => object ?? []),
    ...documents.flatMap((document) =>
      typeof document === 'object'
        ? [document.object ?? [], Object.values(document.related ?? {})].flat()
        : [],
    ),
  ];
  return [...new Set(named)].filter((name) => !name.startsWith('{'));
}

/** A record's type is the name that paths use or an object's own. Undefined: any type is an object. */
function typeNames(declared: DeclaredCrm): ((type: string) => string | undefined) | undefined {
  if (declared.objects === undefined) return undefined;
  const object = objectNames(declared);
  const known = new Set(describedObjects(declared));
  return (type) => (known.has(type) ? type : object(type));
}

function denialBody({ denial }: DeclaredCrm): CrmAdapter['errorBody'] {
  return (status: number, { message, policy }: Denial, _accept: string, requestId: string): NativeBody => {
    const values: Readonly<Record<string, string>> = { message, policy, requestId, status: String(status) };
    const body = JSON.stringify(denial.body, (_key, value: unknown) =>
      typeof value === 'string'
        ? value.replaceAll(
            /\{(message|policy|requestId|status)\}/g,
            (_whole, name: string) => values[name] ?? '',
          )
        : value,
    );
    return { contentType: denial.contentType ?? 'application/json', body };
  };
}
