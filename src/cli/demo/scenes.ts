import { ACCESS_REQUESTS } from './access-scene.ts';
import { holds, type Members, membersOf } from './answers.ts';
import { CONSENT_CHANGES, CONSENT_REQUESTS } from './consent-scene.ts';
import { HUBSPOT_PROPERTIES, SALESFORCE_FIELDS, secretsOf } from './contact.ts';
import { claimDenied, writeDenial } from './denial.ts';
import { MARKETER, OFFICER, SUPPORT } from './principals.ts';
import {
  BULK_EXPORT,
  type DemoAnswer,
  FILTER,
  FILTER_SOQL,
  hubspotContact,
  NEWCOMER,
  salesforceContact,
  send,
} from './requests.ts';
import { type Scene, writeHeading, writeParagraph, writeRequest, writeTable } from './scene.ts';
import type { Cell, Row } from './table.ts';
import { eventText, readTrail } from './trail.ts';
import { VAULT_REQUESTS } from './vault-scene.ts';

/** The same request as three people. */
export async function showOneContact(scene: Scene): Promise<void> {
  const { stage, contact, claims, colours } = scene;
  const request = salesforceContact(contact);
  const viewers = [SUPPORT, MARKETER, OFFICER];
  writeHeading(scene, '1  One contact, one request, three people');
  writeRequest(scene, request);
  const ask = ({ key }: (typeof viewers)[number]) => send(stage.proxyUrl, key, request);
  const [bySupport, byMarketer, byOfficer] = await Promise.all([ask(SUPPORT), ask(MARKETER), ask(OFFICER)]);
  const columns = [bySupport, byMarketer, byOfficer].map((answer) => membersOf(answer));
  const truth = membersOf(byOfficer);
  const titles = viewers.map(({ title }): Cell => ({ text: title, paint: colours.bold }));
  const rows = SALESFORCE_FIELDS.map(
    (field): Row => [
      { text: field, paint: colours.dim },
      ...columns.map((members) => valueCell(scene, members, truth, field)),
    ],
  );
  writeTable(scene, [[{ text: '' }, ...titles], ...rows]);
  writeParagraph(scene, '— : the field is not in the answer at all.', colours.dim);

  const { email, ...others } = secretsOf(contact);
  claimSeen(scene, OFFICER.title, byOfficer, { email, ...others });
  claimSeen(scene, MARKETER.title, byMarketer, { email });
  claimHidden(scene, MARKETER.title, byMarketer, others);
  claimHidden(scene, SUPPORT.title, bySupport, { email, ...others });
  claims.that('the support agent sees who it is', holds(bySupport, contact.person.lastName));
}

/** A denial in the CRM's own error shape. */
export async function showBlockedExport(scene: Scene): Promise<void> {
  writeHeading(scene, '2  A bulk export, blocked in the words of the policy and the shape of the CRM');
  writeRequest(scene, BULK_EXPORT, MARKETER);
  const answer = await send(scene.stage.proxyUrl, MARKETER.key, BULK_EXPORT);
  writeDenial(scene, answer);
  claimDenied(scene, 'the export', answer, ['no-bulk-export']);
}

/** A hidden field is not an oracle. */
export async function showRefusedFilter(scene: Scene): Promise<void> {
  writeHeading(scene, '3  A filter on a hidden field: guessing is not allowed either');
  writeRequest(scene, FILTER, SUPPORT);
  writeParagraph(scene, FILTER_SOQL);
  const answer = await send(scene.stage.proxyUrl, SUPPORT.key, FILTER);
  writeDenial(scene, answer);
  claimDenied(scene, 'the filter', answer, ['Email', 'support-sees-no-contact-details']);
}

