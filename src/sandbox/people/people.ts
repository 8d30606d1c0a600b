import { COUNTRIES, type Country } from './country.ts';
import { iban, pesel, rnokpp, spanishNif } from './identifiers.ts';
import { asciiName, COMPANY_FORMS, COMPANY_STEMS, INDUSTRIES, REGISTERS } from './names.ts';
import { writeNote } from './notes.ts';
import { type Random, seededRandom } from './random.ts';

/** A person nobody is: every check digit is right, every mail domain is reserved (RFC 2606). */
export interface Person {
  readonly country: Country;
  readonly countryName: string;
  readonly salutation: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly mobile: string;
  readonly birthdate: string;
  /** NIF, PESEL or РНОКПП; the United Kingdom has none. */
  readonly nationalId: string | null;
  readonly iban: string;
  readonly diagnosis: string | null;
  readonly notes: string;
  readonly street: string;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
  readonly title: string;
  /** As the CRM spells it: two decimals. */
  readonly annualIncome: string;
  /** Twenty digits: more than a double can hold. */
  readonly customerNumber: string;
  readonly optedOutOfEmail: boolean;
  readonly doNotCall: boolean;
  /** How confidential the record is, in the spelling of whoever typed it. */
  readonly confidentiality: string | null;
  /** Index into the sandbox's staff. */
  readonly owner: number;
  /** Index into the companies. */
  readonly company: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** YYYY-MM-DD */
  readonly lastActivity: string | null;
}

export interface Company {
  readonly name: string;
  readonly country: Country;
  readonly domain: string;
  readonly phone: string;
  readonly industry: string;
  readonly revenue: string;
  readonly employees: number;
  readonly owner: number;
}

export interface Population {
  readonly people: readonly Person[];
  readonly companies: readonly Company[];
}

const DIAGNOSES: Readonly<Record<Country, readonly string[]>> = {
  ES: ['Diabetes mellitus tipo 2', 'Asma bronquial', 'Migraña crónica', 'Hipertensión'],
  PL: ['Cukrzyca typu 2', 'Astma oskrzelowa', 'Migrena przewlekła', 'Nadciśnienie'],
  UA: ['Цукровий діабет 2 типу', 'Бронхіальна астма', 'Хронічна мігрень', 'Гіпертонія'],
  GB: ['Type 2 diabetes', 'Bronchial asthma', 'Chronic migraine', 'Hypertension'],
};
/** The last day of synthetic history; fixed, so that the same seed gives the same bytes on any day. */
const HISTORY_ENDS = Date.UTC(2026, 5, 30);
const DAY_MS = 86_400_000;

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const NATIONAL_IDS: Readonly<Record<Country, (random: Random, birthdate: string) => string | null>> = {
  ES: (random) =>
    spanishNif(random.chance(10) ? `${random.pick(['X', 'Y', 'Z'])}${random.digits(7)}` : random.digits(8)),
  PL: (random, birthdate) => pesel(birthdate, random.digits(4)),
  UA: (random, birthdate) => rnokpp(birthdate, random.digits(4)),
  GB: () => null,
};

interface Phones {
  readonly phone: string;
  readonly mobile: string;
}

/** Numbers of the shape and length that the country's numbering plan gives out; 698 is kept for canaries. */
const PHONES: Readonly<Record<Country, (random: Random) => Phones>> = {
  ES: ({ between, digits }) => ({
    phone: `+34 91${between(2, 8)} ${digits(3)} ${digits(3)}`,
    mobile: `+34 6${between(10, 79)} ${digits(3)} ${digits(3)}`,
  }),
  PL: ({ between, digits }) => ({
    phone: `+48 22 ${between(600, 699)} ${digits(2)} ${digits(2)}`,
    mobile: `+48 60${between(0, 9)} ${digits(3)} ${digits(3)}`,
  }),
  UA: ({ between, digits, pick }) => ({
    phone: `+380 44 ${between(200, 599)} ${digits(2)} ${digits(2)}`,
    mobile: `+380${pick(['50', '67', '63'])}${digits(7)}`,
  }),
  GB: ({ digits }) => ({ phone: `+44 20 7946 0${digits(3)}`, mobile: `+44 7400 ${digits(6)}` }),
};

