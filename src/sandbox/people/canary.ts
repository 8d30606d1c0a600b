import { iban, spanishNif } from './identifiers.ts';
import type { Person } from './people.ts';

/** What to search outputs for, by the person's field. Each stands nowhere else in the population. */
export const CANARIES = {
  firstName: 'Zqcanaryfirst',
  lastName: 'Zqcanarylast',
  email: 'zqcanary.email@canary.example',
  phone: '+34 912 698 698',
  mobile: '+34 698 698 698',
  birthdate: '1931-12-13',
  nationalId: spanishNif('99999972'),
  iban: iban('ES', '9999999972'),
  diagnosis: 'Zqcanarydiagnosis',
  notes: 'Zqcanarynotes',
  street: 'Zqcanarystreet',
  city: 'Zqcanarycity',
  postalCode: '52698',
  annualIncome: '698698.69',
  customerNumber: '96986986986986986986',
} as const satisfies Partial<Record<keyof Person, string>>;

/** The same person with a canary in every classified field. The notes mention the others, as free text does. */
export function plantCanaries(person: Person): Person {
  const notes = `${CANARIES.notes}: escribir a ${CANARIES.email}, llamar al ${CANARIES.mobile}, cuenta ${CANARIES.iban}, NIF ${CANARIES.nationalId}.`;
  return { ...person, ...CANARIES, notes, country: 'ES', countryName: 'España', region: 'Melilla' };
}