/** The same policies on the other CRM. */
export async function showHubspot(scene: Scene): Promise<void> {
  const { stage, contact, colours, claims } = scene;
  const request = hubspotContact(contact);
  writeHeading(scene, '4  The same person in HubSpot: the same policies, other names');
  writeRequest(scene, request, SUPPORT);
  const [shown, truth] = await Promise.all([
    send(stage.proxyUrl, SUPPORT.key, request),
    send(stage.proxyUrl, OFFICER.key, request),
  ]);
  const members = membersOf(shown, 'properties');
  const known = membersOf(truth, 'properties');
  const rows = HUBSPOT_PROPERTIES.map(
    (name): Row => [{ text: name, paint: colours.dim }, valueCell(scene, members, known, name)],
  );
  writeTable(scene, rows);
  claims.that('the support agent sees who it is in HubSpot', holds(shown, contact.person.lastName));
  claimHidden(scene, `${SUPPORT.title} in HubSpot`, shown, secretsOf(contact));
}

/** The audit trail of all this, and its proof. Closes the proxy, so that everything is on disk. */
export async function showTrail(scene: Scene): Promise<void> {
  const { stage, claims, contact, colours } = scene;
  writeHeading(scene, '8  What the audit trail says');
  await stage.closeProxy();
  const { events, verification } = await readTrail(stage.config);
  const ofRequests = events.filter(({ request }) => request !== undefined);
  const completions = events.filter(({ phase }) => phase === 'completion');
  const said = events.filter(({ phase }) => phase === 'consent');
  for (const event of events.filter(({ phase }) => phase === 'completion' || phase === 'consent')) {
    const { what, why } = eventText(event);
    writeParagraph(scene, what, event.decision === 'deny' ? colours.red : undefined);
    writeParagraph(scene, why, colours.dim, 4);
  }
  scene.write('');
  const [chain] = verification.instances;
  writeParagraph(
    scene,
    `${events.length} events, two a request (the decision before the first byte, the completion after the last), one a login and one for whatever somebody says of consent. Chain of hashes verified: ${chain?.events ?? 0} events, ${verification.ok ? 'ok' : 'BROKEN'}. No value of a record is in it.`,
    colours.green,
  );
  claims.that('the chain of the audit trail holds', verification.ok && chain?.events === events.length);
  claims.that('every request has its two events', ofRequests.length === 2 * completions.length);
  claims.that('every request is on record', completions.length === REQUESTS_SENT);
  claims.that('every change of consent is on record', said.length === CONSENT_CHANGES);
  for (const reason of OMISSIONS) {
    const isSaid = completions.some(({ omissions = [] }) => omissions.some((one) => one.reason === reason));
    claims.that(`the audit trail says of records left out: ${reason}`, isSaid);
  }
  const text = { status: 200, body: JSON.stringify(events) };
  const { NIF__c, IBAN__c } = NEWCOMER;
  claimHidden(scene, 'audit trail', text, { ...secretsOf(contact), NIF__c, IBAN__c });
}

/** Why records were left out in the tour, as the audit trail has it. */
const OMISSIONS = [
  'marketing.email: refused in the CRM',
  'marketing.email: withdrawn',
  'processing restricted',
];

/** Three for the contact, the export, the filter, two in HubSpot, and what the other scenes make. */
const REQUESTS_SENT = 7 + VAULT_REQUESTS + ACCESS_REQUESTS + CONSENT_REQUESTS;

function valueCell({ colours }: Scene, members: Members, truth: Members, name: string): Cell {
  if (!(name in members)) return { text: '—', paint: colours.yellow };
  const value = members[name];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return value === truth[name] ? { text } : { text, paint: colours.yellow };
}

function claimSeen(
  { claims }: Scene,
  who: string,
  answer: DemoAnswer,
  values: Readonly<Record<string, string>>,
) {
  for (const [name, value] of Object.entries(values))
    claims.that(`the ${who} sees ${name}`, holds(answer, value));
}

function claimHidden(
  { claims }: Scene,
  who: string,
  answer: DemoAnswer,
  values: Readonly<Record<string, string>>,
) {
  claims.that(`the ${who} has an answer`, answer.status === 200);
  for (const [name, value] of Object.entries(values))
    claims.that(`the ${who} does not show ${name}`, value !== '' && !holds(answer, value));
}
