import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { formatProblem } from '../../src/document/problem.ts';
import { isAboutPeople } from '../../src/enforce/people/told-person.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { loadPolicies } from '../../src/policy/compile/compile.ts';
import type { CrmTraits } from '../../src/policy/data-map.ts';
import { publishedRelationships, publishedTexts } from '../fixtures/salesforce-schema.ts';
import { decide, HUBSPOT, OPTIONS, operation, principal, SALESFORCE } from './fixture.ts';

/** Names by which a field says that it holds something of a person, or what people have typed. */
const PERSONAL =
  /(?:Email|Phone|Fax|FirstName|LastName|BirthDate|Street|PostalCode|Latitude|Longitude|SourceIp|OldValue|NewValue|Comments?|HtmlBody|TextBody|(?:To|Cc|Bcc|From)Address)$/i;
/** A title and a body of what is written in a feed, subject and description of what is done with people. */
const TYPED = [
  [/Feed$/, /^(?:Title|Body|LinkUrl)$/],
  [/^(?:Task|Event|Case|WorkOrder|.*Activity|ActivityHistory)$/, /^(?:Subject|Description)$/],
] as const;

/** The company itself, its software and its groups: nothing of the people in the CRM. */
const OF_THE_COMPANY = new Set([
  'AdditionalNumber',
  'ApexEmailNotification',
  'CollaborationGroup',
  'DatacloudAddress',
  'Organization',
]);

const compiled = await loadPolicies(
  { directory: 'policies/packs/salesforce', includes: ['policies/packs/hubspot'], limits: DEFAULT_LIMITS },
  OPTIONS,
);

function shown(crm: CrmTraits) {
  if (!('snapshot' in compiled)) throw new Error(compiled.problems.map(formatProblem).join('\n'));
  return decide(compiled.snapshot, crm, principal({}), operation('read', {})).view;
}

