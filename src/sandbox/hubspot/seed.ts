import { REGISTERS } from '../people/names.ts';
import type { Person, Population } from '../people/people.ts';
import { PORTAL_USERS } from './portal.ts';
import type { Properties } from './record.ts';
import { typeSchema } from './schema.ts';
import type { HubspotStore } from './store.ts';

const SEED_TIME = Date.UTC(2026, 0, 15, 9, 30);

const ownerId = (index: number): string => PORTAL_USERS[index]?.ownerId ?? '';
const flag = (value: boolean): string => String(value);

function contactOf(person: Person, index: number, company: string): Properties {
  return {
    email: person.email,
    firstname: person.firstName,
    lastname: person.lastName,
    salutation: person.salutation,
    phone: person.phone,
    mobilephone: person.mobile,
    jobtitle: person.title,
    company,
    address: person.street,
    city: person.city,
    state: person.region,
    zip: person.postalCode,
    country: person.countryName,
    date_of_birth: person.birthdate,
    message: person.notes,
    nif: person.nationalId,
    iban: person.iban,
    diagnosis: person.diagnosis,
    annual_income: person.annualIncome,
    customer_number: person.customerNumber,
    confidentiality: person.confidentiality,
    external_id: `EXT-${String(index + 1).padStart(6, '0')}`,
    hs_email_optout: flag(person.optedOutOfEmail),
    do_not_call: flag(person.doNotCall),
    lifecyclestage: 'customer',
    hubspot_owner_id: ownerId(person.owner),
    notes_last_contacted: person.lastActivity === null ? null : `${person.lastActivity}T12:00:00.000Z`,
  };
}

type Plant = (type: string, properties: Properties, createdAt: number, updatedAt: number) => string;

/** Some people have a deal, a ticket or a note. */
function plantDealings(
  store: HubspotStore,
  plant: Plant,
  person: Person,
  index: number,
  contactId: string,
): void {
  const owner = { hubspot_owner_id: ownerId(person.owner) };
  const put = (type: string, properties: Properties): void => {
    const id = plant(type, { ...properties, ...owner }, person.modifiedAt, person.modifiedAt);
    store.associate('contacts', contactId, type, id);
  };
  if (index % 4 === 0)
    put('deals', {
      dealname: `${person.lastName} – ${person.city}`,
      amount: `${(index % 90) + 1}500.00`,
      dealstage: index % 8 === 0 ? 'closedwon' : 'appointmentscheduled',
      pipeline: 'default',
      closedate: '2026-12-31T00:00:00.000Z',
    });
  if (index % 3 === 0)
    put('tickets', {
      subject: `${person.firstName} ${person.lastName}: ${person.title}`,
      content: person.notes,
      hs_pipeline: '0',
      hs_pipeline_stage: '1',
      hs_ticket_priority: 'MEDIUM',
    });
  if (index % 6 === 0)
    put('notes', {
      hs_note_body: `<p>${person.notes}</p>`,
      hs_timestamp: new Date(person.modifiedAt).toISOString(),
    });
}

/** Fills an empty portal: a company each, a contact per person, and what some of them are up to. */
export function seedHubspot(store: HubspotStore, { people, companies }: Population): void {
  const plant: Plant = (type, properties, createdAt, updatedAt) => {
    const schema = typeSchema(type);
    if (!schema) throw new RangeError(`There is no object type ${type}.`);
    return store.plant(schema, properties, createdAt, updatedAt);
  };
  const companyIds = companies.map((company) =>
    plant(
      'companies',
      {
        name: company.name,
        domain: company.domain,
        phone: company.phone,
        industry: company.industry,
        city: REGISTERS[company.country].places[0]?.city ?? null,
        country: REGISTERS[company.country].countryName,
        annualrevenue: company.revenue,
        numberofemployees: String(company.employees),
        hubspot_owner_id: ownerId(company.owner),
      },
      SEED_TIME,
      SEED_TIME,
    ),
  );
  for (const [index, person] of people.entries()) {
    const company = companies[person.company]?.name ?? '';
    const contactId = plant(
      'contacts',
      contactOf(person, index, company),
      person.createdAt,
      person.modifiedAt,
    );
    const companyId = companyIds[person.company];
    if (companyId !== undefined) store.associate('contacts', contactId, 'companies', companyId);
    plantDealings(store, plant, person, index, contactId);
  }
}
