import { claimDenied, writeDenial } from './denial.ts';
import { callDesk, linkFor, restrict } from './desk.ts';
import { type DemoPrincipal, MARKETER, OFFICER, SUPPORT } from './principals.ts';
import { type DemoAnswer, mail, namesakes, namesakesSoql, send } from './requests.ts';
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

/** What happens in the scene, in this order. */
interface Story {
  /** The e-mail address of the person who unsubscribes. */
  readonly leaver: string;
  /** The addresses of the others who have agreed to marketing. */
  readonly stayers: readonly string[];
  readonly all: Listed;
  readonly agreed: Listed;
  /** Status of the page of the unsubscribe link. */
  readonly page: number;
  /** Status of a mail to the leaver after the page was looked at. */
  readonly looked: number;
  /** Status of the click. */
  readonly click: number;
  readonly afterClick: Listed;
  /** The answer to a mail to everybody after the click. */
  readonly letter: DemoAnswer;
  /** How many mails that one sent. */
  readonly mails: number;
  /** After a restriction, as a support agent and as the privacy officer. */
  readonly restricted: Listed;
  readonly toOfficer: Listed;
}

/** One list before and after somebody unsubscribes, and after the processing of what is kept of them is restricted. */
export async function showConsent(scene: Scene): Promise<void> {
  const { contact, colours } = scene;
  writeHeading(scene, '7  Consent: a list for marketing, a click in a letter, a restriction');
  writeRequest(scene, namesakes(contact), MARKETER);
  writeParagraph(scene, namesakesSoql(contact));
  const story = await play(scene);
  writeLists(scene, story);
  writeParagraph(
    scene,
    'The click: one of them unsubscribes by the link in a letter, without a login. The letter: the same person asks for a restriction (GDPR Art. 18).',
    colours.dim,
  );
  scene.write('');
  writeParagraph(scene, `A mail to ${story.stayers.length + 1} people, one of whom has unsubscribed:`);
  writeDenial(scene, story.letter);
  claimConsent(scene, story);
}

async function play(scene: Scene): Promise<Story> {
  const { stage } = scene;
  const { proxyUrl, salesforce } = stage;
  const all = await list(scene, OFFICER);
  const agreed = await list(scene, MARKETER);
  const [leaver = '', ...stayers] = [...agreed.emails.values()].map(String);
  const link = await linkFor(stage, leaver);
  const page = await fetch(link);
  const looked = await send(proxyUrl, MARKETER.key, mail([leaver]));
  const oneClick = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const click = await fetch(link, { method: 'POST', body: oneClick });
  const afterClick = await list(scene, MARKETER);
  const sent = salesforce.outbox.length;
  const letter = await send(proxyUrl, MARKETER.key, mail([leaver, ...stayers]));
  const mails = salesforce.outbox.length - sent;
  await callDesk(stage, restrict(leaver, new Date().toISOString()));
  return {
    leaver,
    stayers,
    all,
    agreed,
    page: page.status,
    looked: looked.status,
    click: click.status,
    afterClick,
    letter,
    mails,
    restricted: await list(scene, SUPPORT),
    toOfficer: await list(scene, OFFICER),
  };
}

function writeLists(scene: Scene, { all, agreed, afterClick, restricted, toOfficer }: Story): void {
  const { colours } = scene;
  const lists: readonly (readonly [title: string, listed: Listed])[] = [
    [OFFICER.title, all],
    [MARKETER.title, agreed],
    [`${MARKETER.title}, after a click`, afterClick],
    [`${SUPPORT.title}, after a letter`, restricted],
    [`${OFFICER.title}, after it`, toOfficer],
  ];
  const headings = lists.map(([text]) => ({ text, paint: colours.bold }));
  const rows = [...all.emails].map(
    ([id, email]): Row => [
      { text: String(email).replace(/@.*/, ''), paint: colours.dim },
      ...lists.map(([, { emails }]) =>
        emails.has(id) ? { text: 'shown' } : { text: '—', paint: colours.yellow },
      ),
    ],
  );
  const totals = lists.map(([, { total }]) => ({
    text: typeof total === 'number' ? String(total) : 'withheld',
  }));
  writeTable(scene, [
    [{ text: '' }, ...headings],
    ...rows,
    [{ text: 'totalSize', paint: colours.dim }, ...totals],
  ]);
}

function claimConsent(scene: Scene, story: Story): void {
  const { claims, stage } = scene;
  const { leaver, stayers, all, agreed, afterClick, letter, restricted, toOfficer } = story;
  const contacts = stage.salesforce.data.records('Contact');
  const leaverId = contacts.find((record) => record['Email'] === leaver)?.['Id'];
  const optedOut = contacts.filter((record) => record['HasOptedOutOfEmail'] === true);
  const refusing = new Set(optedOut.map((record) => record['Id']));
  const willing = [...all.emails.keys()].filter((id) => !refusing.has(id));
  const without = (ids: Iterable<unknown>) => Array.from(ids).filter((id) => id !== leaverId);
  claims.that(
    'some have agreed to marketing and some have not',
    0 < willing.length && willing.length < all.emails.size,
  );
  claims.that('a list for marketing has those who have agreed', isSame([...agreed.emails.keys()], willing));
  claims.that('looking at the page of a link changes nothing', story.page === 200 && story.looked === 200);
  claims.that('one click is enough', story.click === 200);
  claims.that(
    'whoever unsubscribes is gone from the next list',
    isSame([...afterClick.emails.keys()], without(willing)),
  );
  claimDenied(scene, 'the mail', letter, [
    `1 of ${stayers.length + 1} recipients`,
    'marketing-needs-consent',
  ]);
  claims.that(
    'the denial of the mail names nobody',
    ![leaver, ...stayers].some((email) => letter.body.includes(email)),
  );
  claims.that('nothing was sent', story.mails === 0);
  claims.that(
    'whoever is restricted is hidden from the support agent',
    isSame([...restricted.emails.keys()], without(all.emails.keys())),
  );
  claims.that('the privacy officer sees them still', toOfficer.emails.has(leaverId));
  for (const [index, { emails, total }] of [all, agreed, afterClick, restricted, toOfficer].entries())
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
