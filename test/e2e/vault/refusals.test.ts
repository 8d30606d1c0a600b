import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VaultStats } from '../../../src/vault/upkeep/stats.ts';
import { freePort } from '../../fixtures/redis.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { privet } from '../command.ts';
import { openHouseWith, openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

const CONFIG = 'test/e2e/vault/config.yaml';
const UNISSUED = `pvt1_${'b'.repeat(26)}`;

/** What is left in the vault of values that the CRM has not taken. */
describe('a write that the CRM does not take, or not all of', () => {
  let premises: Premises;
  let number = 10_000_000;
  beforeAll(async () => {
    premises = await openPremises({ config: CONFIG, sandbox: { people: 5 } });
  });
  afterAll(() => premises.close());

  /** A national id that nobody has. */
  const fresh = (): string => `${number++}X`;
  const salesforce = () => salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer);
  const hubspot = () => hubspotClient(premises.hubspotProxy, PRINCIPALS.privacyOfficer).crm.contacts;
  const post = (path: string, body: unknown) =>
    send(premises.proxy, {
      method: 'POST',
      path,
      token: PRINCIPALS.privacyOfficer,
      body: JSON.stringify(body),
    });

  async function vault(...args: string[]) {
    const { exitCode, stdout } = await privet(
      ['vault', ...args, '--config', resolve(CONFIG)],
      premises.environment,
    );
    expect(exitCode).toBe(0);
    return stdout;
  }

  const stats = async () => JSON.parse(await vault('stats')) as VaultStats;

  /** What `write` has left once the CRM's answer has been heard: tokens given back, in doubt and standing, and people not known by their id. */
  async function expectLeft(
    write: () => Promise<unknown>,
    expected: { refused: number; standing: number; unbound?: number },
  ): Promise<void> {
    const before = await stats();
    await write();
    const left = async () => {
      const after = await stats();
      const refused = after.usesRefused - before.usesRefused;
      const pending = after.usesPending - before.usesPending;
      const standing = after.tokens - before.tokens - refused - pending;
      const unbound = after.provisionalUnbound - before.provisionalUnbound - refused - pending;
      return { refused, pending, standing, unbound };
    };
    await expect.poll(left).toEqual({ pending: 0, unbound: 0, ...expected });
  }

  it('keeps of a collection what was taken', async () => {
    const records = ['A', '', 'C'].map((LastName) => ({ LastName, NIF__c: fresh() }));
    await expectLeft(() => salesforce().sobject('Contact').create(records), { refused: 1, standing: 2 });
  });

  it('keeps of a batch what was taken', async () => {
    const inputs = ['one@example.com', 'no address', 'two@example.com'].map((email) => ({
      properties: { email, nif: fresh() },
      associations: [],
    }));
    await expectLeft(() => hubspot().batchApi.create({ inputs }), { refused: 1, standing: 2 });
  });

  it('keeps nothing where one value of many is refused before the CRM hears of it', async () => {
    const records = [fresh(), UNISSUED, fresh()].map((NIF__c) => ({
      attributes: { type: 'Contact' },
      LastName: 'B',
      NIF__c,
    }));
    const write = async () =>
      expect(await post('/services/data/v59.0/composite/sobjects', { records })).toMatchObject({
        status: 403,
      });
    await expectLeft(write, { refused: 2, standing: 0 });
  });

  it('keeps nothing of an upload that breaks off or is refused', async () => {
    const rows = (values: readonly string[]) =>
      ['LastName,NIF__c', ...values.map((value) => `Uploaded,${value}`), ''].join('\n');
    const job = JSON.parse(
      (await post('/services/data/v59.0/jobs/ingest', { object: 'Contact', operation: 'insert' })).text,
    ) as { id: string };
    const put = async (body: string, headers?: Readonly<Record<string, string>>) =>
      (
        await send(premises.proxy, {
          method: 'PUT',
          path: `/services/data/v59.0/jobs/ingest/${job.id}/batches`,
          token: PRINCIPALS.privacyOfficer,
          headers: { 'content-type': 'text/csv', ...headers },
          body,
        })
      ).status;
    const many = Array.from({ length: 3_000 }, fresh);
    const breakOff = async () => expect(await put(rows([...many, UNISSUED]))).toBe(403);
    await expectLeft(breakOff, { refused: 3_000, standing: 0 });
    const damaged = async () => expect(await put(rows([fresh()]), { 'content-encoding': 'gzip' })).toBe(400);
    await expectLeft(damaged, { refused: 0, standing: 0 });
    const upload = async () => expect(await put(rows([fresh()]))).toBe(201);
    await expectLeft(upload, { refused: 0, standing: 1, unbound: 1 });
    await send(premises.proxy, {
      method: 'PATCH',
      path: `/services/data/v59.0/jobs/ingest/${job.id}`,
      token: PRINCIPALS.privacyOfficer,
      body: JSON.stringify({ state: 'UploadComplete' }),
    });
    const again = async () => expect(await put(rows([fresh(), fresh()]))).toBe(400);
    await expectLeft(again, { refused: 2, standing: 0 });
  });

  it('reaches everybody in a batch that looks records up, each by itself', async () => {
    const people = ['first', 'second'].map((name) => ({ key: `${name} key`, nif: fresh() }));
    const inputs = people.map(({ key, nif }) => ({
      id: key,
      idProperty: 'external_id',
      properties: { nif },
    }));
    await expectLeft(() => hubspot().batchApi.upsert({ inputs }), { refused: 0, standing: 2 });
  });

  it('reaches everybody in a collection that is looked up by a key, and keeps nothing more when it is saved again', async () => {
    const records = ['first', 'second'].map((name) => ({
      attributes: { type: 'Contact' },
      ExternalId__c: `${name} of a collection`,
      LastName: name,
      NIF__c: fresh(),
    }));
    const path = '/services/data/v59.0/composite/sobjects/Contact/ExternalId__c';
    const token = PRINCIPALS.privacyOfficer;
    const upsert = async () => {
      const body = JSON.stringify({ records });
      expect((await send(premises.proxy, { method: 'PATCH', path, token, body })).status).toBe(200);
    };
    await expectLeft(upsert, { refused: 0, standing: 4 });
    await expectLeft(upsert, { refused: 0, standing: 0 });
  });

  it('keeps a token of which the CRM never said whether it has it, though it refuses the repeat', async () => {
    await premises.closeHouse();
    const answers = [
      (incoming: IncomingMessage) => incoming.socket.destroy(),
      (_: IncomingMessage, outgoing: ServerResponse) =>
        outgoing.writeHead(400, { 'content-type': 'application/json' }).end('[]'),
    ];
    const crm = createServer((incoming, outgoing) => {
      incoming.resume().on('end', () => answers.shift()?.(incoming, outgoing));
    });
    await once(crm.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
    const { proxy, closeHouse } = await openHouseWith(CONFIG, {
      ...premises.environment,
      SALESFORCE_URL: url,
    });
    const path = '/services/data/v59.0/sobjects/Contact/0035g0000000001AAA';
    const body = JSON.stringify({ NIF__c: fresh() });
    const before = await stats();
    for (const status of [502, 400]) {
      const write = { method: 'PATCH', path, token: PRINCIPALS.privacyOfficer, body };
      expect((await send(proxy, write)).status).toBe(status);
    }
    const left = async () => {
      const { usesPending, usesRefused } = await stats();
      return [usesPending - before.usesPending, usesRefused - before.usesRefused];
    };
    await closeHouse();
    crm.close();
    expect(answers).toEqual([]);
    expect(await left()).toEqual([1, 0]);
  });

  it('keeps nothing when the CRM is not there', async () => {
    await premises.closeHouse();
    const nobody = { SALESFORCE_URL: `http://127.0.0.1:${await freePort()}` };
    const { proxy, closeHouse } = await openHouseWith(CONFIG, { ...premises.environment, ...nobody });
    const body = JSON.stringify({ LastName: 'Away', NIF__c: fresh() });
    const path = '/services/data/v59.0/sobjects/Contact';
    const write = async () =>
      expect(
        await send(proxy, { method: 'POST', path, token: PRINCIPALS.privacyOfficer, body }),
      ).toMatchObject({
        status: 502,
      });
    await expectLeft(write, { refused: 1, standing: 0 });
    await closeHouse();
  });
});
