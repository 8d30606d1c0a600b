import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsIn } from '../events.ts';
import { mintToken } from '../principals.ts';
import { send } from '../wire.ts';
import {
  closeCompany,
  denied,
  hubspotId,
  indexesOf,
  openCompany,
  people,
  premises,
  read,
  salesforceId,
} from './company.ts';

beforeAll(openCompany);
afterAll(closeCompany);

describe('what ends by itself', () => {
  const withKey = (key: string) =>
    send(premises.proxy, {
      path: `/services/data/v59.0/sobjects/Contact/${salesforceId(0)}?fields=Email`,
      headers: { 'x-privet-key': key },
    });

  it('holds until its end: a key, and an exception', async () => {
    const answer = await withKey('auditor-key');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      expect.objectContaining({ Email: people[0]?.email }),
    ]);
  });

  it('is over from then on: a key opens nothing, an exception excepts nobody', async () => {
    expect((await withKey('former-key')).status).toBe(403);
    const seen = await read(await mintToken('guest', { groups: ['auditor'] }), 0, ['Email'], ['email']);
    expect([seen.salesforce['Email'], seen.hubspot['email']]).toEqual([undefined, undefined]);
  });

  it('is told of beforehand and afterwards: in the audit trail once, in the log and in the metrics', async () => {
    const redis = new Redis(premises.redis.url);
    const told = async () =>
      (await eventsIn(redis)).flatMap(({ phase, reason = '' }) => (phase === 'policy' ? [reason] : []));
    await expect.poll(told).toHaveLength(3);
    expect((await told()).toSorted()).toEqual([
      'the exception for ids guest from policy "auditors-see-no-mail" has ended at 2026-01-31T17:00:00.000Z',
      expect.stringMatching(/^the key of "auditor" ends at /),
      'the key of "former-auditor" has ended at 2026-02-01T00:00:00.000Z',
    ]);
    redis.disconnect();
    expect(premises.log()).toContain('the key of \\"auditor\\" ends at ');
    const metrics = await (await fetch(`${premises.admin}/metrics`)).text();
    expect(metrics).toMatch(/^privet_grants_ending 1$/m);
    expect(metrics).toMatch(/^privet_grants_over 2$/m);
  });
});

describe('step-up', () => {
  const lead = (claims: Readonly<Record<string, unknown>>) =>
    mintToken('lea', { groups: ['support-lead'], region: 'EU', ...claims });

  it('hides fields from whoever has logged in with a password alone', async () => {
    const [index = 0] = indexesOf(({ notes }) => notes !== '');
    const weak = await read(await lead({ amr: ['pwd'] }), index, ['Description'], ['message']);
    expect([weak.salesforce['Description'], weak.hubspot['message']]).toEqual(['[redacted]', '[redacted]']);
    const strong = await read(await lead({ amr: ['pwd', 'mfa'] }), index, ['Description'], ['message']);
    const { notes } = people[index] ?? {};
    expect([strong.salesforce['Description'], strong.hubspot['message']]).toEqual([notes, notes]);
  });

  it('leaves records out for a login that is too weak, and says of a single one what to do', async () => {
    const clerk = (acr: string) => mintToken('kai', { groups: ['clerk'], level: 'strict', acr });
    const weak = salesforceClient(premises.proxy, await clerk('urn:acme:loa:1'));
    const strong = salesforceClient(premises.proxy, await clerk('urn:acme:loa:2'));
    const soql = 'SELECT Id FROM Lead';
    expect(await weak.query(soql)).toMatchObject({ totalSize: null, records: [] });
    await expect(weak.query('SELECT COUNT() FROM Lead')).rejects.toMatchObject(
      denied('leads-need-a-better-login').salesforce,
    );
    const { records, totalSize } = await strong.query<{ Id: string }>(soql);
    expect(totalSize).toBe(premises.salesforce.data.records('Lead').length);
    await expect(weak.sobject('Lead').retrieve(String(records[0]?.Id))).rejects.toMatchObject({
      message: expect.stringContaining('This needs a stronger login (acr urn:acme:loa:2).'),
    });
  });

  it('denies what needs it, saying what to do, and lets it through after that', async () => {
    const destroy = async (token: string) => {
      const index = people.length - 1;
      const contacts = salesforceClient(premises.proxy, token).sobject('Contact');
      const { basicApi } = hubspotClient(premises.hubspotProxy, token).crm.contacts;
      return Promise.allSettled([contacts.destroy(salesforceId(index)), basicApi.archive(hubspotId(index))]);
    };
    const { salesforce, hubspot } = denied('Log in again with a second factor');
    expect(await destroy(await lead({ amr: ['pwd'] }))).toMatchObject([
      { reason: salesforce },
      { reason: hubspot },
    ]);
    expect(await destroy(await lead({}))).toMatchObject([{ reason: salesforce }, { reason: hubspot }]);
    const done = await destroy(await lead({ amr: ['mfa'] }));
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });
});
