import type { SoqlSchema } from '../dialects/soql/schema.ts';
import { words } from '../words.ts';

/**
 * Names of standard objects, parent and child relationships, from Salesforce's object reference; a test compares them
 * with the published schema. Custom ones cannot be known, and count as every object.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_list.htm
 */
const OBJECTS = words(`
  Account AccountContactRelation AccountContactRole AccountPartner AccountTeamMember ActivityHistory AggregateResult Asset
  AttachedContentDocument Attachment
  Campaign CampaignMember CampaignMemberStatus Case CaseComment CaseContactRole CaseTeamMember CombinedAttachment Contact
  ContactPointAddress ContactPointConsent ContactPointEmail ContactPointPhone ContactPointTypeConsent ContactRequest ContentDocument
  ContactCleanInfo ContentDocumentLink ContentVersion Contract ContractContactRole DataUsePurpose Document DuplicateRecordItem DuplicateRecordSet
  EmailMessage EmailMessageRelation EmailTemplate Event EventRelation FeedComment FeedItem Group GroupMember Individual Lead ListEmail
  ListEmailIndividualRecipient ListEmailRecipientSource Note
  LeadCleanInfo LiveChatTranscript MessagingEndUser NoteAndAttachment OpenActivity Opportunity OpportunityContactRole OpportunityHistory OpportunityLineItem OpportunityTeamMember Order
  OrderItem Organization OwnedContentDocument Partner Pricebook2 PricebookEntry ProcessInstance Product2 Profile PermissionSet Quote
  RecordType ServiceAppointment ServiceContract
  SocialPersona SocialPost Task TopicAssignment User UserRole VoiceCall WorkOrder
`);

const HISTORIES = words('Account Asset Campaign Case Contact Contract Individual Lead Order');
const FEEDS = words('Account Asset Campaign Case Contact Contract Event Lead Opportunity Order Task User');
const SHARES = words('Account Asset Campaign Case Contact Individual Lead Opportunity Order User');

/** Parent relationships that lead to one object from wherever they start. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    words(
      'Account Asset Campaign Case Contact ContentDocument ContentVersion Contract Individual Lead Opportunity Order Pricebook2 ' +
        'PricebookEntry ProcessInstance Product2 Profile PermissionSet RecordType ServiceContract User UserRole WorkOrder',
    ).map((name) => [name, [name]]),
  ),
  CreatedBy: ['User'],
  LastModifiedBy: ['User'],
  InsertedBy: ['User'],
  Manager: ['User'],
  ActivatedBy: ['User'],
  AccountTo: ['Account'],
  AccountFrom: ['Account'],
  ReportsTo: ['Contact'],
  CustomerSigned: ['Contact'],
  LatestPublishedVersion: ['ContentVersion'],
  ConvertedAccount: ['Account'],
  ConvertedContact: ['Contact'],
  ConvertedOpportunity: ['Opportunity'],
  Owner: ['User', 'Group'],
  Who: ['Contact', 'Lead'],
};

/** Parent relationships whose object depends on where they start. */
const PARENTS_OF: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Account: { Parent: ['Account'], MasterRecord: ['Account'] },
  Asset: { Parent: ['Asset'] },
  Campaign: { Parent: ['Campaign'] },
  CampaignMember: { LeadOrContact: ['Contact', 'Lead'] },
  Case: { Parent: ['Case'], MasterRecord: ['Case'] },
  CaseComment: { Parent: ['Case'] },
  Contact: { MasterRecord: ['Contact'] },
  EmailMessage: { Parent: ['Case'] },
  Lead: { MasterRecord: ['Lead'] },
};

