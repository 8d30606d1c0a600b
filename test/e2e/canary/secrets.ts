import { CANARIES } from '../../../src/sandbox/sandbox.ts';

type Planted = keyof typeof CANARIES;

const EVERYBODY = ['birthdate', 'nationalId', 'iban', 'diagnosis', 'annualIncome'] as const;
const PHONES_AND_PLACES = ['phone', 'mobile', 'street', 'city', 'postalCode'] as const;

/** What each of them must never see, by the example company's policies. */
export const HIDDEN_FROM = {
  support: [...EVERYBODY, ...PHONES_AND_PLACES, 'email'],
  marketing: [...EVERYBODY, ...PHONES_AND_PLACES, 'notes'],
  /** Notes mention the account too, and no policy hides notes from those that only the rules for everybody reach. */
  exportOfficer: ['diagnosis', 'annualIncome'],
  /** The person belongs to another representative, so all of it is hidden. */
  rep: Object.keys(CANARIES) as Planted[],
} as const satisfies Record<string, readonly Planted[]>;

/**
 * Names of the hidden canaries that stand in some bytes: as they are, escaped for JSON or a URL, in any case, in base64; phone
 * numbers however they are grouped.
 */
export function leaksIn(bytes: Buffer | string, hidden: readonly Planted[]): Planted[] {
  const text = bytes.toString().toLowerCase();
  const plain = text.replaceAll(/\\u([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const joined = plain.replaceAll(/(?<=\d)[ ().-]+(?=\d)/g, '');
  return hidden.filter((name) => {
    const secret = CANARIES[name].toLowerCase();
    // Five digits stand in many a digest and duration by chance.
    if (/^\d{5}$/.test(secret)) return new RegExp(`(?<![\\w.-])${secret}(?![\\w.-])`).test(plain);
    if (plain.includes(secret) || plain.includes(encodeURIComponent(secret).toLowerCase())) return true;
    const base64 = Buffer.from(CANARIES[name]).toString('base64').replace(/=+$/, '');
    if (text.includes(base64.toLowerCase())) return true;
    return secret.startsWith('+') && joined.includes(secret.replaceAll(/\D/g, ''));
  });
}
