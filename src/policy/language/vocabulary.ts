/** The category of fields that are not personal: shown clear, and no policy can treat them. */
export const NOT_PERSONAL = 'none';

/** The category of texts that are expected to hold JSON. */
export const PAYLOAD = 'payload';

/**
 * The shipped categories with their meaning. Categories are open-ended: a data map may use others, in dotted lower-case
 * words. `special.*` are the special categories of GDPR Art. 9; health, one of them, has a branch of its own.
 */
export const VOCABULARY: Readonly<Record<string, string>> = {
  [NOT_PERSONAL]: 'Known and not personal: shown clear, cannot be treated.',
  'contact.email': 'E-mail addresses and parts of them.',
  'contact.phone': 'Telephone, mobile and fax numbers.',
  'contact.address': 'Postal addresses: street, city, coordinates.',
  'contact.postal-code': 'Postal codes.',
  'contact.country': 'Country or region of a person.',
  'contact.social': 'Social media and messenger accounts, personal web pages.',
  'identity.name': 'Names of persons.',
  'identity.birthdate': 'Birth dates and ages.',
  'identity.national-id': 'Numbers given by a state: national id, tax id, passport.',
  'identity.gender': 'Gender and forms of address that show it.',
  'identity.photo': 'Pictures of persons.',
  'identity.account': 'User names and ids in other systems.',
  'identity.language': 'Language of a person.',
  'employment.position': 'Job title, department, seniority.',
  'financial.iban': 'Bank accounts.',
  'financial.card': 'Payment cards.',
  'financial.income': 'Income and wealth of a person.',
  'financial.credit': 'Credit scores and debts.',
  'health.diagnosis': 'Diagnoses (GDPR Art. 9).',
  'health.treatment': 'Treatments and medication (GDPR Art. 9).',
  'health.insurance': 'Health insurance (GDPR Art. 9).',
  'special.ethnicity': 'Racial or ethnic origin (GDPR Art. 9).',
  'special.politics': 'Political opinions (GDPR Art. 9).',
  'special.religion': 'Religious or philosophical beliefs (GDPR Art. 9).',
  'special.union': 'Trade union membership (GDPR Art. 9).',
  'special.genetics': 'Genetic data (GDPR Art. 9).',
  'special.biometrics': 'Biometric data (GDPR Art. 9).',
  'special.sexuality': 'Sex life or sexual orientation (GDPR Art. 9).',
  'special.offences': 'Criminal convictions and offences (GDPR Art. 10).',
  'online.ip': 'IP addresses and what is derived from them.',
  'online.device': 'Device and browser ids, cookies.',
  'online.activity': 'Page views, clicks, visits and their dates.',
  document: 'Files of any kind.',
  'document.contract': 'Contracts, orders, invoices.',
  'document.identity': 'Copies of passports, identity cards, licences.',
  'document.medical': 'Medical reports and pictures (GDPR Art. 9).',
  'document.financial': 'Bank statements, payslips, tax papers.',
  'document.photo': 'Photographs, videos and recordings of persons.',
  'document.letter': 'Letters and messages.',
  'free-text': 'Text typed by people: anything may stand in it.',
  history: 'Old and new values of other fields.',
  [PAYLOAD]: 'JSON and other messages between systems, kept as a text: any field may stand in it.',
};

/** Whether a key of `show` covers a category: the same name, or a wildcard such as `contact.*` above it. */
export function coversCategory(key: string, category: string): boolean {
  if (category === NOT_PERSONAL) return false;
  return key.endsWith('.*') ? category.startsWith(key.slice(0, -1)) : key === category;
}