/** Every so often a street that breaks careless writers: quotes, line ends, backslashes, an emoji. */
function streetOf(random: Random, country: Country, index: number): string {
  const street = `${random.pick(REGISTERS[country].streets)}, ${random.between(1, 250)}`;
  switch (index % 23) {
    case 3:
      return `${street}\r\n3º "B"`;
    case 9:
      return `${street}\nC:\\pasillo\\2`;
    case 14:
      return `${street} 🏡, "обійстя", \u2028apt;4`;
    default:
      return street;
  }
}

const CONFIDENTIALITY = ['public', 'internal', 'confidential', 'strict', 'Internal', null] as const;

function writePerson(random: Random, index: number, companies: number, owners: number): Person {
  const country = COUNTRIES[index % COUNTRIES.length] ?? 'GB';
  const register = REGISTERS[country];
  const firstName = random.pick(register.firstNames);
  const lastName =
    index % 29 === 7 ? `${random.pick(register.lastNames)} "Pepe"` : random.pick(register.lastNames);
  const address = `${asciiName(firstName)}.${asciiName(lastName)}${index}@${random.pick(register.emailDomains)}`;
  const birthdate = dateText(Date.UTC(1940, 0, 1) + random.between(0, 365 * 66) * DAY_MS);
  const { phone, mobile } = PHONES[country](random);
  const account = iban(country, String(random.between(1, 8)) + random.digits(18));
  const nationalId = NATIONAL_IDS[country](random, birthdate);
  const home = random.pick(register.places);
  const createdAt =
    HISTORY_ENDS - random.between(30, 3000) * DAY_MS - random.between(0, DAY_MS / 1000) * 1000;
  const modifiedAt = Math.min(HISTORY_ENDS, createdAt + random.between(0, 900) * DAY_MS);
  return {
    country,
    countryName: register.countryName,
    salutation: random.pick(register.salutations),
    firstName,
    lastName,
    email: random.chance(3) ? null : address,
    phone: random.chance(8) ? null : phone,
    mobile,
    birthdate,
    nationalId,
    iban: account,
    diagnosis: random.chance(30) ? random.pick(DIAGNOSES[country]) : null,
    notes: writeNote(random, country, {
      firstName,
      email: address,
      phone: mobile,
      iban: account,
      nationalId,
    }),
    street: streetOf(random, country, index),
    ...home,
    title: random.pick(register.titles),
    annualIncome: `${random.between(12, 180)}000.${random.pick(['00', '50', '10'])}`,
    customerNumber: `${random.between(1, 9)}${random.digits(19)}`,
    optedOutOfEmail: random.chance(20),
    doNotCall: random.chance(15),
    confidentiality: CONFIDENTIALITY[index % CONFIDENTIALITY.length] ?? null,
    owner: random.between(0, owners - 1),
    company: random.between(0, companies - 1),
    createdAt,
    modifiedAt,
    lastActivity: random.chance(10) ? null : dateText(modifiedAt),
  };
}

function writeCompany(random: Random, index: number, owners: number): Company {
  const stem = COMPANY_STEMS[index % COMPANY_STEMS.length] ?? '';
  const country = COUNTRIES[index % COUNTRIES.length] ?? 'GB';
  const round = Math.floor(index / COMPANY_STEMS.length);
  return {
    name: `${stem}${round === 0 ? '' : ` ${round + 1}`} ${COMPANY_FORMS[country]}`,
    country,
    domain: `${asciiName(stem)}${index}.example`,
    phone: PHONES[country](random).phone,
    industry: random.pick(INDUSTRIES),
    revenue: `${random.between(1, 900)}00000.00`,
    employees: random.between(3, 9000),
    owner: random.between(0, owners - 1),
  };
}

/** Writes `count` people and a company for every five of them. The same seed gives the same population. */
export function writePopulation(count: number, seed: number, owners: number): Population {
  const random = seededRandom(seed);
  const companyCount = Math.max(1, Math.ceil(count / 5));
  const companies = Array.from({ length: companyCount }, (_, index) => writeCompany(random, index, owners));
  const people = Array.from({ length: count }, (_, index) =>
    writePerson(random, index, companyCount, owners),
  );
  return { people, companies };
}
