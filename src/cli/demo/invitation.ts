import { findContact, secretsOf } from './contact.ts';
import { deskLine, linkFor, lookUp, orderLink, restrict } from './desk.ts';
import { MARKETER, OFFICER, SALES, SUPPORT } from './principals.ts';
import {
  BULK_EXPORT,
  COUNT,
  CREATE,
  contactsFrom,
  curlLine,
  FILTER,
  findNewcomer,
  hubspotContact,
  LIST,
  mail,
  namesakes,
  PAST_THE_PROXY,
  salesforceContact,
} from './requests.ts';
import { officerToken, type Stage } from './stage.ts';

/** Lines that say what runs where and what to type: every command can be pasted, from the first to the last. */
export async function invitation(stage: Stage): Promise<string[]> {
  const { proxyUrl, adminUrl, config, salesforce, hubspot } = stage;
  const contact = findContact(stage);
  const inSalesforce = salesforceContact(contact);
  const { email } = secretsOf(contact);
  const link = await linkFor(stage, email);
  const privet = 'npx tsx src/main.ts';
  const commands: readonly (readonly [what: string, command: string])[] = [
    ['One contact as a support agent sees it', curlLine(proxyUrl, SUPPORT.key, inSalesforce)],
    ['... as a marketer sees it', curlLine(proxyUrl, MARKETER.key, inSalesforce)],
    ['... as the privacy officer sees it', curlLine(proxyUrl, OFFICER.key, inSalesforce)],
    [
      'The same person in HubSpot, as a support agent',
      curlLine(proxyUrl, SUPPORT.key, hubspotContact(contact)),
    ],
    [
      'A sales representative sees contacts of their own and of their team',
      curlLine(proxyUrl, SALES.key, LIST),
    ],
    ['... and counts only those', curlLine(proxyUrl, SALES.key, COUNT)],
    ['... but reads no more than 200 in an hour', curlLine(proxyUrl, SALES.key, contactsFrom(0, 201))],
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
      '... while the CRM itself holds tokens',
      `curl -s -H 'authorization: Bearer ${officerToken()}' "${salesforce.url}${PAST_THE_PROXY}"`,
    ],
    ['A marketer sees those who have agreed to it', curlLine(proxyUrl, MARKETER.key, namesakes(contact))],
    ['A link to unsubscribe, as a program requests it for a letter', deskLine(adminUrl, orderLink(email))],
    ['... opened, which changes nothing', `curl -s "${link}"`],
    ['... clicked in a mail program', `curl -s -d 'List-Unsubscribe=One-Click' "${link}"`],
    ['That person is gone from the list', curlLine(proxyUrl, MARKETER.key, namesakes(contact))],
    ['... and is not written to', curlLine(proxyUrl, MARKETER.key, mail([email]))],
    [
      'Processing of that person’s data is restricted',
      deskLine(adminUrl, restrict(email, new Date().toISOString())),
    ],
    ['... so a support agent no longer sees them', curlLine(proxyUrl, SUPPORT.key, inSalesforce)],
    ['... and the privacy officer still does', curlLine(proxyUrl, OFFICER.key, inSalesforce)],
    ['What is known of that person', deskLine(adminUrl, lookUp(email))],
    ['... and in words', `${privet} consent show --config ${config} ${email}`],
    [
      'What Privet counts',
      `curl -s ${adminUrl}/metrics | grep -E '^privet_(requests|transforms|unclassified|spool)'`,
    ],
    ['Follow the audit trail, until Ctrl-C', `${privet} audit tail --config ${config}`],
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
