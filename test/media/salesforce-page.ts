import type { RecordShape, Shape } from '../../src/model/shape.ts';

/** Shape of a Salesforce record: typed by `attributes.type`, related records and child queries under its fields. */
export const SALESFORCE_RECORD: RecordShape = {
  is: 'record',
  members: {
    attributes: {
      is: 'object',
      members: { type: { is: 'type' }, url: { is: 'plain' } },
      others: { is: 'plain' },
    },
    nextRecordsUrl: { is: 'locator' },
  },
  others: 'field',
  get nested(): Shape {
    return SALESFORCE_RECORD;
  },
};

/** Shape of the answer to a SOQL query. */
export const SALESFORCE_PAGE: Shape = {
  is: 'object',
  members: {
    records: { is: 'array', items: SALESFORCE_RECORD },
    totalSize: { is: 'count' },
    nextRecordsUrl: { is: 'locator' },
  },
  others: { is: 'plain' },
};

function contact(index: number): object {
  const id = `0035g00000${index.toString().padStart(5, '0')}AAA`;
  return {
    attributes: { type: 'Contact', url: `/services/data/v62.0/sobjects/Contact/${id}` },
    Id: id,
    FirstName: 'Marguerite',
    LastName: `Ångström-${index}`,
    Email: `marguerite.${index}@example.com`,
    Phone: '+34 612 345 678',
    Title: 'Regional Sales Director, EMEA',
    Department: 'Enterprise',
    MailingAddress: {
      city: 'Sevilla',
      country: 'Spain',
      geocodeAccuracy: null,
      latitude: 37.3886303,
      longitude: -5.9953403,
      postalCode: '41001',
      street: 'Calle Sierpes 48',
    },
    Birthdate: '1978-04-12',
    AnnualRevenue__c: 50000.5,
    HasOptedOutOfEmail: index % 7 === 0,
    CreatedDate: '2024-03-04T09:12:44.000+0000',
    Description: 'Met at the spring fair; prefers "short" mails.\nCall before noon.',
    Account: {
      attributes: { type: 'Account', url: '/services/data/v62.0/sobjects/Account/0015g00000XYZ12AAE' },
      Name: 'Acme Iberia S.L.',
    },
  };
}

/** A page of contacts as Salesforce writes it, compact. */
export function salesforcePage(records: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      totalSize: records,
      done: true,
      records: Array.from({ length: records }, (_, index) => contact(index)),
    }),
  );
}
