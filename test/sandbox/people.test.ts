import { isValidIBAN } from 'ibantools';
import { parsePhoneNumber } from 'libphonenumber-js/max';
import { stdnum } from 'stdnum';
import { describe, expect, it } from 'vitest';
import { CANARIES, plantCanaries } from '../../src/sandbox/people/canary.ts';
import type { Country } from '../../src/sandbox/people/country.ts';
import { iban, pesel, rnokpp, spanishNif } from '../../src/sandbox/people/identifiers.ts';
import { asciiName } from '../../src/sandbox/people/names.ts';
import { writePopulation } from '../../src/sandbox/people/people.ts';

const { people, companies } = writePopulation(2_000, 1, 4);

const NATIONAL_IDS: Readonly<Record<Country, readonly string[]>> = {
  ES: ['dni', 'nie'],
  PL: ['pesel'],
  UA: ['rntrc'],
  GB: [],
};

function isNationalId(country: Country, value: string): boolean {
  return NATIONAL_IDS[country].some((kind) => stdnum[country]?.[kind]?.validate(value).isValid);
}

describe('check digits', () => {
  it.each([
    ['12345678', '12345678Z'],
    ['00000000', '00000000T'],
    ['X1234567', 'X1234567L'],
  ])('of the Spanish number %s give %s', (digits, nif) => {
    expect(spanishNif(digits)).toBe(nif);
  });

  it('of a PESEL are those of the published example', () => {
    expect(pesel('1944-05-14', '0135')).toBe('44051401359');
    expect(pesel('2002-07-08', '0362')).toMatch(/^022708/);
  });

  it('of a РНОКПП count days from the last day of 1899', () => {
    expect(rnokpp('1900-01-01', '0000')).toMatch(/^00001/);
  });

  it.each(['ES', 'PL', 'UA', 'GB'] as const)('of a %s IBAN hold', (country) => {
    expect(isValidIBAN(iban(country, '1234567890123456789'))).toBe(true);
  });
});

describe('the population', () => {
  it('is the same for the same seed and another for another', () => {
    expect(writePopulation(50, 7, 4)).toEqual(writePopulation(50, 7, 4));
    expect(writePopulation(50, 7, 4)).not.toEqual(writePopulation(50, 8, 4));
  });

  it('has valid national ids everywhere but in the United Kingdom', () => {
    const wrong = people.filter(({ country, nationalId }) =>
      country === 'GB' ? nationalId !== null : nationalId === null || !isNationalId(country, nationalId),
    );
    expect(wrong.map(({ country, nationalId }) => [country, nationalId])).toEqual([]);
  });

  it('has valid IBANs', () => {
    expect(people.filter((person) => !isValidIBAN(person.iban))).toEqual([]);
  });

  it('has mobile phones that the country gives out', () => {
    expect(people.filter((person) => !parsePhoneNumber(person.mobile, person.country).isValid())).toEqual([]);
  });

  it('has unique e-mail addresses in reserved domains', () => {
    const addresses = people.flatMap(({ email }) => email ?? []);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(
      addresses.filter((address) => !/^[a-z.0-9]+@([a-z]+\.)?example(\.(com|net|org))?$/.test(address)),
    ).toEqual([]);
  });

  it('mentions e-mails, phones and IBANs inside sentences', () => {
    const notes = people.map((person) => person.notes);
    expect(notes.some((note) => /@/.test(note))).toBe(true);
    expect(people.some((person) => person.notes.includes(person.mobile))).toBe(true);
    expect(people.some((person) => person.notes.includes(person.iban))).toBe(true);
  });

  it.each([
    ['quotes', '"'],
    ['line ends', '\n'],
    ['backslashes', '\\'],
    ['emojis', '🏡'],
    ['line separators', '\u2028'],
  ])('holds %s that break careless writers', (_, sign) => {
    expect(people.some((person) => `${person.street}${person.lastName}${person.notes}`.includes(sign))).toBe(
      true,
    );
  });

  it('has a company for every five people', () => {
    expect(companies).toHaveLength(400);
    expect(people.every((person) => person.company < companies.length)).toBe(true);
  });
});

describe('canaries', () => {
  it('stand nowhere else', () => {
    const text = JSON.stringify({ people, companies });
    expect(Object.values(CANARIES).filter((canary) => text.includes(canary))).toEqual([]);
  });

  it('are valid where a field has a form', () => {
    const [person] = people;
    const planted = plantCanaries(person!);
    expect(isValidIBAN(planted.iban)).toBe(true);
    expect(isNationalId('ES', planted.nationalId ?? '')).toBe(true);
    expect(parsePhoneNumber(planted.mobile).isValid()).toBe(true);
    expect(planted.notes).toContain(CANARIES.email);
  });
});

it.each([
  ['Íñigo', 'inigo'],
  ['Łukasz', 'lukasz'],
  ['Дем’яненко', 'demianenko'],
  ["O'Neill", 'oneill'],
])('%s is %s before the @', (name, ascii) => {
  expect(asciiName(name)).toBe(ascii);
});
