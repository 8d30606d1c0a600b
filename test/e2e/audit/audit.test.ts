import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { salesforceClient } from '../clients.ts';
import { privet } from '../command.ts';
import { eventsIn, eventsOf } from '../events.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS, REP, REP_SALESFORCE_ID } from '../principals.ts';
import { hubspotReads, salesforceReads } from '../reads.ts';
import { send } from '../wire.ts';

const CONFIG = 'test/e2e/company/config.yaml';
const PEOPLE = 50;
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({ config: CONFIG, sandbox: { people: PEOPLE, pageSize: 20, canary: 6 } });
});

afterAll(() => premises.close());

const query = (soql: string) => `/services/data/v59.0/query?q=${encodeURIComponent(soql)}`;

async function ask(path: string, who: keyof typeof PRINCIPALS, origin = premises.proxy) {
  const answer = await send(origin, { path, token: PRINCIPALS[who] });
  const [decision, completion] = await eventsOf(premises.redis.client, answer.headers['x-privet-request-id']);
  return { answer, decision, completion };
}

describe('the events of a request', () => {
  it('say who did what, and what came of it', async () => {
    const { answer, decision, completion } = await ask(
      query('SELECT Id, Email, Phone, NIF__c FROM Contact'),
      'support',
    );
    const common = {
      request: { method: 'GET', route: 'query', upstream: 'sales' },
      principal: { id: 'ana', roles: ['support'], purposes: ['support'], via: 'jwt' },
      operation: { kind: 'read', objects: ['Contact'] },
      decision: 'allow',
      mode: 'enforce',
      policySet: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(decision).toMatchObject({ ...common, phase: 'decision' });
    expect(decision.policies).toContain('support-sees-no-contact-details');
    expect(decision).not.toHaveProperty('response');
    const page = premises.salesforce.data.people.slice(0, 20);
    const held = (name: 'email' | 'phone' | 'nationalId') =>
      page.filter((person) => person[name] !== null).length;
    expect(completion).toMatchObject({
      ...common,
      phase: 'completion',
      records: { seen: 20, omitted: 0 },
      upstream: { status: 200 },
      response: { status: 200, bytes: answer.coded.length },
      outcome: 'complete',
    });
    const policies = ['support-sees-no-contact-details'];
    expect([...completion.fields!].sort((a, b) => a.field.localeCompare(b.field))).toEqual([
      { object: 'Contact', field: 'Email', treatment: 'mask', count: held('email'), policies },
      // A member that is taken out is counted whatever stood in it.
      { object: 'Contact', field: 'NIF__c', treatment: 'remove', count: 20, policies },
      { object: 'Contact', field: 'Phone', treatment: 'mask', count: held('phone'), policies },
    ]);
    expect(new Set(completion.dataSubjects).size).toBe(20);
  });

  it('name a data subject alike in every read, and otherwise in nothing', async () => {
    const id = String(premises.salesforce.data.records('Contact')[0]!['Id']);
    const one = await ask(`/services/data/v59.0/sobjects/Contact/${id}`, 'support');
    const other = await ask(query(`SELECT Id FROM Contact WHERE Id = '${id}'`), 'privacyOfficer');
    expect(one.completion.dataSubjects).toHaveLength(1);
    expect(other.completion.dataSubjects).toEqual(one.completion.dataSubjects);
    expect(JSON.stringify([one.completion, other.completion])).not.toContain(id);
  });

  it('count the records of the privacy officer, from whom nothing is kept', async () => {
    const { completion } = await ask(query('SELECT Id, Email FROM Contact'), 'privacyOfficer');
    expect(completion).toMatchObject({ records: { seen: 20, omitted: 0 }, fields: [] });
    expect(completion.dataSubjects).toHaveLength(20);
  });

  it('count what was left out', async () => {
    const path = '/crm/v3/objects/contacts?limit=100&properties=lastname';
    const { completion } = await ask(path, 'hubspotRep', premises.hubspotProxy);
    const own = premises.hubspot.data.people.filter(({ owner }) => owner === REP).length;
    // Those who are shown count against the reading budget of the example's representatives.
    expect(completion.records).toEqual({ seen: PEOPLE, omitted: PEOPLE - own, counted: own });
    expect(completion.dataSubjects).toHaveLength(own);
  });

  it('say why it was denied, and that the CRM never heard of it', async () => {
    const { answer, decision, completion } = await ask(query('SELECT MAX(Phone) FROM Contact'), 'support');
    expect(answer.status).toBe(403);
    expect(decision).toMatchObject({
      decision: 'deny',
      policies: expect.arrayContaining(['support-sees-no-contact-details']),
      reason: expect.stringContaining('Phone'),
    });
    expect(completion).toMatchObject({
      decision: 'deny',
      response: { status: 403, bytes: answer.coded.length },
    });
    expect(completion).not.toHaveProperty('upstream');
  });

  it('are complete where a record that was read may not be shown', async () => {
    const other = premises.salesforce.data
      .records('Contact')
      .find(({ OwnerId }) => OwnerId !== REP_SALESFORCE_ID);
    const { answer, completion } = await ask(
      `/services/data/v59.0/sobjects/Contact/${other?.['Id']}`,
      'salesforceRep',
    );
    expect(completion).toMatchObject({
      decision: 'deny',
      records: { seen: 1, omitted: 1 },
      upstream: { status: 200 },
      response: { status: 403, bytes: answer.coded.length },
      outcome: 'complete',
    });
  });

  it('are there of strangers and of malformed requests', async () => {
    const stranger = await send(premises.proxy, { path: query('SELECT Id FROM Contact') });
    const malformed = await send(premises.proxy, { path: '/services//data', token: PRINCIPALS.support });
    const [decision] = await eventsOf(premises.redis.client, stranger.headers['x-privet-request-id']);
    expect(stranger.status).toBe(403);
    expect(decision).toMatchObject({ decision: 'deny', policies: ['posture.unidentified'] });
    expect(decision).not.toHaveProperty('principal');
    const [refused] = await eventsOf(premises.redis.client, malformed.headers['x-privet-request-id']);
    expect(refused).toMatchObject({ decision: 'deny', operation: { kind: 'unknown' } });
  });

  it('say that the CRM is away', async () => {
    premises.salesforce.faults.cut = 'before-headers';
    const { answer, completion } = await ask(query('SELECT Id FROM Contact'), 'support');
    expect(answer.status).toBe(502);
    expect(completion).toMatchObject({ outcome: 'failed', response: { status: 502 } });
    premises.salesforce.faults.cut = 'none';
  });

  it('say that an answer broke off', async () => {
    premises.salesforce.faults.cut = 'mid-body';
    const path = query('SELECT Id, Email, Phone, Description FROM Contact');
    // As long as nothing has left yet, the client hears of it.
    const outcome = send(premises.proxy, { path, token: PRINCIPALS.support }).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([502, 'cut off']).toContain(await outcome);
    premises.salesforce.faults.cut = 'none';
    await ask(query('SELECT Id FROM Contact'), 'support');
    const events = await eventsIn(premises.redis.client);
    expect(events.filter(({ outcome }) => outcome === 'failed')).not.toEqual([]);
  });
});

describe('the trail', () => {
  it('holds two events of every request, in an unbroken chain', async () => {
    for (const path of salesforceReads(premises)) await ask(path, 'support');
    for (const path of hubspotReads(premises)) await ask(path, 'marketing', premises.hubspotProxy);
    await salesforceClient(premises.proxy, PRINCIPALS.marketing).query('SELECT Email FROM Contact');
    await premises.closeHouse();

    const events = await eventsIn(premises.redis.client);
    const phases = Map.groupBy(
      events.filter(({ phase }) => phase !== 'login'),
      ({ request }) => request?.id,
    );
    for (const [id, ofRequest] of phases) {
      expect([id, ofRequest.map(({ phase }) => phase)]).toEqual([id, ['decision', 'completion']]);
    }
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const verified = await privet(['audit', 'verify', '--config', resolve(CONFIG)], premises.environment);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('the chain holds') });
  });

  it('holds no personal value', async () => {
    const text = JSON.stringify(await eventsIn(premises.redis.client));
    const { people } = premises.salesforce.data;
    const values = people.flatMap(({ email, mobile, iban, nationalId, street }) => [
      email,
      mobile,
      iban,
      nationalId,
      JSON.stringify(street).slice(1, -1),
    ]);
    const personal = [...values, ...Object.values(CANARIES)].filter((value) => value !== null);
    expect(personal.filter((value) => holds(text, value))).toEqual([]);
  });

  it('shows where it was tampered with', async () => {
    const [first] = await premises.redis.client.xrange('privet:audit', '-', '+', 'COUNT', 1);
    await premises.redis.client.xdel('privet:audit', first![0]);
    const verified = await privet(['audit', 'verify', '--config', resolve(CONFIG)], premises.environment);
    expect(verified.stderr).toBe('');
    expect(verified).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('the chain is broken') });
  });
});

/** Five digits stand within a hash or a duration now and then. */
function holds(text: string, value: string): boolean {
  return /^\d{1,5}$/.test(value)
    ? new RegExp(`(?<![\\w.-])${value}(?![\\w.-])`).test(text)
    : text.includes(value);
}
