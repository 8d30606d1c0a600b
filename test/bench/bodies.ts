import { type Person, writePopulation } from '../../src/sandbox/people/people.ts';

/** One size of answer, and the query that asks for it. */
export interface Page {
  readonly name: string;
  readonly records: number;
  readonly soql: string;
  /** Every note is new in every answer: each ends with a stamp. */
  readonly isAnew: boolean;
}

const SMALL_FIELDS = ['Id', 'LastName', 'Email', 'Phone', 'NIF__c', 'Description'] as const;
const ALL_FIELDS = [
  ...SMALL_FIELDS,
  'Salutation',
  'FirstName',
  'MobilePhone',
  'Title',
  'Birthdate',
  'IBAN__c',
  'MailingStreet',
  'MailingCity',
  'MailingPostalCode',
  'MailingCountry',
  'LeadSource',
  'OwnerId',
  'HasOptedOutOfEmail',
  'CreatedDate',
] as const;
type Field = (typeof ALL_FIELDS)[number];

const SEED = 20_260_630;
const STAFF = 8;

function pageOf(name: string, records: number, fields: readonly Field[], isAnew = false): Page {
  const columns = fields === SMALL_FIELDS ? fields.join(', ') : `${fields.join(', ')}, Account.Name`;
  return { name, records, soql: `SELECT ${columns} FROM Contact LIMIT ${records}`, isAnew };
}

export const SMALL = pageOf('small', 6, SMALL_FIELDS);
export const PAGE = pageOf('page', 100, ALL_FIELDS);
/** One record more than the others, so that the upstream can tell them apart. */
export const SMALL_ANEW = pageOf('small-anew', 7, SMALL_FIELDS, true);
export const PAGE_ANEW = pageOf('page-anew', 101, ALL_FIELDS, true);
export const LARGE = pageOf('large', 2_000, ALL_FIELDS);
/** The bytes of 1 GB, however many records that takes. */
export const STREAM = pageOf('stream', 1_000_000, ALL_FIELDS);
export const STREAM_BYTES = 1_000_000_000;

const STAMP_LENGTH = 8;
const BLANK = ` Ref. ${'q'.repeat(STAMP_LENGTH)}.`;
/** What notes end with where every note is new. */
export const STAMPS = new RegExp(` Ref\\. [a-z]{${STAMP_LENGTH}}\\.`, 'g');

/** Puts another stamp on every note of the body of an `isAnew` page. */
export function stampingOf(body: Buffer): () => Buffer {
  const places: number[] = [];
  for (let at = body.indexOf(BLANK); at >= 0; at = body.indexOf(BLANK, at + 1))
    places.push(at + BLANK.length - 1);
  let count = 0;
  return () => {
    const stamped = Buffer.from(body);
    for (const end of places) {
      let rest = count++;
      for (let at = end - 1; at >= end - STAMP_LENGTH; at--, rest = Math.floor(rest / 26))
        stamped[at] = 0x61 + (rest % 26);
    }
    return stamped;
  };
}

/** Target of a page's request. */
export function targetOf({ soql }: Page): string {
  return `/services/data/v62.0/query?q=${encodeURIComponent(soql)}`;
}

function valuesOf(person: Person, index: number): Readonly<Record<Field, string | boolean | null>> {
  return {
    Id: idOf('003', index),
    LastName: person.lastName,
    Email: person.email,
    Phone: person.phone,
    NIF__c: person.nationalId,
    Description: person.notes,
    Salutation: person.salutation,
    FirstName: person.firstName,
    MobilePhone: person.mobile,
    Title: person.title,
    Birthdate: person.birthdate,
    IBAN__c: person.iban,
    MailingStreet: person.street,
    MailingCity: person.city,
    MailingPostalCode: person.postalCode,
    MailingCountry: person.countryName,
    LeadSource: 'Web',
    OwnerId: idOf('005', person.owner),
    HasOptedOutOfEmail: person.optedOutOfEmail,
    CreatedDate: new Date(person.createdAt).toISOString().replace('Z', '+0000'),
  };
}

function idOf(prefix: string, index: number): string {
  return `${prefix}5g00000${String(index).padStart(5, '0')}AAA`;
}

/** Records as Salesforce writes them, one text each. */
function writeRecords({ records, isAnew }: Page, fields: readonly Field[]): readonly string[] {
  const { people, companies } = writePopulation(records, SEED, STAFF);
  return people.map((person, index) => {
    const id = idOf('003', index);
    const values = valuesOf(person, index);
    const record: Record<string, unknown> = {
      attributes: { type: 'Contact', url: `/services/data/v62.0/sobjects/Contact/${id}` },
    };
    for (const field of fields) record[field] = values[field];
    if (isAnew) record['Description'] = `${person.notes}${BLANK}`;
    if (fields === ALL_FIELDS) {
      const account = idOf('001', person.company);
      record['Account'] = {
        attributes: { type: 'Account', url: `/services/data/v62.0/sobjects/Account/${account}` },
        Name: companies[person.company]?.name,
      };
    }
    return JSON.stringify(record);
  });
}

/** The answer to a page's query. */
export function writeBody(page: Page): Buffer {
  const records = writeRecords(page, page.name.startsWith('small') ? SMALL_FIELDS : ALL_FIELDS);
  return Buffer.from(`${headOf(page)}${records.join(',')}${TAIL}`);
}

/** The chunks of an answer of `bytes`, one after the other, ever again the same records. */
export function* writeChunks(bytes: number): Generator<Buffer> {
  const round = Buffer.from(writeRecords(PAGE, ALL_FIELDS).join(','));
  const comma = Buffer.from(',');
  let left = bytes - TAIL.length;
  yield Buffer.from(headOf(STREAM));
  for (let first = true; left > round.length; first = false) {
    yield first ? round : Buffer.concat([comma, round]);
    left -= round.length + 1;
  }
  yield Buffer.from(TAIL);
}

const TAIL = ']}';

function headOf({ records }: Page): string {
  return `{"totalSize":${records},"done":true,"records":[`;
}
