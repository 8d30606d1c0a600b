export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'currency'
  | 'double'
  | 'int'
  | 'address'
  | 'base64';

export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  /** Written by the system, never by a client. */
  readonly readOnly: boolean;
  readonly required: boolean;
  readonly externalId: boolean;
  /** Objects a reference may point to, and the name under which SOQL follows it. */
  readonly referenceTo: readonly string[];
  readonly relationshipName: string | undefined;
  /** Computed from other fields of the record. */
  readonly compound: 'name' | 'address' | undefined;
  /** Repeats a field of the record that the first of these relationships leads to. */
  readonly repeats: { readonly relationships: readonly string[]; readonly field: string } | undefined;
}

export interface ObjectSchema {
  readonly name: string;
  readonly keyPrefix: string;
  readonly labelPlural: string;
  readonly fields: readonly FieldSchema[];
  /** Field by its name in lower case: SOQL ignores case. */
  readonly byName: ReadonlyMap<string, FieldSchema>;
  /** Reference field by its relationship's name in lower case. */
  readonly parents: ReadonlyMap<string, FieldSchema>;
}

export interface ChildRelationship {
  readonly name: string;
  readonly object: string;
  readonly field: string;
}

/**
 * One line an object: `Name:type`, type left out for strings. Marks: `!` required, `=` read-only, `#` external id,
 * `>A|B@Rel` a reference to A or B under the name Rel, `~` computed, `<A|B.Field` what the record under A or else B has
 * in Field.
 */
const SYSTEM =
  'IsDeleted:boolean= CreatedDate:datetime= CreatedById:reference=>User@CreatedBy LastModifiedDate:datetime= LastModifiedById:reference=>User@LastModifiedBy SystemModstamp:datetime=';
const PERSON_CONSENT = 'HasOptedOutOfEmail:boolean HasOptedOutOfFax:boolean DoNotCall:boolean';
/** What a member of a campaign repeats of the contact or lead. */
const MEMBER =
  'LeadOrContactId:id=<Contact|Lead.Id Name:string=~ FirstName:string=<Contact|Lead.FirstName LastName:string=<Contact|Lead.LastName Email:email=<Contact|Lead.Email Phone:phone=<Contact|Lead.Phone HasOptedOutOfEmail:boolean=<Contact|Lead.HasOptedOutOfEmail DoNotCall:boolean=<Contact|Lead.DoNotCall';
/** What a file may be linked to. */
const LINKED = 'Account|Case|Contact|ContentWorkspace|Lead|Opportunity|Task|User|Visit__c';
const address = (prefix: string): string =>
  ['Street:textarea', 'City', 'State', 'PostalCode', 'Country', 'Address:address=~']
    .map((part) => prefix + part)
    .join(' ');