/** Child relationships that hold one object wherever they stand. */
const CHILDREN: Readonly<Record<string, string>> = {
  AccountContactRelations: 'AccountContactRelation',
  AccountContactRoles: 'AccountContactRole',
  ActivityHistories: 'ActivityHistory',
  Assets: 'Asset',
  AttachedContentDocuments: 'AttachedContentDocument',
  Attachments: 'Attachment',
  CampaignMembers: 'CampaignMember',
  CaseComments: 'CaseComment',
  CaseContactRoles: 'CaseContactRole',
  Cases: 'Case',
  ChildAccounts: 'Account',
  ChildCampaigns: 'Campaign',
  CombinedAttachments: 'CombinedAttachment',
  ContactRequests: 'ContactRequest',
  Contacts: 'Contact',
  ContentDocumentLinks: 'ContentDocumentLink',
  ContentVersions: 'ContentVersion',
  Contracts: 'Contract',
  ContractsSigned: 'Contract',
  DelegatedUsers: 'User',
  DuplicateRecordItems: 'DuplicateRecordItem',
  EmailMessageRelations: 'EmailMessageRelation',
  EmailMessages: 'EmailMessage',
  Emails: 'EmailMessage',
  EventRelations: 'EventRelation',
  Events: 'Event',
  Leads: 'Lead',
  ManagedUsers: 'User',
  Notes: 'Note',
  NotesAndAttachments: 'NoteAndAttachment',
  OpenActivities: 'OpenActivity',
  Opportunities: 'Opportunity',
  OpportunityContactRoles: 'OpportunityContactRole',
  OpportunityHistories: 'OpportunityHistory',
  OpportunityLineItems: 'OpportunityLineItem',
  Orders: 'Order',
  OwnedContentDocuments: 'OwnedContentDocument',
  PermissionSetAssignments: 'PermissionSetAssignment',
  Personas: 'SocialPersona',
  Posts: 'SocialPost',
  ProcessInstances: 'ProcessInstance',
  ServiceContracts: 'ServiceContract',
  Tasks: 'Task',
  TopicAssignments: 'TopicAssignment',
  Users: 'User',
  WorkOrders: 'WorkOrder',
};

/** Records that a user has viewed lately, of any object: names, addresses and telephone numbers of people. */
export const RECENTLY_VIEWED = 'RecentlyViewed';

/** Spelling of the platform by any spelling. */
function spellings(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

const OBJECT_BY_NAME = spellings([
  ...OBJECTS,
  ...HISTORIES.map((name) => `${name}History`),
  ...FEEDS.map((name) => `${name}Feed`),
  ...SHARES.map((name) => `${name}Share`),
  'OpportunityFieldHistory',
  'PermissionSetAssignment',
]);

const CANONICAL: ReadonlySet<string> = new Set(OBJECT_BY_NAME.values());

const RELATIONSHIP_BY_NAME = spellings([
  ...Object.keys(PARENTS),
  ...Object.values(PARENTS_OF).flatMap((parents) => Object.keys(parents)),
  ...Object.keys(CHILDREN),
  ...words('What Relation UserOrGroup LinkedEntity Parent Source RelatedTo Feeds Histories Shares'),
]);

/**
 * Canonical name of an object. A change event has the fields of the object it is about; recently viewed records may be
 * of any object.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
 */
export function canonicalObject(name: string): string {
  if (CANONICAL.has(name)) return name;
  if (name.toLowerCase() === RECENTLY_VIEWED.toLowerCase()) return '*';
  const custom = /^(.*)__ChangeEvent$/i.exec(name)?.[1];
  if (custom !== undefined) return `${custom}__c`;
  const changed = /^(.+)ChangeEvent$/i.exec(name)?.[1];
  const known = OBJECT_BY_NAME.get((changed ?? name).toLowerCase());
  return known ?? changed ?? name;
}

/**
 * Canonical object of a name in a request; undefined when it is no name of one. It goes to the audit trail, where a value
 * in its place must not be seen.
 */
export function objectNamed(name: string): string | undefined {
  return /^[A-Za-z]\w*$/.test(name) ? canonicalObject(name) : undefined;
}

function canonicalRelationship(name: string): string {
  return RELATIONSHIP_BY_NAME.get(name.toLowerCase()) ?? name;
}

function child(object: string, relationship: string): readonly string[] {
  if (object === '*') return ['*'];
  const name = canonicalRelationship(relationship);
  if (name === 'Histories')
    return object === 'Opportunity' ? ['OpportunityFieldHistory'] : derived(object, 'History', HISTORIES);
  if (name === 'Feeds') return derived(object, 'Feed', FEEDS);
  if (name === 'Shares') return derived(object, 'Share', SHARES);
  const known = Object.hasOwn(CHILDREN, name) ? CHILDREN[name] : undefined;
  return known === undefined ? ['*'] : [known];
}

function derived(object: string, suffix: string, of: readonly string[]): readonly string[] {
  return of.includes(object) ? [`${object}${suffix}`] : ['*'];
}

function parent(object: string, relationship: string): readonly string[] {
  if (object === '*') return ['*'];
  const name = canonicalRelationship(relationship);
  const own = Object.hasOwn(PARENTS_OF, object) ? PARENTS_OF[object] : undefined;
  if (own !== undefined && Object.hasOwn(own, name)) return own[name] ?? ['*'];
  return (Object.hasOwn(PARENTS, name) ? PARENTS[name] : undefined) ?? ['*'];
}

/** The part of the schema that all Salesforce orgs share. */
export const SALESFORCE_SCHEMA: SoqlSchema = {
  object: canonicalObject,
  parent,
  child,
  relationship: canonicalRelationship,
};
