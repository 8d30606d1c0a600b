import { fileOf } from '../files.ts';
import { REGISTERS } from '../people/names.ts';
import type { Person, Population } from '../people/people.ts';
import { type Scalar, spelled } from '../wire/json.ts';
import { recordId } from './ids.ts';
import { ORG_USERS } from './org.ts';
import { type ObjectSchema, schemaOf } from './schema.ts';
import type { SObject } from './sobject.ts';
import { datetimeText, type SalesforceStore } from './store.ts';

const PROFILES = [...new Set(ORG_USERS.map((user) => user.profile))];
const DAY_MS = 86_400_000;
const SEED_TIME = Date.UTC(2026, 0, 15, 9, 30);

function stamped(created: number, modified: number, by: string): SObject {
  const at = datetimeText(modified);
  return {
    IsDeleted: false,
    CreatedDate: datetimeText(created),
    CreatedById: by,
    LastModifiedDate: at,
    LastModifiedById: by,
    SystemModstamp: at,
  };
}

const ownerId = (index: number): string => ORG_USERS[index]?.id ?? '';

type Plant = (object: string, values: SObject) => string;

/** Puts a record with every field of its object, those not given as null or false. */
function planter(store: SalesforceStore): Plant {
  return (object, values) => {
    const schema: ObjectSchema | undefined = schemaOf(object);
    if (!schema) throw new RangeError(`There is no object ${object}.`);
    const id = store.nextId(schema);
    const blank: Record<string, Scalar> = {};
    for (const field of schema.fields)
      if (!field.compound) blank[field.name] = field.type === 'boolean' ? false : null;
    store.put(schema, { ...blank, ...values, Id: id });
    return id;
  };
}

function contactOf(person: Person, index: number, accountId: string): SObject {
  return {
    AccountId: accountId,
    Salutation: person.salutation,
    FirstName: person.firstName,
    LastName: person.lastName,
    MailingStreet: person.street,
    MailingCity: person.city,
    MailingState: person.region,
    MailingPostalCode: person.postalCode,
    MailingCountry: person.countryName,
    Phone: person.phone,
    MobilePhone: person.mobile,
    Email: person.email,
    Title: person.title,
    Birthdate: person.birthdate,
    Description: person.notes,
    LeadSource: 'Web',
    OwnerId: ownerId(person.owner),
    HasOptedOutOfEmail: person.optedOutOfEmail,
    DoNotCall: person.doNotCall,
    LastActivityDate: person.lastActivity,
    NIF__c: person.nationalId,
    IBAN__c: person.iban,
    Diagnosis__c: person.diagnosis,
    AnnualIncome__c: spelled(person.annualIncome),
    CustomerNumber__c: spelled(person.customerNumber),
    Confidentiality__c: person.confidentiality,
    ExternalId__c: `EXT-${String(index + 1).padStart(6, '0')}`,
    ...stamped(person.createdAt, person.modifiedAt, ownerId(person.owner)),
  };
}

function leadOf(person: Person, company: string): SObject {
  return {
    Salutation: person.salutation,
    FirstName: person.firstName,
    LastName: person.lastName,
    Company: company,
    Title: person.title,
    Street: person.street,
    City: person.city,
    State: person.region,
    PostalCode: person.postalCode,
    Country: person.countryName,
    Phone: person.phone,
    MobilePhone: person.mobile,
    Email: person.email,
    Description: person.notes,
    Status: 'Open - Not Contacted',
    LeadSource: 'Trade Show',
    OwnerId: ownerId(person.owner),
    HasOptedOutOfEmail: person.optedOutOfEmail,
    DoNotCall: person.doNotCall,
    NIF__c: person.nationalId,
    ...stamped(person.createdAt, person.modifiedAt, ownerId(person.owner)),
  };
}

function caseOf(person: Person, index: number, contactId: string, accountId: string): SObject {
  return {
    CaseNumber: String(1000 + index).padStart(8, '0'),
    Subject: `${person.firstName} ${person.lastName}: ${person.title}`,
    Description: person.notes,
    Status: index % 2 === 0 ? 'New' : 'Closed',
    IsClosed: index % 2 !== 0,
    Priority: 'Medium',
    Origin: 'Email',
    SuppliedName: `${person.firstName} ${person.lastName}`,
    SuppliedEmail: person.email,
    SuppliedPhone: person.phone,
    ContactId: contactId,
    AccountId: accountId,
    OwnerId: ownerId(person.owner),
    ...stamped(person.modifiedAt, person.modifiedAt + DAY_MS, ownerId(person.owner)),
  };
}