const OBJECTS: readonly (readonly [name: string, prefix: string, plural: string, fields: string])[] = [
  [
    'Contact',
    '003',
    'Contacts',
    `AccountId:reference>Account@Account LastName! FirstName Salutation:picklist Name:string=~ ${address('Mailing')} Phone:phone MobilePhone:phone Email:email Title Department ReportsToId:reference>Contact@ReportsTo Birthdate:date Description:textarea LeadSource:picklist OwnerId:reference>User@Owner ${PERSON_CONSENT} LastActivityDate:date= NIF__c IBAN__c Diagnosis__c:textarea AnnualIncome__c:currency CustomerNumber__c:double Confidentiality__c:picklist ExternalId__c:string#`,
  ],
  [
    'Account',
    '001',
    'Accounts',
    `Name! ${address('Billing')} Phone:phone Website:url Industry:picklist AnnualRevenue:currency NumberOfEmployees:int Description:textarea OwnerId:reference>User@Owner`,
  ],
  [
    'Lead',
    '00Q',
    'Leads',
    `LastName! FirstName Salutation:picklist Name:string=~ Company! Title ${address('')} Phone:phone MobilePhone:phone Email:email Description:textarea Status:picklist LeadSource:picklist OwnerId:reference>Group|User@Owner ${PERSON_CONSENT} NIF__c`,
  ],
  [
    'Case',
    '500',
    'Cases',
    'CaseNumber:string= Subject Description:textarea Status:picklist Priority:picklist Origin:picklist SuppliedName SuppliedEmail:email SuppliedPhone:phone ContactId:reference>Contact@Contact ContactEmail:email=<Contact.Email ContactPhone:phone=<Contact.Phone AccountId:reference>Account@Account OwnerId:reference>Group|User@Owner IsClosed:boolean=',
  ],
  [
    'Opportunity',
    '006',
    'Opportunities',
    'Name! AccountId:reference>Account@Account ContactId:reference>Contact@Contact Amount:currency StageName:picklist! CloseDate:date! Description:textarea OwnerId:reference>User@Owner',
  ],
  [
    'Task',
    '00T',
    'Tasks',
    'Subject Description:textarea Status:picklist ActivityDate:date WhoId:reference>Contact|Lead@Who WhatId:reference>Account|Case|Opportunity|Visit__c@What OwnerId:reference>User@Owner',
  ],
  [
    'User',
    '005',
    'Users',
    'Username! LastName! FirstName Name:string=~ Email:email! Title Phone:phone IsActive:boolean UserType:picklist ProfileId:reference>Profile@Profile',
  ],
  ['Profile', '00e', 'Profiles', 'Name:string='],
  [
    'Campaign',
    '701',
    'Campaigns',
    'Name! Status:picklist Type:picklist Description:textarea OwnerId:reference>User@Owner',
  ],
  [
    'CampaignMember',
    '00v',
    'CampaignMembers',
    `CampaignId:reference!>Campaign@Campaign ContactId:reference>Contact@Contact LeadId:reference>Lead@Lead ${MEMBER} Status:picklist ExternalId__c:string#`,
  ],
  [
    'EmailMessage',
    '02s',
    'EmailMessages',
    'Subject TextBody:textarea FromAddress:email ToAddress CcAddress BccAddress Status:picklist Incoming:boolean ParentId:reference>Case@Parent',
  ],
  [
    'Attachment',
    '00P',
    'Attachments',
    'ParentId:reference!>Account|Case|Contact|Lead@Parent Name! ContentType Body:base64! BodyLength:int= IsPrivate:boolean Description:textarea OwnerId:reference>User@Owner',
  ],
  [
    'Document',
    '015',
    'Documents',
    'Name! DeveloperName ContentType Type Body:base64 BodyLength:int= IsPublic:boolean Keywords Description:textarea AuthorId:reference>User@Author',
  ],
  [
    'ContentDocument',
    '069',
    'ContentDocuments',
    'Title! FileType:string= FileExtension:string= LatestPublishedVersionId:reference=>ContentVersion@LatestPublishedVersion OwnerId:reference>User@Owner',
  ],
  [
    'ContentVersion',
    '068',
    'ContentVersions',
    `ContentDocumentId:reference>ContentDocument@ContentDocument Title! PathOnClient FileType:string= FileExtension:string= VersionData:base64! ContentSize:int= Description:textarea TagCsv:textarea FirstPublishLocationId:reference>${LINKED}@FirstPublishLocation Category__c:picklist OwnerId:reference>User@Owner`,
  ],
  [
    'ContentDocumentLink',
    '06A',
    'ContentDocumentLinks',
    `ContentDocumentId:reference!>ContentDocument@ContentDocument LinkedEntityId:reference!>${LINKED}@LinkedEntity ShareType:picklist Visibility:picklist`,
  ],
  ['ContentWorkspace', '058', 'ContentWorkspaces', 'Name! Description:textarea'],
  [
    'OpportunityContactRole',
    '00K',
    'OpportunityContactRoles',
    'OpportunityId:reference!>Opportunity@Opportunity ContactId:reference!>Contact@Contact Role:picklist IsPrimary:boolean',
  ],
  [
    'Quote',
    '0Q0',
    'Quotes',
    'Name! OpportunityId:reference!>Opportunity@Opportunity ContactId:reference>Contact@Contact Email:email Phone:phone Fax:phone QuoteToName Description:textarea',
  ],
  [
    'Visit__c',
    'a01',
    'Visits__r',
    'Name! Patient__c:reference>Contact@Patient__r Notes__c:textarea OwnerId:reference>User@Owner',
  ],
];

function parseField(text: string): FieldSchema {
  const [, name = '', type = 'string', marks = '', target = '', repeated] =
    /^(\w+)(?::(\w+))?([!=#~]*)(?:>([^<]+))?(?:<(.+))?$/.exec(text) ?? [];
  const [objects = '', relationshipName] = target.split('@');
  const [relationships = '', field = ''] = repeated?.split('.') ?? [];
  return {
    name,
    type: type as FieldType,
    readOnly: marks.includes('='),
    required: marks.includes('!'),
    externalId: marks.includes('#'),
    referenceTo: objects === '' ? [] : objects.split('|'),
    relationshipName,
    compound: marks.includes('~') ? (type === 'address' ? 'address' : 'name') : undefined,
    repeats: repeated === undefined ? undefined : { relationships: relationships.split('|'), field },
  };
}

export const SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map(
  OBJECTS.map(([name, keyPrefix, labelPlural, text]) => {
    const fields = `Id:id= ${text} ${SYSTEM}`.split(' ').map(parseField);
    const schema: ObjectSchema = {
      name,
      keyPrefix,
      labelPlural,
      fields,
      byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
      parents: new Map(
        fields.flatMap((field) =>
          field.relationshipName ? [[field.relationshipName.toLowerCase(), field]] : [],
        ),
      ),
    };
    return [name.toLowerCase(), schema] as const;
  }),
);

/** What stands behind a reference that may point to several objects (the vendor's `Name` object). */
export const NAME_SCHEMA: ObjectSchema = (() => {
  const fields = 'Id:id= Name:string= FirstName LastName Email:email Phone:phone Title Type:picklist'
    .split(' ')
    .map(parseField);
  return {
    name: 'Name',
    keyPrefix: '',
    labelPlural: 'Names',
    fields,
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    parents: new Map(),
  };
})();

/** Child relationships are named by the plural of the child, as the standard ones are. */
export function childrenOf(object: string): readonly ChildRelationship[] {
  return [...SCHEMAS.values()].flatMap((child) =>
    child.fields
      .filter(
        (field) =>
          field.referenceTo.includes(object) &&
          !/^(Owner|CreatedBy|LastModifiedBy|ReportsTo)Id$/.test(field.name),
      )
      .map((field) => ({ name: child.labelPlural, object: child.name, field: field.name })),
  );
}

/** @param name in any case */
export function schemaOf(name: string): ObjectSchema | undefined {
  return SCHEMAS.get(name.toLowerCase());
}

export function schemaOfId(id: string): ObjectSchema | undefined {
  return [...SCHEMAS.values()].find((schema) => id.startsWith(schema.keyPrefix));
}
