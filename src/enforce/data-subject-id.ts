import type { CrmAdapter } from '../crm/adapter.ts';

/**
 * Name of a data subject in the vault: a person of one CRM, by the one spelling of the record's id, whatever object it was asked for as where ids
 * are unique over all of them.
 */
export function dataSubjectId(
  { globalId }: Pick<CrmAdapter, 'globalId'>,
  upstream: string,
  object: string,
  id: string,
): string {
  return globalId === undefined ? `${upstream}:${object}:${id}` : `${upstream}:${globalId(id)}`;
}
