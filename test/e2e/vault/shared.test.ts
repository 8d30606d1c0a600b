import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../../src/vault/keys/keyring.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { privet } from '../command.ts';
import { type OpenHouse, openHouseWith, openSurroundings, type Surroundings } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';

const CONFIG = 'test/e2e/vault/redis.yaml';
const TOKEN = /^pvt1_[a-z2-7]{26}$/;
const NIF = CANARIES.nationalId;

/** Two instances, each with an audit trail of its own, over one vault in Redis. */
describe('two Privets that share a vault', () => {
  let redis: ThrowawayRedis;
  let keys: string;
  let around: Surroundings;
  let environments: Record<string, string>[];
  let houses: OpenHouse[];

  beforeAll(async () => {
    redis = await startRedis({ persistent: true });
    keys = mkdtempSync(join(tmpdir(), 'privet-keys-'));
    const kek = join(keys, 'kek');
    createKekFile(kek);
    await createKeyring({ ring: join(keys, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
    around = await openSurroundings({
      sandbox: { people: 20 },
      environment: { VAULT_REDIS: redis.url, KEYS: keys },
    });
    environments = ['one', 'two'].map((name) => {
      const data = join(around.directory, name);
      mkdirSync(join(data, 'store'), { recursive: true });
      cpSync(join(around.directory, 'jwks.json'), join(data, 'jwks.json'));
      return { ...around.environment, DATA: data };
    });
    houses = await Promise.all(environments.map((environment) => openHouseWith(CONFIG, environment)));
  });

  afterAll(async () => {
    await Promise.all(houses.map(({ closeHouse }) => closeHouse()));
    await around.close();
    await redis.stop();
    rmSync(keys, { recursive: true });
  });

  const contacts = (house: number) =>
    salesforceClient(houses[house]?.proxy ?? '', PRINCIPALS.privacyOfficer).sobject('Contact');
  const stored = (id: string) =>
    around.salesforce.data.records('Contact').find((record) => record['Id'] === id);

  it('give one token to a value that both are sent at once, in both CRMs', async () => {
    const properties = { email: 'shared@example.com', nif: NIF };
    const hubspot = hubspotClient(houses[1]?.hubspotProxy ?? '', PRINCIPALS.privacyOfficer).crm.contacts;
    const [created, inHubspot] = await Promise.all([
      Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          contacts(index % 2).create({ LastName: `Shared ${index}`, NIF__c: NIF }),
        ),
      ),
      hubspot.basicApi.create({ properties, associations: [] }),
    ]);
    const kept = around.hubspot.data.records('contacts').find(({ id }) => id === inHubspot.id)?.[
      'properties'
    ];
    const tokens = new Set([
      ...created.map(({ id }) => stored(String(id))?.['NIF__c']),
      (kept as Record<string, unknown>)['nif'],
    ]);
    expect([...tokens]).toEqual([expect.stringMatching(TOKEN)]);
  });

  it('each read and find what the other has written', async () => {
    const value = '99999999R';
    const { id } = await contacts(0).create({ LastName: 'Written by one', NIF__c: value });
    const record = await contacts(1).retrieve(String(id), { fields: ['NIF__c'] });
    expect(record['NIF__c']).toBe(value);
    const found = await contacts(1).find({ NIF__c: value }, ['Id']);
    expect(found).toMatchObject([{ Id: id }]);
    await contacts(1).update({ Id: String(id), NIF__c: '88888888Y' });
    expect(await contacts(0).find({ NIF__c: '88888888Y' }, ['Id'])).toMatchObject([{ Id: id }]);
    expect(await contacts(0).find({ NIF__c: value }, ['Id'])).toEqual([]);
  });

  it('lose the values of who is erased while they run, of nobody else, and no event of their audit trails', async () => {
    const value = '77777777B';
    const [gone, stays] = await Promise.all([
      contacts(0).create({ LastName: 'Gone', NIF__c: value, IBAN__c: CANARIES.iban }),
      contacts(1).create({ LastName: 'Stays', NIF__c: '66666666Q' }),
    ]);
    const read = async (house: number, id: unknown) =>
      (await contacts(house).retrieve(String(id), { fields: ['Id', 'NIF__c'] }))['NIF__c'];
    expect(await read(1, gone.id)).toBe(value);
    const erase = ['vault', 'erase', '--upstream', 'sales', '--object', 'Contact', '--id', String(gone.id)];
    const config = ['--config', resolve(CONFIG)];
    const erased = await privet([...erase, ...config], environments[0]);
    expect(erased).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('2 tokens cannot be read') });
    for (const house of [0, 1]) {
      expect(await read(house, gone.id)).toMatch(TOKEN);
      expect(await read(house, stays.id)).toBe('66666666Q');
    }
    expect(await contacts(0).find({ NIF__c: value }, ['Id'])).toEqual([]);
    await Promise.all(houses.map(({ closeHouse }) => closeHouse()));
    for (const environment of environments) {
      const verified = await privet(['audit', 'verify', ...config], environment);
      expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('the chain holds') });
    }
    const whole = await privet(['vault', 'verify', ...config], environments[1]);
    expect(whole).toMatchObject({ exitCode: 0 });
  });
});
