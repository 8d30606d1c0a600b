/**
 * What the example company's policies mean for one person's fields, written from their text and from nothing of the
 * product's: `policies/example` is read here by a human.
 */
import type { Person } from '../../src/sandbox/people/people.ts';

export type Viewer = 'support' | 'marketing' | 'privacyOfficer';

type Text = string | null;
/** Undefined: the field is not there. */
type Shown = Text | number | undefined;
type See = (value: Text, person: Person) => Shown;

const clear: See = (value) => value;
const removed: See = () => undefined;
const redacted: See = (value) => (value === null ? null : '[redacted]');
/** Half-open secrets: how it is known who calls, without telling how to reach them. */
const firstLetter: See = (value) => value && `${value.charAt(0)}***@${value.slice(value.indexOf('@') + 1)}`;
const lastFour: See = (value) => value && `***${value.slice(-4)}`;
const province: See = (value) => value && `${value.slice(0, 2)}***`;
const yearOf: See = (value) => value && `${value.slice(0, 4)}-01-01`;
const withoutFinds: See = (value, person) =>
  (value ?? '')
    .replaceAll(writtenEmail(value ?? '', person), '[email]')
    .replaceAll(person.mobile, '[number]')
    .replaceAll(person.iban, '[iban]')
    .replaceAll(person.nationalId ?? '\0', '[number]');

/** Notes mention an address even of people whose own is not on file. */
function writtenEmail(notes: string, person: Person): string {
  return person.email ?? /[\w.]+@[\w.]+\w/.exec(notes)?.[0] ?? '\0';
}

type Category =
  | 'name'
  | 'none'
  | 'email'
  | 'phone'
  | 'address'
  | 'postalCode'
  | 'birthdate'
  | 'nationalId'
  | 'iban'
  | 'health'
  | 'income'
  | 'notes';

const SEES: Readonly<Record<Viewer, Readonly<Record<Category, See>>>> = {
  support: {
    name: clear,
    none: clear,
    email: firstLetter,
    phone: lastFour,
    address: redacted,
    postalCode: province,
    birthdate: yearOf,
    nationalId: removed,
    iban: redacted,
    health: removed,
    income: redacted,
    notes: withoutFinds,
  },
  marketing: {
    name: clear,
    none: clear,
    email: clear,
    phone: removed,
    address: removed,
    postalCode: removed,
    birthdate: yearOf,
    nationalId: removed,
    iban: redacted,
    health: removed,
    income: redacted,
    notes: redacted,
  },
  privacyOfficer: {
    name: clear,
    none: clear,
    email: clear,
    phone: clear,
    address: clear,
    postalCode: clear,
    birthdate: clear,
    nationalId: clear,
    iban: clear,
    health: clear,
    income: clear,
    notes: clear,
  },
};

/** One phone number in ten has the check digit of some country's national id: which of the two is found is not told apart here. */
export function withOneLabel<Record extends object>(record: Record): Record {
  const entries = Object.entries(record).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.replaceAll(/\[(?:phone|national-id)\]/g, '[number]') : value,
  ]);
  return Object.fromEntries(entries) as Record;
}

interface Field {
  readonly salesforce: string;
  readonly hubspot: string;
  readonly category: Category;
  readonly of: (person: Person) => Text;
}

const field = (
  salesforce: string,
  hubspot: string,
  category: Category,
  of: (person: Person) => Text,
): Field => ({
  salesforce,
  hubspot,
  category,
  of,
});

/** Fields of a contact that hold something of the person, with their names in both CRMs. */
const FIELDS: readonly Field[] = [
  field('Salutation', 'salutation', 'name', ({ salutation }) => salutation),
  field('FirstName', 'firstname', 'name', ({ firstName }) => firstName),
  field('LastName', 'lastname', 'name', ({ lastName }) => lastName),
  field('Title', 'jobtitle', 'none', ({ title }) => title),
  field('Email', 'email', 'email', ({ email }) => email),
  field('Phone', 'phone', 'phone', ({ phone }) => phone),
  field('MobilePhone', 'mobilephone', 'phone', ({ mobile }) => mobile),
  field('MailingStreet', 'address', 'address', ({ street }) => street),
  field('MailingCity', 'city', 'address', ({ city }) => city),
  field('MailingState', 'state', 'address', ({ region }) => region),
  field('MailingPostalCode', 'zip', 'postalCode', ({ postalCode }) => postalCode),
  field('MailingCountry', 'country', 'none', ({ countryName }) => countryName),
  field('Birthdate', 'date_of_birth', 'birthdate', ({ birthdate }) => birthdate),
  field('Description', 'message', 'notes', ({ notes }) => notes),
  field('NIF__c', 'nif', 'nationalId', ({ nationalId }) => nationalId),
  field('IBAN__c', 'iban', 'iban', ({ iban }) => iban),
  field('Diagnosis__c', 'diagnosis', 'health', ({ diagnosis }) => diagnosis),
  field('AnnualIncome__c', 'annual_income', 'income', ({ annualIncome }) => annualIncome),
  field('CustomerNumber__c', 'customer_number', 'none', ({ customerNumber }) => customerNumber),
];
const SALESFORCE_NUMBERS = new Set(['AnnualIncome__c', 'CustomerNumber__c']);

export const SALESFORCE_FIELDS = FIELDS.map(({ salesforce }) => salesforce);
export const HUBSPOT_FIELDS = FIELDS.map(({ hubspot }) => hubspot);

/** The fields of a Salesforce contact as the viewer gets them. A number that is redacted becomes null: it keeps no text. */
export function salesforceContact(person: Person, viewer: Viewer): Record<string, Shown> {
  return present(
    FIELDS.map(({ salesforce, category, of }) => {
      const shown = SEES[viewer][category](of(person), person);
      if (!SALESFORCE_NUMBERS.has(salesforce)) return [salesforce, shown];
      return [salesforce, shown === '[redacted]' || shown === null ? null : Number(shown)];
    }),
  );
}

/** The properties of a HubSpot contact as the viewer gets them: all of them texts. */
export function hubspotContact(person: Person, viewer: Viewer): Record<string, Shown> {
  return present(
    FIELDS.map(({ hubspot, category, of }) => [hubspot, SEES[viewer][category](of(person), person)]),
  );
}

function present(entries: readonly (readonly [string, Shown])[]): Record<string, Shown> {
  return Object.fromEntries(entries.filter(([, shown]) => shown !== undefined));
}
