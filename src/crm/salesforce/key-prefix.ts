import { isRecordId, longId } from './id.ts';

/** Objects by the first three characters of their ids. */
const OBJECT_BY_PREFIX: Readonly<Record<string, string>> = {
  '001': 'Account',
  '003': 'Contact',
  '005': 'User',
  '006': 'Opportunity',
  '00P': 'Attachment',
  '00Q': 'Lead',
  '00T': 'Task',
  '00U': 'Event',
  '00v': 'CampaignMember',
  '015': 'Document',
  '068': 'ContentVersion',
  '069': 'ContentDocument',
  '500': 'Case',
  '701': 'Campaign',
};

/** The object a record id is of; `*` where its prefix is not known, or it is no record id. */
export function objectOfId(id: string): string {
  const prefix = longId(id).slice(0, 3);
  return (
    (isRecordId(id) && Object.hasOwn(OBJECT_BY_PREFIX, prefix) ? OBJECT_BY_PREFIX[prefix] : undefined) ?? '*'
  );
}
