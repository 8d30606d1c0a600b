import type { Person } from '../../sandbox/people/people.ts';
import type { Stage } from './stage.ts';

/** The person that all requests of the demo are about, as both CRMs know them. */
export interface DemoContact {
  readonly person: Person;
  readonly salesforceId: string;
  readonly hubspotId: string;
}

/** Salesforce fields to look at: a name, and everything that somebody may not see. */
export const SALESFORCE_FIELDS = [
  'Name',
  'Email',
  'Phone',
  'MailingStreet',
  'MailingPostalCode',
  'Birthdate',
  'NIF__c',
  'IBAN__c',
  'Diagnosis__c',
  'AnnualIncome__c',
  'Description',
] as const;

/** The same in HubSpot. */
export const HUBSPOT_PROPERTIES = [
  'firstname',
  'lastname',
  'email',
  'phone',
  'zip',
  'date_of_birth',
  'nif',
  'iban',
  'diagnosis',
  'message',
] as const;

/**
 * The first person in Spain who has agreed to mail, about whom the CRM knows everything and whose notes repeat some of
 * it.
 * @throws Error when there is none
 */
export function findContact({ salesforce, hubspot }: Pick<Stage, 'salesforce' | 'hubspot'>): DemoContact {
  const index = salesforce.data.people.findIndex(isTelling);
  const person = salesforce.data.people[index];
  const salesforceId = salesforce.data.records('Contact')[index]?.['Id'];
  const ofHubspot = hubspot.data.people.findIndex(({ email }) => email !== null && email === person?.email);
  const hubspotId = hubspot.data.records('contacts')[ofHubspot]?.['id'];
  if (person === undefined || typeof salesforceId !== 'string' || typeof hubspotId !== 'string')
    throw new Error('The sandbox holds nobody to show.');
  return { person, salesforceId, hubspotId };
}

function isTelling(candidate: Person): boolean {
  const { country, email, phone, nationalId, diagnosis, mobile, iban, notes, street } = candidate;
  if (candidate.optedOutOfEmail) return false;
  if (country !== 'ES' || email === null || phone === null || nationalId === null || diagnosis === null)
    return false;
  return [email, mobile, iban].every((value) => notes.includes(value)) && !/[\r\n\\]/.test(notes + street);
}

/** Values that stand in the record, by what they are. None may appear where it is hidden. */
export function secretsOf({ person }: DemoContact) {
  const { email, phone, mobile, street, postalCode, birthdate, nationalId, iban, diagnosis, annualIncome } =
    person;
  return {
    email: email ?? '',
    phone: phone ?? '',
    mobile,
    street,
    postalCode,
    birthdate,
    nationalId: nationalId ?? '',
    iban,
    diagnosis: diagnosis ?? '',
    annualIncome,
  };
}
