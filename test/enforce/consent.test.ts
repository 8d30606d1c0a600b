import { describe, expect, it } from 'vitest';
import { PrivetError } from '../../src/errors.ts';
import type { ConsentState } from '../../src/model/consent.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { contact, ID, PEOPLE_MAPS, page, said } from './people.ts';
import { type RegistryFixture, registryOf } from './registry.ts';

const OMITS = `
policy: marketing-needs-consent
for: { roles: [marketing] }
require: { consent: marketing.email, otherwise: omit-record }
`;

const who = { roles: ['marketing'] };

const QUERY: Scene = {
  policies: OMITS,
  maps: PEOPLE_MAPS,
  who,
  request: `GET ${V59}/query?q=SELECT+Id,Email,Phone,HasOptedOutOfEmail+FROM+Contact`,
};

async function shownIds(consent: RegistryFixture, records: readonly unknown[], over: Partial<Scene> = {}) {
  const { answerAfterLookUps } = await play({ ...QUERY, consent, ...over });
  const { json, discharged } = await answerAfterLookUps(page(records));
  const { records: shown, totalSize } = json() as { records: { Id: string }[]; totalSize: number | null };
  return { ids: shown.map(({ Id }) => Id), totalSize, tally: discharged.tally.report() };
}

describe('a record is shown only with consent', () => {
  it.each<[string, ConsentState | undefined, boolean | null, boolean]>([
    ['granted', 'granted', null, true],
    ['withdrawn', 'withdrawn', null, false],
    ['objected', 'objected', null, false],
    ['nothing on record', undefined, null, false],
    ['granted, but the record itself says no', 'granted', true, false],
    ['nothing on record, but the record itself says yes', undefined, false, true],
    ['withdrawn after the record said yes', 'withdrawn', false, false],
    ['objected to, whatever the record says', 'objected', false, false],
  ])('%s', async (_, state, flag, isShown) => {
    const consent = registryOf(state === undefined ? [] : [said(1, state)]);
    const { ids } = await shownIds(consent, [contact(1, { HasOptedOutOfEmail: flag })]);
    expect(ids).toEqual(isShown ? [ID(1)] : []);
  });

  it('as it stands whenever the page is read again', async () => {
    const all = [said(1, 'granted'), said(2, 'granted')];
    const { answerAfterLookUps } = await play({ ...QUERY, consent: registryOf(all) });
    const shown = async () => {
      const { json, discharged } = await answerAfterLookUps(page([contact(1), contact(2)]));
      const { records } = json() as { records: { Id: string }[] };
      return { ids: records.map(({ Id }) => Id), people: discharged.tally.report().dataSubjects };
    };
    const first = await shown();
    expect(first.ids).toEqual([ID(1), ID(2)]);
    expect(new Set(first.people).size).toBe(2);
    expect(await shown()).toEqual(first);
    all[1] = said(2, 'withdrawn');
    expect(await shown()).toEqual({ ids: [ID(1)], people: first.people.slice(0, 1) });
  });

  it('known by e-mail address or telephone number as well', async () => {
    const consent = registryOf([
      { who: { email: 'p1@example.com' }, consent: { 'marketing.email': 'granted' } },
      { who: { phone: '+34 600' }, consent: { 'marketing.email': 'granted' } },
      { who: { email: 'p3@example.com' }, consent: { 'marketing.email': 'withdrawn' } },
      said(3, 'granted'),
    ]);
    const { ids } = await shownIds(consent, [contact(1), contact(2, { Phone: '+34 600' }), contact(3)]);
    expect(ids).toEqual([ID(1), ID(2)]);
  });

  it('unknown counts as yes where the policy says so, but a person who cannot be told does not', async () => {
    const policies = OMITS.replace('omit-record', 'omit-record, unknown: allow');
    const { Email: _, ...untold } = contact(2);
    const { ids, tally } = await shownIds(registryOf([]), [contact(1), untold], { policies });
    expect(ids).toEqual([ID(1)]);
    expect(tally.omissions).toEqual([
      {
        object: 'Contact',
        policy: 'marketing-needs-consent',
        reason: 'marketing.email: cannot be told',
        count: 1,
      },
    ]);
  });

  it('and the audit says why not, how often', async () => {
    const consent = registryOf([said(1, 'withdrawn'), said(2, 'withdrawn'), said(3, 'objected')]);
    const records = [1, 2, 3, 4].map((index) => contact(index));
    const { tally } = await shownIds(consent, [...records, contact(5, { HasOptedOutOfEmail: true })]);
    expect(tally.records).toEqual({ seen: 5, omitted: 5 });
    expect(tally.omissions.map(({ reason, count }) => [reason, count])).toEqual([
      ['marketing.email: withdrawn', 2],
      ['marketing.email: objected', 1],
      ['marketing.email: unknown', 1],
      ['marketing.email: refused in the CRM', 1],
    ]);
  });

  it('is asked of the registry once for a whole page', async () => {
    const consent = registryOf([]);
    await shownIds(
      consent,
      Array.from({ length: 2_000 }, (_, index) => contact(index)),
    );
    expect(consent.asked.map((people) => people.length)).toEqual([2_000]);
  });

  it('is refused where the registry is away', async () => {
    const consent = registryOf([]);
    consent.failWith(new Error('connection lost'));
    const shown = shownIds(consent, [contact(1)]);
    await expect(shown).rejects.toThrow(PrivetError);
    await expect(shown).rejects.toMatchObject({ code: 'CONSENT_UNAVAILABLE' });
  });
});

