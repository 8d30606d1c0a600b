import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES, STAFF } from '../../../src/sandbox/sandbox.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send, type WireAnswer } from '../wire.ts';
import type { Attack } from './attack.ts';
import { EMAIL_ORACLES, hubspotAttacks } from './hubspot-attacks.ts';
import { type KnownToAttacker, salesforceAttacks } from './salesforce-attacks.ts';
import { HIDDEN_FROM, leaksIn } from './secrets.ts';

/** Has a lead, a case and a task beside the contact; index of a person that somebody other than the representative looks after. */
const CANARY = 30;
const V = '/services/data/v59.0';
const EMMA = STAFF.find(({ key }) => key === 'emma')!;

let premises: Premises;
let known: KnownToAttacker;
let hubspotContact: string;

const idOf = (record: Readonly<Record<string, unknown>> | undefined, name: string) => String(record?.[name]);

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 60, pageSize: 20, canary: CANARY },
  });
  const { salesforce, hubspot, proxy } = premises;
  const contact = salesforce.data.records('Contact')[CANARY];
  hubspotContact = idOf(hubspot.data.records('contacts')[CANARY], 'id');
  const direct = { token: EMMA.salesforceToken };
  const page = `${V}/query?q=SELECT+Id,Email,Phone,NIF__c,IBAN__c+FROM+Contact+ORDER+BY+ExternalId__c`;
  const soql = { operation: 'query', query: 'SELECT Id, Email, Phone, NIF__c, IBAN__c FROM Contact' };
  const job = { method: 'POST', path: `${V}/jobs/query`, body: JSON.stringify(soql) };
  const [nativePage, strangersPage, nativeJob, strangersJob, reports] = await Promise.all([
    send(salesforce.url, { ...direct, path: page }),
    send(proxy, { token: PRINCIPALS.otherSupport, path: page }),
    send(salesforce.url, { ...direct, ...job }),
    send(proxy, { ...job, token: PRINCIPALS.exportOfficer }),
    send(salesforce.url, { ...direct, path: `${V}/analytics/reports` }),
  ]);
  const json = ({ text }: WireAnswer) => JSON.parse(text) as Record<string, string>;
  known = {
    contactId: idOf(contact, 'Id'),
    accountId: idOf(contact, 'AccountId'),
    reportId: (JSON.parse(reports.text) as { id: string }[])[0]!.id,
    fileId: idOf(salesforce.data.records('ContentVersion')[CANARY], 'Id'),
    nativeLocator: json(nativePage)['nextRecordsUrl']!.split('/').at(-1)!,
    nativeJobId: json(nativeJob)['id']!,
    strangersNextUrl: json(strangersPage)['nextRecordsUrl']!,
    strangersJobId: json(strangersJob)['id']!,
  };
});

afterAll(() => premises.close());

const salesforce = () => ({
  origin: premises.proxy,
  crm: premises.salesforce,
  attacks: salesforceAttacks(known),
});
const hubspot = () => ({
  origin: premises.hubspotProxy,
  crm: premises.hubspot,
  attacks: hubspotAttacks(hubspotContact),
});
const CRMS = [
  ['Salesforce', salesforce],
  ['HubSpot', hubspot],
] as const;

/** Everything of an answer that travels. */
const bytesOf = ({ headers, coded, text }: WireAnswer): string =>
  `${JSON.stringify(headers)}\n${coded.toString('latin1')}\n${text}`;

/** What is wrong with the answer to an attack; undefined: nothing. */
async function outcome(
  attack: Attack,
  origin: string,
  token: string,
  hidden: readonly (keyof typeof CANARIES)[],
): Promise<{ readonly answer: WireAnswer; readonly wrong: string | undefined }> {
  const answer = await send(origin, { ...attack.request, token });
  const sent = `${attack.request.path}${String(attack.request.body ?? '')}`;
  const leaks = leaksIn(bytesOf(answer), hidden).filter((name) => !sent.includes(CANARIES[name]));
  return { answer, wrong: leaks.length === 0 ? undefined : `${attack.name}: ${leaks.join(', ')}` };
}

describe.each(CRMS)('%s', (_, target) => {
  it('tells the privacy officer, so that there is something to find', async () => {
    const { origin, attacks } = target();
    const found = new Set<string>();
    for (const { request } of attacks.filter(({ ends }) => ends === 'treated')) {
      const answer = await send(origin, { ...request, token: PRINCIPALS.privacyOfficer });
      for (const name of leaksIn(bytesOf(answer), HIDDEN_FROM.rep)) found.add(name);
    }
    expect([...found].sort()).toEqual(Object.keys(CANARIES).sort());
  });

  it.each(['support', 'marketing', 'exportOfficer'] as const)(
    'tells %s nothing by any way round',
    async (who) => {
      const { origin, attacks } = target();
      const wrong: string[] = [];
      for (const attack of attacks) {
        const { wrong: leak } = await outcome(attack, origin, PRINCIPALS[who], HIDDEN_FROM[who]);
        if (leak !== undefined) wrong.push(leak);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('ends each way round as it should for support', async () => {
    const { origin, attacks, crm } = target();
    const wrong: string[] = [];
    for (const attack of [...attacks, ...(target === hubspot ? EMAIL_ORACLES : [])]) {
      const before = crm.requests.length;
      const { answer } = await outcome(attack, origin, PRINCIPALS.support, []);
      const heard = crm.requests.length > before;
      const { status } = answer;
      const isRight =
        attack.ends === 'denied'
          ? status === 403 && !heard
          : attack.ends === 'refused'
            ? status >= 400 && status < 500 && !heard
            : heard && status !== 403 && status < 500;
      if (!isRight)
        wrong.push(`${attack.name}: ${status} ${heard ? 'heard' : 'not heard'} ${answer.text.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a representative who does not look after the person', () => {
  /** Cases, tasks and tickets carry copies, and no policy keeps representatives from those. */
  const COPIES = /copies in other objects|notes of a task|ticket|note$/;

  it.each(CRMS)('learns nothing of them from %s', async (_, target) => {
    const { origin, attacks } = target();
    const token = target === hubspot ? PRINCIPALS.hubspotRep : PRINCIPALS.salesforceRep;
    const wrong: string[] = [];
    for (const attack of attacks.filter(({ name }) => !COPIES.test(name))) {
      const { wrong: leak } = await outcome(attack, origin, token, HIDDEN_FROM.rep);
      if (leak !== undefined) wrong.push(leak);
    }
    expect(wrong).toEqual([]);
  });
});

describe('what Privet itself writes down', () => {
  const everything = Object.keys(CANARIES) as (keyof typeof CANARIES)[];

  it('holds nothing of the person: log, metrics, stream and store', async () => {
    const metrics = await send(premises.admin, { path: '/metrics' });
    await premises.closeHouse();
    const stream = JSON.stringify(await premises.redis.client.xrange('privet:audit', '-', '+'));
    const kept = readdirSync(join(premises.directory, 'store'), { recursive: true, withFileTypes: true });
    const store = kept
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'));
    expect(stream.length).toBeGreaterThan(100_000);
    expect(premises.log().length).toBeGreaterThan(10_000);
    for (const written of [metrics.text, premises.log(), stream, ...store]) {
      expect(leaksIn(written, everything)).toEqual([]);
      expect(written).not.toContain(PRINCIPALS.support);
      expect(written).not.toContain(EMMA.salesforceToken);
      expect(written).not.toContain(EMMA.hubspotToken);
    }
  });
});
