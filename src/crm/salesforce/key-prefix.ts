import { isRecordId, longId } from './id.ts';

/** Objects by the first three characters of their ids: those that tell of people, or lead to them. */
const OBJECT_BY_PREFIX: Readonly<Record<string, string>> = {
  '001': 'Account',
  '002': 'Note',
  '003': 'Contact',
  '005': 'User',
  '006': 'Opportunity',
  '00a': 'CaseComment',
  '00K': 'OpportunityContactRole',
  '00P': 'Attachment',
  '00Q': 'Lead',
  '00T': 'Task',
  '00U': 'Event',
  '00v': 'CampaignMember',
  '015': 'Document',
  '02i': 'Asset',
  '02s': 'EmailMessage',
  '068': 'ContentVersion',
  '069': 'ContentDocument',
  '06A': 'ContentDocumentLink',
  '08p': 'ServiceAppointment',
  '0D5': 'FeedItem',
  '0D7': 'FeedComment',
  '0PK': 'Individual',
  '0Q0': 'Quote',
  '0WO': 'WorkOrder',
  '1WL': 'WorkOrderLineItem',
  '500': 'Case',
  '570': 'LiveChatTranscript',
  '701': 'Campaign',
  '800': 'Contract',
  '801': 'Order',
  '810': 'ServiceContract',
};

/** Objects whose ids begin like those of another. */
const LIKE_ANOTHER: Readonly<Record<string, string>> = { ContentNote: 'ContentDocument' };

/** Whether a record of the object may have this id. */
export function mayHaveId(object: string, id: string): boolean {
  const own = objectOfId(id);
  return (
    own === '*' || own === object || (Object.hasOwn(LIKE_ANOTHER, object) && own === LIKE_ANOTHER[object])
  );
}

/** The object a record id is of; `*` where its prefix is not known, or it is no record id. */
export function objectOfId(id: string): string {
  const prefix = longId(id).slice(0, 3);
  return (
    (isRecordId(id) && Object.hasOwn(OBJECT_BY_PREFIX, prefix) ? OBJECT_BY_PREFIX[prefix] : undefined) ?? '*'
  );
}
