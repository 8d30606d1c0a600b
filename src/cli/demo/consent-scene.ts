import { claimDenied, writeDenial } from './denial.ts';
import { callDesk, linkFor, restrict } from './desk.ts';
import { type DemoPrincipal, MARKETER, OFFICER, SUPPORT } from './principals.ts';
import { mail, namesakes, namesakesSoql, send } from './requests.ts';
import { type Scene, writeHeading, writeParagraph, writeRequest, writeTable } from './scene.ts';
import type { Row } from './table.ts';

/** Requests that `showConsent` makes of the CRM. */
export const CONSENT_REQUESTS = 7;
/** What it has people say. */
export const CONSENT_CHANGES = 2;

/** Who is in an answer, and how many the CRM's total says. */
interface Listed {
  readonly emails: ReadonlyMap<unknown, unknown>;
  readonly total: unknown;
}

/** One list before and after somebody unsubscribes, and after the processing of what is kept of them is restricted. */
export async function showConsent(scene: Scene): Promise<void> {
  const { stage, contact, claims, colours } = scene;
  const { proxyUrl, salesforce } = stage;
  writeHeading(scene, '7  Consent: a list for marketing, a click in a letter, a restriction');
  writeRequest(scene, namesakes(contact), MARKETER);
  writeParagraph(scene, namesakesSoql(contact));
  const all = await list(scene, OFFICER);
  const agreed = await list(scene, MARKETER);
  const [leaver = '', ...stayers] = [...agreed.emails.values()].map(String);
  const isLeaver = (record: Readonly<Record<string, unknown>>) => record['Email'] === leaver;
  const leaverId = salesforce.data.records('Contact').find(isLeaver)?.['Id'];

  const link = await linkFor(stage, leaver);
  const page = await fetch(link);
  const looked = await send(proxyUrl, MARKETER.key, mail([leaver]));
  const click = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  const afterClick = await list(scene, MARKETER);
  const sent = salesforce.outbox.length;
  const letter = await send(proxyUrl, MARKETER.key, mail([leaver, ...stayers]));
  await callDesk(stage, restrict(leaver, new Date().toISOString()));
  const restricted = await list(scene, SUPPORT);
  const toOfficer = await list(scene, OFFICER);

  const lists = [all, agreed, afterClick, restricted, toOfficer];
  const titles = [OFFICER.title, MARKETER.title, `${MARKETER.title}, after a click`];
  const afterwards = [`${SUPPORT.title}, after a letter`, `${OFFICER.title}, after it`];
  const rows = [...all.emails].map(
    ([id, email]): Row => [
      { text: String(email).replace(/@.*/, ''), paint: colours.dim },
      ...lists.map(({ emails }) =>
        emails.has(id) ? { text: 'shown' } : { text: '—', paint: colours.yellow },
      ),
    ],
  );
  const totals: Row = [
    { text: 'totalSize', paint: colours.dim },
    ...lists.map(({ total }) => ({ text: typeof total === 'number' ? String(total) : 'withheld' })),
  ];
  const headings = [...titles, ...afterwards].map((text) => ({ text, paint: colours.bold }));
  writeTable(scene, [[{ text: '' }, ...headings], ...rows, totals]);
  writeParagraph(
    scene,
    'The click: one of them unsubscribes by the link in a letter, without a login. The letter: the same person asks for a restriction (GDPR Art. 18).',
    colours.dim,
  );
  scene.write('');
  writeParagraph(scene, `A mail to ${stayers.length + 1} people, one of whom has unsubscribed:`);
  writeDenial(scene, letter);

  const optedOut = salesforce.data
    .records('Contact')
    .filter((record) => record['HasOptedOutOfEmail'] === true);
  const refusing = new Set(optedOut.map((record) => record['Id']));
  const willing = [...all.emails.keys()].filter((id) => !refusing.has(id));
  claims.that(
    'some have agreed to marketing and some have not',
    0 < willing.length && willing.length < all.emails.size,
  );
  claims.that('a list for marketing has those who have agreed', isSame([...agreed.emails.keys()], willing));
  claims.that('looking at the page of a link changes nothing', page.status === 200 && looked.status === 200);
  claims.that('one click is enough', click.status === 200);
  const others = willing.filter((id) => id !== leaverId);
  claims.that(
    'whoever unsubscribes is gone from the next list',
    isSame([...afterClick.emails.keys()], others),
  );
  claimDenied(scene, 'the mail', letter, [
    `1 of ${stayers.length + 1} recipients`,
    'marketing-needs-consent',
  ]);
  claims.that(
    'the denial of the mail names nobody',
    ![leaver, ...stayers].some((email) => letter.body.includes(email)),
  );
  claims.that('nothing was sent', salesforce.outbox.length === sent);
  const rest = [...all.emails.keys()].filter((id) => id !== leaverId);
  claims.that(
    'whoever is restricted is hidden from the support agent',
    isSame([...restricted.emails.keys()], rest),
  );
  claims.that('the privacy officer sees them still', toOfficer.emails.has(leaverId));
  for (const [index, { emails, total }] of lists.entries())
    claims.that(`total ${index + 1} is right or withheld`, (total ?? emails.size) === emails.size);
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}

async function list({ stage, contact }: Scene, { key }: DemoPrincipal): Promise<Listed> {
  const { body } = await send(stage.proxyUrl, key, namesakes(contact));
  const { records = [], totalSize } = JSON.parse(body) as {
    readonly records?: readonly { readonly Id: unknown; readonly Email: unknown }[];
    readonly totalSize?: unknown;
  };
  return { emails: new Map(records.map(({ Id, Email }) => [Id, Email])), total: totalSize };
}
