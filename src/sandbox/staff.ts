/** Someone who works in the sandbox company and may call its CRM. */
export interface StaffMember {
  /** First name in ASCII: how examples and tests name this caller. */
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly title: string;
  readonly profile: 'Standard User' | 'Marketing User' | 'System Administrator';
  /** What the Salesforce sandbox takes as `Authorization: Bearer`. */
  readonly salesforceToken: string;
  readonly salesforceRefreshToken: string;
  readonly hubspotToken: string;
}

const member = (
  key: string,
  firstName: string,
  lastName: string,
  title: string,
  profile: StaffMember['profile'],
): StaffMember => ({
  key,
  firstName,
  lastName,
  email: `${key}@acme.example`,
  title,
  profile,
  salesforceToken: `00DSandbox!${key}.session`,
  salesforceRefreshToken: `5Aep.${key}.refresh`,
  hubspotToken: `pat-eu1-sandbox-${key}`,
});

/** Owners of the sandbox's records, in the order of `Person.owner`. */
export const STAFF: readonly StaffMember[] = [
  member('ana', 'Ana', 'Íñiguez', 'Support Agent', 'Standard User'),
  member('olena', 'Олена', 'Ковальчук', 'Sales Representative', 'Standard User'),
  member('jan', 'Jan', 'Łukasiewicz', 'Marketing Manager', 'Marketing User'),
  member('emma', 'Emma', "O'Brien", 'Privacy Officer', 'System Administrator'),
];
/** The password of every member of staff in OAuth's password flow. */
export const STAFF_PASSWORD = 'sandbox';