describe('what a decision needs', () => {
  it('is added to the query and taken out of the answer', async () => {
    const request = `GET ${V59}/query?q=SELECT+LastName+FROM+Contact`;
    const consent = registryOf([said(1, 'granted')]);
    const { target, answerAfterLookUps } = await play({ ...QUERY, request, consent });
    expect(target).toContain('SELECT LastName, Id, Email, Phone, HasOptedOutOfEmail FROM Contact');
    const { json } = await answerAfterLookUps(page([contact(1, { LastName: 'Ruiz' }), contact(2)]));
    expect(json()).toEqual({
      totalSize: 1,
      done: true,
      records: [{ attributes: contact(1).attributes, LastName: 'Ruiz' }],
    });
  });

  it('reaches related records: a parent without consent is empty, the record around it stays', async () => {
    const request = `GET ${V59}/query?q=SELECT+Id,Contact.LastName+FROM+Case`;
    const { target, answerAfterLookUps } = await play({
      ...QUERY,
      request,
      consent: registryOf([said(1, 'granted')]),
    });
    expect(target).toContain('Contact.Id, Contact.Email, Contact.Phone, Contact.HasOptedOutOfEmail');
    const around = (index: number) => ({
      attributes: { type: 'Case', url: `${V59}/sobjects/Case/500${index}` },
      Id: `500${index}`,
      Contact: contact(index, { LastName: 'Ruiz' }),
    });
    const { json } = await answerAfterLookUps(page([around(1), around(2)]));
    expect(json()).toMatchObject({
      records: [
        { Id: '5001', Contact: { LastName: 'Ruiz' } },
        { Id: '5002', Contact: null },
      ],
    });
  });
});

describe('records about nobody', () => {
  const account = (over: object) => ({
    attributes: { type: 'Account', url: `${V59}/sobjects/Account/001` },
    ...over,
  });
  const shownWith = async (over: Partial<Scene>, fields: object) => {
    const { answerAfterLookUps } = await play({
      ...QUERY,
      consent: registryOf([said(1, 'granted')]),
      ...over,
    });
    const records = [contact(1, { Account: account(fields) }), contact(2, { Account: account(fields) })];
    const { json, discharged } = await answerAfterLookUps(page(records));
    const shown = json() as { totalSize: number; records: { Account: object }[] };
    const { seen, omitted } = discharged.tally.report().records;
    const names = shown.records.map(({ Account }) => Object.values(Account).at(-1));
    return { totalSize: shown.totalSize, names, seen, omitted };
  };

  it('stay with those around them, and are counted', async () => {
    const shown = { totalSize: 1, names: ['Acme'], seen: 4, omitted: 1 };
    expect(await shownWith({}, { Name: 'Acme' })).toEqual(shown);
  });

  it('are looked into where they hold JSON', async () => {
    const policies = `${OMITS}---\npolicy: masked\nshow: { Email: { mask: email } }\n`;
    const { names } = await shownWith({ policies }, { Name: JSON.stringify({ Email: 'ana@acme.example' }) });
    expect(names).toEqual([JSON.stringify({ Email: 'a***@acme.example' })]);
  });

  it('have their fields treated where a policy says so', async () => {
    const policies = `${OMITS}---\npolicy: masked\nshow: { Website: redact }\n`;
    const maps = PEOPLE_MAPS.replace('Name: none', 'Name: none, Website: contact.social');
    const { names } = await shownWith({ policies, maps }, { Website: 'acme.example' });
    expect(names).toEqual(['[redacted]']);
  });
});

