import { holds, membersOf } from './answers.ts';
import { OFFICER, SUPPORT } from './principals.ts';
import { CREATE, findNewcomer, NEWCOMER, type Newcomer, newcomer, send } from './requests.ts';
import { type Scene, writeHeading, writeParagraph, writeRequest, writeTable } from './scene.ts';
import type { Row } from './table.ts';

/** Requests that `showVault` makes. */
export const VAULT_REQUESTS = 4;

const FIELDS = ['LastName', 'NIF__c', 'IBAN__c'] as const satisfies (keyof Newcomer)[];

/** What the CRM keeps of values that never reach it, beside what people see. */
export async function showVault(scene: Scene): Promise<void> {
  const { stage, claims, colours } = scene;
  const { proxyUrl, salesforce } = stage;
  writeHeading(scene, '5  A new contact, whose national id and bank account never reach the CRM');
  writeRequest(scene, CREATE, OFFICER);
  const created = membersOf(await send(proxyUrl, OFFICER.key, CREATE));
  const id = String(created['id']);
  const request = newcomer(id);
  const [byOfficer, bySupport, found] = await Promise.all([
    send(proxyUrl, OFFICER.key, request),
    send(proxyUrl, SUPPORT.key, request),
    send(proxyUrl, OFFICER.key, findNewcomer('Id')),
  ]);
  const kept = salesforce.data.records('Contact').find((record) => record['Id'] === id) ?? {};
  const [officerSees, supportSees] = [membersOf(byOfficer), membersOf(bySupport)];
  const cell = (value: unknown) => ({ text: typeof value === 'string' ? value : '—' });
  const rows = FIELDS.map(
    (field): Row => [
      { text: field, paint: colours.dim },
      { ...cell(kept[field]), ...(kept[field] === NEWCOMER[field] ? {} : { paint: colours.yellow }) },
      cell(supportSees[field]),
      cell(officerSees[field]),
    ],
  );
  const titles = ['the CRM holds', `the ${SUPPORT.title} sees`, `the ${OFFICER.title} sees`];
  writeTable(scene, [[{ text: '' }, ...titles.map((text) => ({ text, paint: colours.bold }))], ...rows]);
  writeParagraph(
    scene,
    'Equal values have equal tokens: the contact is found by the id that the CRM does not know.',
    colours.dim,
  );

  claims.that('the contact was created', created['success'] === true);
  const all = salesforce.data.text();
  for (const field of ['NIF__c', 'IBAN__c'] as const) {
    claims.that(`the CRM holds no ${field}`, !all.includes(NEWCOMER[field]));
    claims.that(`the CRM holds something in place of ${field}`, typeof kept[field] === 'string');
    claims.that(`the privacy officer sees ${field}`, officerSees[field] === NEWCOMER[field]);
    claims.that(`the support agent does not see ${field}`, !holds(bySupport, NEWCOMER[field]));
  }
  claims.that('the support agent sees who it is', supportSees['LastName'] === NEWCOMER.LastName);
  claims.that('the contact is found by the national id', holds(found, id));
}
