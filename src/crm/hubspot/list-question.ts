import type { FieldUse } from '../../model/operation.ts';
import type { QuestionRead } from '../adapter.ts';
import { isJsonObject, type JsonObject } from '../json-body.ts';
import { getRequest, pathOf } from '../request-edit.ts';
import { canonicalObject } from './objects.ts';
import { listMembers } from './shapes.ts';

/** Branches whose filters are about the list's own records; other branches are about associated records. */
const OWN_BRANCHES: ReadonlySet<unknown> = new Set(['OR', 'AND', 'NOT_ALL', 'NOT_ANY', 'RESTRICTED']);

/**
 * Reads which properties decide who is on a list.
 * @see https://developers.hubspot.com/docs/api-reference/crm-lists-v3/lists-filters
 */
export function readListQuestion(list: string): QuestionRead {
  return {
    request: getRequest(pathOf(['crm', 'v3', 'lists', list]), [['includeFilters', 'true']]),
    uses: (body) => {
      const found = listIn(body);
      if (found === undefined) return undefined;
      const { filterBranch, processingType } = found;
      // People are put on it by hand.
      if (filterBranch === undefined || filterBranch === null)
        return processingType === 'MANUAL' ? [] : undefined;
      return usesOfBranch(objectOf(found) ?? '*', filterBranch);
    },
    answered: (operation, body) => {
      const { answer } = operation;
      const object = objectOf(listIn(body) ?? {});
      if (answer.format !== 'json' || object === undefined) return operation;
      return { ...operation, answer: { ...answer, root: listMembers(object) } };
    },
  };
}

function listIn(body: unknown): JsonObject | undefined {
  const found = isJsonObject(body) ? body['list'] : undefined;
  return isJsonObject(found) ? found : undefined;
}

function objectOf({ objectTypeId }: JsonObject): string | undefined {
  return typeof objectTypeId === 'string' ? canonicalObject(objectTypeId) : undefined;
}

/** Undefined where it is no branch. */
function usesOfBranch(object: string, branch: unknown): readonly FieldUse[] | undefined {
  if (!isJsonObject(branch)) return undefined;
  const { filterBranchType, filters = [], filterBranches = [] } = branch;
  if (!OWN_BRANCHES.has(filterBranchType)) return [ANYTHING];
  if (!Array.isArray(filters) || !filters.every(isJsonObject) || !Array.isArray(filterBranches))
    return undefined;
  const inner = filterBranches.map((one: unknown) => usesOfBranch(object, one));
  return inner.includes(undefined)
    ? undefined
    : [...filters.flatMap((filter) => usesOfFilter(object, filter)), ...inner.flatMap((uses) => uses ?? [])];
}

/** A filter that is not by a property (visits, mails, other lists) may be about anything. */
function usesOfFilter(object: string, { filterType, property }: JsonObject): FieldUse[] {
  if (filterType === 'CONSTANT') return [];
  const isOwn = filterType === 'PROPERTY' && typeof property === 'string';
  return [isOwn ? { object, field: property, position: 'filter' } : ANYTHING];
}

const ANYTHING: FieldUse = { object: '*', field: '*', position: 'filter' };