describe('counts', () => {
  const consent = registryOf([said(1, 'granted')]);
  const records = [contact(1), contact(2)];

  it('are right where the whole answer was read before its first byte leaves', async () => {
    expect((await shownIds(consent, records)).totalSize).toBe(1);
  });

  it.each([
    ['there are further pages', { totalSize: 5, done: false, nextRecordsUrl: '/x', records }],
    ['a record stands before its count', { records, totalSize: 2, done: true }],
  ])('are withheld where %s', async (_, body) => {
    const { answerAfterLookUps } = await play({ ...QUERY, consent });
    expect((await answerAfterLookUps(body)).json()).toMatchObject({ totalSize: null });
  });
});

describe('without consent', () => {
  it('fields are treated instead, and the audit says why', async () => {
    const policies = `
policy: contact-details-need-consent
for: { roles: [marketing] }
require: { consent: marketing.email, otherwise: { contact.email: { mask: email }, contact.phone: remove } }
`;
    const consent = registryOf([said(1, 'granted'), said(2, 'withdrawn')]);
    const { answerAfterLookUps } = await play({ ...QUERY, policies, consent });
    const records = [1, 2].map((index) => contact(index, { Phone: '+34 600' }));
    const { json, discharged } = await answerAfterLookUps(page(records));
    const { records: shown, totalSize } = json() as { records: object[]; totalSize: number };
    expect(totalSize).toBe(2);
    expect(shown[0]).toEqual(records[0]);
    expect(shown[1]).toMatchObject({ Email: 'p***@example.com' });
    expect(shown[1]).not.toHaveProperty('Phone');
    const report = discharged.tally.report();
    expect(report.unmet).toEqual([
      {
        object: 'Contact',
        policy: 'contact-details-need-consent',
        reason: 'marketing.email: withdrawn',
        count: 1,
      },
    ]);
    expect(report.fields).toContainEqual({
      object: 'Contact',
      field: 'Email',
      treatment: 'mask',
      count: 1,
      policies: ['contact-details-need-consent'],
    });
  });

  it('the whole answer is refused instead, naming nobody', async () => {
    const policies = OMITS.replace('omit-record', 'deny');
    const consent = registryOf([said(1, 'granted')]);
    const { answerAfterLookUps } = await play({ ...QUERY, policies, consent });
    await expect(answerAfterLookUps(page([contact(1), contact(2)]))).rejects.toMatchObject({
      denial: {
        policy: 'marketing-needs-consent',
        message: 'Not everybody in this answer is known to have agreed to marketing.email.',
      },
    });
    expect((await answerAfterLookUps(page([contact(1)]))).json()).toMatchObject({ totalSize: 1 });
  });

  it.each([
    ['omit-record', true],
    ['{ Email: remove }', true],
    ['deny', false],
  ])('otherwise: %s; records leave as they are decided on: %s', async (otherwise, leavesAtOnce) => {
    const policies = OMITS.replace('omit-record', otherwise);
    const { answerAfterLookUps } = await play({ ...QUERY, policies, consent: registryOf([]) });
    const { discharged } = await answerAfterLookUps(page([]));
    expect(discharged.plan).toMatchObject({ gather: { leavesAtOnce } });
  });

  it.each([
    ['counts', 'SELECT COUNT() FROM Contact'],
    ['groups', 'SELECT COUNT(Id),LastName FROM Contact GROUP BY LastName'],
    ['other records by them', 'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)'],
  ])('%s are refused, as for rows', async (_, soql) => {
    const request = `GET ${V59}/query?q=${soql.replaceAll(' ', '+')}`;
    const denial = await refusalOf({ ...QUERY, request, consent: registryOf([]) });
    expect(denial.policy).toBe('marketing-needs-consent');
  });
});
