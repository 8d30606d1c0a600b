import { findContact } from './contact.ts';
import { MARKETER, OFFICER, SALES, SUPPORT } from './principals.ts';
import {
  BULK_EXPORT,
  CREATE,
  curlLine,
  FILTER,
  findNewcomer,
  hubspotContact,
  LIST,
  PAST_THE_PROXY,
  salesforceContact,
} from './requests.ts';
import { officerToken, type Stage } from './stage.ts';

/** Lines that say what runs where and what to type: every command can be pasted. */
export function invitation(stage: Stage): string[] {
  const { proxyUrl, adminUrl, config, salesforce, hubspot } = stage;
  const contact = findContact(stage);
  const inSalesforce = salesforceContact(contact);
  const privet = 'npx tsx src/main.ts';
  const commands: readonly (readonly [what: string, command: string])[] = [
    ['One contact as a support agent sees it', curlLine(proxyUrl, SUPPORT.key, inSalesforce)],
    ['... as a marketer sees it', curlLine(proxyUrl, MARKETER.key, inSalesforce)],
    ['... as the privacy officer sees it', curlLine(proxyUrl, OFFICER.key, inSalesforce)],
    [
      'The same person in HubSpot, as a support agent',
      curlLine(proxyUrl, SUPPORT.key, hubspotContact(contact)),
    ],
    ['A sales representative sees their own contacts only', curlLine(proxyUrl, SALES.key, LIST)],
    ['A bulk export is blocked', curlLine(proxyUrl, MARKETER.key, BULK_EXPORT)],
    ['A filter on a hidden field is refused', curlLine(proxyUrl, SUPPORT.key, FILTER)],
    [
      'A new contact, whose national id and bank account never reach the CRM',
      curlLine(proxyUrl, OFFICER.key, CREATE),
    ],
    [
      '... is found by its national id',
      curlLine(proxyUrl, OFFICER.key, findNewcomer('LastName,NIF__c,IBAN__c')),
    ],
    [
      '... of which the CRM itself holds tokens',
      `curl -s -H 'authorization: Bearer ${officerToken()}' "${salesforce.url}${PAST_THE_PROXY}"`,
    ],
    [
      'What Privet counts',
      `curl -s ${adminUrl}/metrics | grep -E '^privet_(requests|transforms|unclassified|spool)'`,
    ],
    ['Follow the audit trail', `${privet} audit tail --config ${config}`],
    ['Verify its chain', `${privet} audit verify --config ${config}`],
  ];
  return [
    `Privet         ${proxyUrl}   (/sf leads to Salesforce, /hs to HubSpot)`,
    `admin          ${adminUrl}   (/readyz, /metrics)`,
    `sandbox CRMs   ${salesforce.url} (Salesforce), ${hubspot.url} (HubSpot): invented people only`,
    `configuration  ${config}`,
    '',
    ...commands.flatMap(([what, command]) => [`# ${what}`, command, '']),
    'Ctrl-C ends it and removes everything.',
  ];
}
