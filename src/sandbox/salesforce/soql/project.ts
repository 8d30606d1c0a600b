import type { FieldType as Selected, Subquery } from '@jetstreamapp/soql-parser-js';
import { isSpelled } from '../../wire/json.ts';
import { attributesJson, cellJson, parentOf } from '../cells.ts';
import { failure, malformed } from '../errors.ts';
import type { FieldSchema } from '../schema.ts';
import type { SObject } from '../sobject.ts';
import { type Path, readPath, resolvePath, type Scope } from './path.ts';

/** Turns a record into JSON; `version` is the API version in the request's path. */
export type WriteRecord = (record: SObject, version: string) => string;
export type ReadSubquery = (subquery: Subquery) => { readonly name: string; readonly write: WriteRecord };

interface Parent {
  readonly members: Member[];
  readonly names: Map<string, Parent>;
}
type Member =
  | { readonly field: FieldSchema }
  | { readonly parent: Parent; readonly reference: FieldSchema; readonly name: string; readonly type: string }
  | { readonly name: string; readonly children: WriteRecord };

const isCustom = (field: FieldSchema): boolean => field.name.endsWith('__c');

/** `FIELDS(ALL | STANDARD | CUSTOM)`; the first and the last need LIMIT 200 or less. */
function fieldsOf(scope: Scope, which: string, limit: number | undefined): readonly FieldSchema[] {
  if (which !== 'STANDARD' && (limit === undefined || limit > 200))
    throw malformed(`The SOQL FIELDS function must have a LIMIT of at most 200`);
  const { fields } = scope.schema;
  return which === 'ALL' ? fields : fields.filter((field) => isCustom(field) === (which === 'CUSTOM'));
}

/** The paths that one item of SELECT names. */
function pathsOf(scope: Scope, selected: Selected, limit: number | undefined): readonly Path[] {
  switch (selected.type) {
    case 'Field':
    case 'FieldRelationship': {
      if ('alias' in selected && selected.alias !== undefined)
        throw malformed('only aggregate expressions use field aliasing');
      const name =
        selected.type === 'Field' ? selected.field : [...selected.relationships, selected.field].join('.');
      return [resolvePath(scope, name)];
    }
    case 'FieldFunctionExpression': {
      const [parameter] = selected.parameters;
      const name = selected.functionName.toUpperCase();
      if (typeof parameter !== 'string') break;
      if (name === 'FIELDS')
        return fieldsOf(scope, parameter.toUpperCase(), limit).map((field) => ({
          references: [],
          schema: scope.schema,
          field,
        }));
      if (['TOLABEL', 'FORMAT', 'CONVERTCURRENCY'].includes(name) && selected.alias === undefined)
        return [resolvePath(scope, parameter)];
      break;
    }
    case 'FieldSubquery':
    case 'FieldTypeof':
      break;
  }
  throw malformed('This item of SELECT is not supported here.');
}

function memberJson(scope: Scope, record: SObject, member: Member, version: string): string {
  if ('field' in member) return `"${member.field.name}":${cellJson(record, member.field)}`;
  if ('children' in member) return `"${member.name}":${member.children(record, version)}`;
  const parent = parentOf(scope.store, record, member.reference);
  const value = parent ? objectJson(scope, parent, member.type, member.parent.members, version) : 'null';
  return `"${member.name}":${value}`;
}

function objectJson(
  scope: Scope,
  record: SObject,
  type: string,
  members: readonly Member[],
  version: string,
): string {
  const texts = members.map((member) => memberJson(scope, record, member, version));
  return `{${[attributesJson(record, type, version), ...texts].join(',')}}`;
}

/** What the parent's `attributes.type` says: its object, or `Name` behind a reference to several objects. */
function typeBehind(reference: FieldSchema): string {
  return reference.referenceTo.length > 1 ? 'Name' : (reference.referenceTo[0] ?? '');
}

function plant(root: Parent, path: Path): void {
  let at = root;
  for (const reference of path.references) {
    const name = reference.relationshipName ?? '';
    let next = at.names.get(name);
    if (!next) {
      next = { members: [], names: new Map() };
      at.names.set(name, next);
      at.members.push({ parent: next, reference, name, type: typeBehind(reference) });
    }
    at = next;
  }
  if (at.members.some((member) => 'field' in member && member.field === path.field))
    throw malformed(`duplicate field selected: ${path.field.name}`);
  at.members.push({ field: path.field });
}

export interface Projection {
  readonly write: WriteRecord;
  /**
   * Column names as a CSV header has them, and a row of text.
   * @throws AnswerError for what a bulk query cannot select
   */
  readonly csv: () => {
    readonly header: readonly string[];
    readonly row: (record: SObject) => readonly string[];
  };
}

/** Compiles SELECT. @throws AnswerError */
export function compileSelect(
  scope: Scope,
  selection: readonly Selected[],
  limit: number | undefined,
  readSubquery: ReadSubquery,
): Projection {
  const root: Parent = { members: [], names: new Map() };
  const paths: Path[] = [];
  for (const selected of selection) {
    if (selected.type === 'FieldSubquery') {
      const { name, write } = readSubquery(selected.subquery);
      root.members.push({ name, children: write });
      continue;
    }
    for (const path of pathsOf(scope, selected, limit)) {
      plant(root, path);
      paths.push(path);
    }
  }
  const hasChildren = root.members.some((member) => 'children' in member);
  return {
    write: (record, version) => objectJson(scope, record, scope.schema.name, root.members, version),
    csv: () => {
      if (hasChildren || paths.some((path) => path.field.compound === 'address'))
        throw failure(
          400,
          'FEATURENOTENABLED',
          'Aggregate Relationships and compound data are not supported in Bulk Query',
        );
      return {
        header: paths.map((path) =>
          [...path.references.map((reference) => reference.relationshipName), path.field.name].join('.'),
        ),
        row: (record) =>
          paths.map((path) => {
            const value = readPath(scope.store, record, path);
            return value === null ? '' : isSpelled(value) ? value.spelling : String(value);
          }),
      };
    },
  };
}
