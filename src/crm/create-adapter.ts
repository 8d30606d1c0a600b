import type { OpenLocator } from '../model/locator.ts';
import type { BodyShape, FieldUse, Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { AnswerShape, Shape } from '../model/shape.ts';
import type { CrmAdapter } from './adapter.ts';
import type { AdapterCode, Recogniser } from './adapter-code.ts';
import type { Descriptor, OperationDescriptor, ParameterDescriptor, ShapeOf } from './descriptor.ts';
import { refuseBody } from './json-body.ts';
import { declaredParameters, type NamedUses, readParameters } from './parameters.ts';
import { UNTOLD } from './recipients.ts';
import { replaceValues } from './replace-values.ts';
import { createRouteTree } from './route-tree.ts';
import { narrowSelect, unnarrowed } from './select-parameter.ts';

/** Objects whose shapes are remembered per operation, so that an object has one shape value. */
const SHAPES_REMEMBERED_MAX = 1_000;

/** An operation with everything that does not depend on the request. */
interface Route {
  readonly declared: OperationDescriptor;
  readonly parameters: ReadonlyMap<string, ParameterDescriptor>;
  readonly body: (object: string) => BodyShape;
  readonly answer: (object: string) => AnswerShape;
  readonly recognise: Recogniser;
}

/**
 * Builds an adapter from what is declared about a CRM and the code for what cannot be declared.
 * @throws Error when the descriptor contradicts itself
 */
export function createAdapter(descriptor: Descriptor, code: AdapterCode): CrmAdapter {
  const routes = createRouteTree<Route>({
    ignoreCase: descriptor.pathsIgnoreCase,
    version: descriptor.version,
  });
  const byName = new Map<string, OperationDescriptor>();
  for (const declared of descriptor.operations) {
    if (byName.has(declared.name)) throw new Error(`two operations are called ${declared.name}`);
    byName.set(declared.name, declared);
    const route = routeOf(declared, descriptor, code);
    for (const path of declared.paths) routes.add(declared.method, path, route);
  }

  const repeatable = repeatableParameters(descriptor);

  const recognised = new WeakMap<CrmRequest, Operation>();

  /** Remembers what follows from a request alone, without its body and without the principal's sealed locators. */
  function recognise(request: CrmRequest, open: OpenLocator): Operation | undefined {
    const known = recognised.get(request);
    if (known !== undefined) return known;
    let hasOpened = false;
    const operation = recogniseAnew(request, (sealed) => {
      hasOpened = true;
      return open(sealed);
    });
    if (operation !== undefined && !hasOpened && request.body === undefined)
      recognised.set(request, operation);
    return operation;
  }

  function recogniseAnew(request: CrmRequest, open: OpenLocator): Operation | undefined {
    const match = routes.find(request.method, request.segments);
    if (match === undefined) return undefined;
    const { value: route, captures } = match;
    const object = objectOf(route.declared, captures, code);
    if (object === undefined) return undefined;
    const named = readParameters(request, object, route.parameters, code.uses ?? fieldItself);
    if (named === undefined) return undefined;
    const operation = operationOf(route, { request, captures, object, named }, descriptor);
    return route.recognise({ request: operation.request, captures, object, open, operation });
  }

  return {
    name: descriptor.name,
    namesIgnoreCase: descriptor.namesIgnoreCase,
    valuesIgnoreCase: descriptor.valuesIgnoreCase ?? false,
    pathsIgnoreCase: descriptor.pathsIgnoreCase,
    object: code.object,
    repeatable: (name) => repeatable.has(name),
    publicHosts: descriptor.publicHosts ?? [],
    readsBody: (method, path) =>
      routes.find(method, path.split('/').slice(1).map(decodeSegment))?.value.declared.readsBody === true,
    recognise,
    narrow: (operation, narrowing) => {
      const narrower = Object.hasOwn(code.narrowers, operation.route)
        ? code.narrowers[operation.route]
        : undefined;
      if (narrower !== undefined) return narrower(operation, narrowing);
      const declared = byName.get(operation.route);
      if (declared === undefined) return unnarrowed(operation, narrowing);
      return narrowSelect(operation, narrowing, declared, descriptor);
    },
    replaceValues: (operation, replace) => replaceValues(operation, replace, code.replacers),
    readCurrent: code.readCurrent,
    errorBody: code.errorBody,
    ...(code.whoAmI && { whoAmI: code.whoAmI }),
    ...(code.locatorIn && { locatorIn: code.locatorIn }),
    ...(code.addresses && { addresses: code.addresses }),
  };
}

/** Parameters that some operation lets stand more than once; the operation itself has the last word. */
function repeatableParameters({ operations, parameters }: Descriptor): ReadonlySet<string> {
  const declared = [...operations.map((operation) => operation.parameters ?? {}), parameters];
  const repeating = declared.flatMap((byName) =>
    Object.entries(byName).filter(([, parameter]) => typeof parameter === 'object' && 'repeats' in parameter),
  );
  return new Set(repeating.map(([name]) => name));
}

const fieldItself: NamedUses = (object, field, position) => [{ object, field, position }];

function routeOf(declared: OperationDescriptor, descriptor: Descriptor, code: AdapterCode): Route {
  const { body, answer, hasNoBody = false } = declared;
  const recognise = declared.code === undefined ? undefined : code.recognisers[declared.code];
  if (declared.code !== undefined && recognise === undefined) throw new Error(`no code ${declared.code}`);
  return {
    declared,
    parameters: declaredParameters(descriptor.parameters, declared),
    body:
      body === undefined
        ? () => ({ format: hasNoBody ? 'none' : 'opaque' })
        : remember(body, (root): BodyShape => ({ format: 'json', root })),
    answer: answerFor(answer, descriptor.error),
    recognise: recognise ?? (({ operation }) => operation),
  };
}

function answerFor(answer: OperationDescriptor['answer'], error: Shape): (object: string) => AnswerShape {
  if (answer.format === 'json')
    return remember(answer.root, (root): AnswerShape => ({ format: 'json', root, error }));
  if (answer.format === 'csv') return (object) => ({ format: 'csv', object, columns: {}, error });
  return () => ({ format: answer.format, error });
}

function remember<Result>(shape: ShapeOf, make: (shape: Shape) => Result): (object: string) => Result {
  if (typeof shape !== 'function') {
    const only = make(shape);
    return () => only;
  }
  const remembered = new Map<string, Result>();
  return (object) => {
    const known = remembered.get(object);
    if (known !== undefined) return known;
    if (remembered.size >= SHAPES_REMEMBERED_MAX) remembered.clear();
    const made = make(shape(object));
    remembered.set(object, made);
    return made;
  };
}

function objectOf(
  declared: OperationDescriptor,
  captures: ReadonlyMap<string, string>,
  code: AdapterCode,
): string | undefined {
  if (declared.object === undefined) return '';
  const name = filled(declared.object, captures);
  return name === declared.object ? name : code.object(name);
}

/** A name, or what the capture in braces holds. */
function filled(name: string, captures: ReadonlyMap<string, string>): string {
  const capture = /^\{(\w+)\}$/.exec(name)?.[1];
  return capture === undefined ? name : (captures.get(capture) ?? '');
}

/** A request whose route is known. */
interface Routed {
  readonly request: CrmRequest;
  readonly captures: ReadonlyMap<string, string>;
  readonly object: string;
  /** What its parameters name. */
  readonly named: readonly FieldUse[];
}

function operationOf(
  route: Route,
  { request, captures, object, named }: Routed,
  descriptor: Descriptor,
): Operation {
  const { declared } = route;
  const uses: FieldUse[] = (declared.uses ?? []).map(({ field, position }) => ({
    object,
    field: filled(field, captures),
    position,
  }));
  const allUses = [...uses, ...named, ...unlisted(declared, request, object, descriptor)];
  const recordId = declared.id === undefined ? undefined : captures.get(declared.id);
  const answer = route.answer(object);
  const body = route.body(object);
  if (body.format === 'json' && !isJson(request.contentType)) refuseBody('it is not sent as JSON.');
  return {
    route: declared.name,
    kind: declared.kind,
    ...(declared.otherKinds && { otherKinds: declared.otherKinds }),
    objects: object === '' ? [] : [...new Set([object, ...allUses.map((use) => use.object)])],
    uses: allUses,
    aggregates: false,
    ...(recordId !== undefined && { recordId }),
    body,
    answer,
    request: {
      ...request,
      path: declared.endsWithSlash ? `${request.path}/` : request.path,
      accept: acceptFor(answer, request.accept),
    },
    ...(declared.needsClearView && { needsClearView: true }),
    ...(declared.triesSecret && { triesSecret: true }),
    // The operation's own code tells who a send reaches, if it can.
    ...([declared.kind, ...(declared.otherKinds ?? [])].includes('send') && { recipients: UNTOLD }),
  };
}

/** The fields of an answer when the request lists none. */
function unlisted(
  { select }: OperationDescriptor,
  request: CrmRequest,
  object: string,
  { defaultFields }: Descriptor,
): FieldUse[] {
  if (select === undefined || request.query.some(([name]) => name === select)) return [];
  return (defaultFields.get(object) ?? ['*']).map((field) => ({ object, field, position: 'select' }));
}

/** Asks the CRM for media types that can be read, whatever the client accepts (Salesforce answers XML on request). */
function acceptFor(answer: AnswerShape, accept: string): string {
  if (answer.format === 'json') return 'application/json';
  if (answer.format === 'csv') return 'text/csv, application/json;q=0.9';
  return accept;
}

/** A JSON Patch is no record: it moves values from field to field (RFC 6902 section 4). */
function isJson(contentType: string): boolean {
  if (contentType === 'application/json-patch+json') return false;
  return contentType === 'application/json' || contentType.endsWith('+json');
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
