import type { CrmAdapter } from '../../crm/adapter.ts';

/**
 * Name of a data subject in the vault: a person in one CRM, by the canonical spelling of their record's id. Where ids
 * are unique over all objects, whatever object the request named.
 */
export function dataSubjectId(
  { globalId }: Pick<CrmAdapter, 'globalId'>,
  upstream: string,
  object: string,
  id: string,
): string {
  return globalId === undefined ? `${upstream}:${object}:${id}` : `${upstream}:${globalId(id)}`;
}
