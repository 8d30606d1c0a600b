import { membersOf } from './answers.ts';
import { claimDenied, writeDenial } from './denial.ts';
import { OFFICER, SALES } from './principals.ts';
import { COUNT, contactsFrom, send } from './requests.ts';
import { type Scene, writeHeading, writeParagraph, writeRequest } from './scene.ts';

/** Requests that `showAccess` makes. */
export const ACCESS_REQUESTS = 4;

const PAGE = 150;

/** Who somebody sees at all, and how many of them. */
export async function showAccess(scene: Scene): Promise<void> {
  const { stage, claims } = scene;
  const { proxyUrl, salesforce } = stage;
  writeHeading(scene, '6  Access: the records of a team, and not all of them at once');
  writeRequest(scene, COUNT, SALES);
  const [toSales, toOfficer] = await Promise.all([
    send(proxyUrl, SALES.key, COUNT),
    send(proxyUrl, OFFICER.key, COUNT),
  ]);
  const [ofTeam, ofAll] = [toSales, toOfficer].map((answer) => membersOf(answer)['totalSize']);
  writeParagraph(
    scene,
    `{"totalSize":${String(ofTeam)}, …}: her own contacts and those of her team, of ${String(ofAll)}. They are counted by the CRM.`,
  );
  scene.write('');
  writeRequest(scene, contactsFrom(0, PAGE), SALES);
  const first = await send(proxyUrl, SALES.key, contactsFrom(0, PAGE));
  const read = membersOf(first)['records'];
  const shown = Array.isArray(read) ? read.length : 0;
  writeParagraph(
    scene,
    `${first.status}, ${shown} contacts; and after the next ${PAGE} have been asked for:`,
  );
  const second = await send(proxyUrl, SALES.key, contactsFrom(PAGE, PAGE));
  writeDenial(scene, second);

  const contacts = salesforce.data.records('Contact');
  const team = [SALES.crmUserId, ...SALES.team];
  const owned = contacts.filter((record) => team.includes(String(record['OwnerId'])));
  claims.that('the sales representative counts the contacts of the team', ofTeam === owned.length);
  claims.that('the privacy officer counts all contacts', ofAll === contacts.length);
  claims.that('the team has not all contacts', owned.length < contacts.length);
  claims.that('what is within the budget is shown', shown === PAGE);
  claimDenied(scene, 'reading beyond the budget', second, ['200 records per hour', 'reps-read-little']);
}
