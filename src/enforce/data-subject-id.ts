import type { CrmAdapter } from '../crm/adapter.ts';

/** Name of a data subject in the vault: a person of one CRM, by the one spelling of the record's id. */
export function dataSubjectId(
  { userId }: Pick<CrmAdapter, 'userId'>,
  upstream: string,
  object: string,
  id: string,
): string {
  return `${upstream}:${object}:${userId?.(id) ?? id}`;
}