function plantStaff(store: SalesforceStore, plant: Plant): void {
  const system = stamped(SEED_TIME, SEED_TIME, ownerId(ORG_USERS.length - 1));
  for (const profile of PROFILES) plant('Profile', { Name: profile, ...system });
  const users = schemaOf('User');
  if (!users) return;
  for (const user of ORG_USERS) {
    store.nextId(users);
    store.put(users, {
      Username: user.email,
      FirstName: user.firstName,
      LastName: user.lastName,
      Email: user.email,
      Title: user.title,
      Phone: null,
      IsActive: true,
      UserType: 'Standard',
      ProfileId: recordId('00e', PROFILES.indexOf(user.profile) + 1),
      ...system,
      Id: user.id,
    });
  }
}

/** Every person has a file, which is published to the contact, and some have an attachment as well. */
function seedFiles(plant: Plant, person: Person, index: number, contactId: string): void {
  const file = fileOf(person, index);
  const owned = {
    OwnerId: ownerId(person.owner),
    ...stamped(person.modifiedAt, person.modifiedAt, ownerId(person.owner)),
  };
  const body = file.bytes.toString('base64');
  if (index % 4 === 1)
    plant('Attachment', {
      ParentId: contactId,
      Name: `${file.title}.${file.extension}`,
      ContentType: file.contentType,
      Body: body,
      BodyLength: file.bytes.byteLength,
      ...owned,
    });
  const named = { Title: file.title, FileType: file.fileType, FileExtension: file.extension, ...owned };
  const documentId = plant('ContentDocument', {
    ...named,
    LatestPublishedVersionId: recordId('068', index + 1),
  });
  plant('ContentVersion', {
    ...named,
    ContentDocumentId: documentId,
    PathOnClient: `${file.title}.${file.extension}`,
    VersionData: body,
    ContentSize: file.bytes.byteLength,
    FirstPublishLocationId: contactId,
    Category__c: file.category,
  });
  for (const [LinkedEntityId, ShareType] of [
    [ownerId(person.owner), 'I'],
    [contactId, 'V'],
  ] as const)
    plant('ContentDocumentLink', {
      ContentDocumentId: documentId,
      LinkedEntityId,
      ShareType,
      Visibility: 'AllUsers',
      ...stamped(person.modifiedAt, person.modifiedAt, ownerId(person.owner)),
    });
}

/**
 * Fills an empty org: an account per company, a contact and a file per person, and for some of them a lead, case,
 * opportunity or task.
 */
export function seedSalesforce(store: SalesforceStore, { people, companies }: Population): void {
  const plant = planter(store);
  plantStaff(store, plant);
  const accountIds = companies.map((company) =>
    plant('Account', {
      Name: company.name,
      BillingStreet: REGISTERS[company.country].streets[0] ?? null,
      BillingCity: REGISTERS[company.country].places[0]?.city ?? null,
      BillingCountry: REGISTERS[company.country].countryName,
      Phone: company.phone,
      Website: `https://${company.domain}`,
      Industry: company.industry,
      AnnualRevenue: spelled(company.revenue),
      NumberOfEmployees: company.employees,
      OwnerId: ownerId(company.owner),
      ...stamped(SEED_TIME, SEED_TIME, ownerId(company.owner)),
    }),
  );
  const campaignId = plant('Campaign', {
    Name: 'Spring newsletter',
    Status: 'In Progress',
    Type: 'Email',
    OwnerId: ownerId(0),
    ...stamped(SEED_TIME, SEED_TIME, ownerId(0)),
  });
  for (const [index, person] of people.entries()) {
    const accountId = accountIds[person.company] ?? '';
    const contactId = plant('Contact', contactOf(person, index, accountId));
    if (index % 5 === 0) plant('Lead', leadOf(person, companies[person.company]?.name ?? ''));
    if (index % 10 === 0)
      plant('CampaignMember', {
        CampaignId: campaignId,
        ContactId: contactId,
        Status: 'Sent',
        ...stamped(SEED_TIME, SEED_TIME, ownerId(0)),
      });
    seedFiles(plant, person, index, contactId);
    if (index % 3 === 0) plant('Case', caseOf(person, index, contactId, accountId));
    const by = stamped(person.modifiedAt, person.modifiedAt, ownerId(person.owner));
    if (index % 4 === 0) {
      const OpportunityId = plant('Opportunity', {
        Name: `${person.lastName} – ${person.city}`,
        AccountId: accountId,
        ContactId: contactId,
        Amount: spelled(`${(index % 90) + 1}500.00`),
        StageName: index % 8 === 0 ? 'Closed Won' : 'Prospecting',
        CloseDate: '2026-12-31',
        OwnerId: ownerId(person.owner),
        ...by,
      });
      plant('OpportunityContactRole', { OpportunityId, ContactId: contactId, IsPrimary: true, ...by });
    }
    if (index % 6 === 0)
      plant('Task', {
        Subject: `Call ${person.firstName}`,
        Description: person.notes,
        Status: 'Not Started',
        ActivityDate: '2026-11-30',
        WhoId: contactId,
        WhatId: accountId,
        OwnerId: ownerId(person.owner),
        ...by,
      });
  }
}
