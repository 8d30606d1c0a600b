import type { CrmAdapter } from '../crm/adapter.ts';

/** Name of a data subject in the vault: a person in one CRM, by the canonical spelling of their record's id. */
export function dataSubjectId(
  { userId }: Pick<CrmAdapter, 'userId'>,
  upstream: string,
  object: string,
  id: string,
): string {
  return `${upstream}:${object}:${userId?.(id) ?? id}`;
}