describe('the pack for Salesforce', () => {
  it('knows every field of the published schema whose name says that it is about a person', () => {
    const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
    const view = shown(SALESFORCE);
    const personal = publishedTexts().filter(
      ([object, field]) =>
        PERSONAL.test(field) || TYPED.some(([objects, fields]) => objects.test(object) && fields.test(field)),
    );
    expect(personal.length).toBeGreaterThan(300);
    const unknown = personal.filter(([name, field]) => {
      const object = adapter.object(name) ?? name;
      // What may be a record of any object is shown as little as any is.
      return object !== '*' && !OF_THE_COMPANY.has(object) && !view.of(object).classifies(field);
    });
    expect(unknown).toEqual([]);
  });

  it('says that every record which refers to a contact, a lead or an individual is about people', () => {
    const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
    const view = shown(SALESFORCE);
    const people = new Set(['Contact', 'Lead', 'Individual']);
    const objects = publishedRelationships('ParentReferences')
      .filter(([object, , target]) => people.has(target) && !object.endsWith('Share'))
      .map(([object]) => adapter.object(object) ?? object);
    const unsaid = new Set(objects.filter((object) => !isAboutPeople(view.of(object))));
    expect(new Set(objects).size).toBeGreaterThan(15);
    expect([...unsaid]).toEqual([]);
  });

  it.each([
    // What the names of fields do not say.
    ['FeedRevision', 'Value'],
    ['FeedAttachment', 'Title Value'],
    ['FeedPollChoice', 'ChoiceBody'],
    ['SearchActivity', 'SearchTerm ClickedRecordName'],
    ['EmailStatus', 'TimesOpened FirstOpenDate LastOpenDate'],
    ['FileSearchActivity', 'SearchTerm'],
    ['EventRelation', 'Response'],
    ['DeclinedEventRelation', 'Response'],
    ['EmailCapture', 'Sender Recipient ToPattern FromPattern RawMessage'],
    ['DataAssessmentValueMetric', 'FieldValue'],
    ['ContentNotification', 'Subject Text'],
    ['CaseExternalDocument', 'Title'],
    ['OpportunityLineItem', 'Description'],
    ['OrderItem', 'Description'],
    ['ContractLineItem', 'Description'],
    ['WorkThanks', 'Message'],
    ['WorkBadge', 'Message'],
    ['Solution', 'SolutionNote'],
    ['FlowInterview', 'InterviewLabel PauseLabel'],
    ['ThirdPartyAccountLink', 'Handle RemoteIdentifier'],
    ['IdpEventLog', 'IdentityUsed'],
    ['User', 'OutOfOfficeMessage StayInTouchNote StayInTouchSubject StayInTouchSignature'],
    // Products that the published schema is without.
    ['Quote', 'Email Phone Fax QuoteToName QuoteToStreet BillingPostalCode ShippingAddress AdditionalName'],
    ['ServiceAppointment', 'Email Phone Street PostalCode Address Subject Description Comments'],
    ['LiveChatTranscript', 'Body SupervisorTranscriptBody IpAddress Location VisitorNetwork UserAgent'],
    ['LiveChatTranscriptEvent', 'Detail'],
    ['MessagingEndUser', 'Name MessagingPlatformKey ProfilePictureUrl'],
    ['ConversationEntry', 'ActorName Message'],
    ['VoiceCall', 'FromPhoneNumber ToPhoneNumber'],
    ['ContactCleanInfo', 'Email FirstName LastName Phone Street PostalCode Title'],
    ['LeadCleanInfo', 'Email FirstName LastName Phone Street PostalCode Title'],
    ['QuoteHistory', 'OldValue NewValue'],
    ['ServiceAppointmentFeed', 'Title Body LinkUrl'],
  ])('knows of %s what it repeats of people: %s', (object, fields) => {
    const view = shown(SALESFORCE).of(object);
    expect(fields.split(' ').filter((field) => !view.classifies(field))).toEqual([]);
  });

  it.each([
    'Account',
    'AccountContactRelation',
    'Attachment',
    'Campaign',
    'CampaignMember',
    'Case',
    'Contact',
    'ContentDocument',
    'ContentVersion',
    'Event',
    'Individual',
    'Lead',
    'Opportunity',
    'OpportunityContactRole',
    'Task',
    'User',
  ])('knows of %s what every object has, by which clients keep in step', (object) => {
    const system = ['IsDeleted', 'CreatedById', 'LastModifiedById', 'LastModifiedDate', 'SystemModstamp'];
    const view = shown(SALESFORCE).of(object);
    expect(system.filter((field) => !view.classifies(field))).toEqual([]);
  });
});

describe('the pack for HubSpot', () => {
  it.each([
    ['communications', 'hs_communication_body'],
    ['postal_mail', 'hs_postal_mail_body'],
    ['quotes', 'hs_sender_email'],
    ['orders', 'hs_shipping_address_street'],
    ['carts', 'hs_billing_address_email'],
    ['commerce_payments', 'hs_customer_email'],
    ['users', 'hs_email'],
    ['feedback_submissions', 'hs_content'],
    ['leads', 'hs_associated_contact_email'],
    ['lists', 'filterBranch'],
    ['contacts', 'hs_conversations_visitor_email'],
    ['contacts', 'hs_content_membership_email'],
    ['contacts', 'hs_calculated_form_submissions'],
    ['contacts', 'hs_analytics_source_data_2'],
    ['contacts', 'hs_feedback_last_nps_follow_up'],
    ['emails', 'hs_email_to_raw'],
    ['emails', 'hs_email_bcc_lastname'],
    ['meetings', 'hs_guest_emails'],
    ['calls', 'hs_call_video_recording_url'],
    ['quotes', 'hs_pdf_download_link'],
    ['invoices', 'hs_recipient_shipping_address'],
    ['commerce_payments', 'hs_payment_method_last_4'],
  ])('knows that %s say something of people in %s', (object, field) => {
    expect(shown(HUBSPOT).of(object).classifies(field)).toBe(true);
  });
});
