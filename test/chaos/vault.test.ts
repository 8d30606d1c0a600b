import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../src/vault/keys/keyring.ts';
import { until } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { attempt, type Load, load } from './load.ts';
import { type Premises, type PrivetProcess, premises } from './premises.ts';
import { asOfficer } from './salesforce.ts';

const TOKEN = /^pvt1_[a-z2-7]{26}$/;
const API = '/services/data/v59.0';

/** A national id that only one record has. */
const idOf = (index: number): string => `${String(index).padStart(8, '0')}-chaos`;

describe.each([['the embedded store'], ['Redis']])('kill -9 while tokens are written to %s', (where) => {
  let crm: Sandbox;
  let redis: ThrowawayRedis;
  let house: Premises;

  beforeEach(async () => {
    crm = await startSandbox({ crm: 'salesforce', people: 5 });
    redis = await startRedis({ persistent: true });
    house = await premises(crm.url, {
      policies: { path: './policies', include: ['packs/salesforce', 'packs/hubspot', 'packs/vault'] },
      store: where === 'Redis' ? { embedded: './data', redis: redis.url } : { embedded: './data' },
      keys: { ring: './keys/ring.json', kek: { file: './keys/kek' } },
    });
    mkdirSync(join(house.directory, 'data'));
    createKekFile(join(house.directory, 'keys', 'kek'));
    const wrapper = localKeyWrapper({ file: join(house.directory, 'keys', 'kek') });
    await createKeyring({ ring: join(house.directory, 'keys', 'ring.json'), wrapper });
  });
  afterEach(async () => {
    await house.close();
    await redis.stop();
    await crm.close();
  });

  let begun = 0;
  const acknowledged = new Map<string, number>();

  async function create(options: Parameters<typeof attempt>[1]): ReturnType<typeof attempt> {
    begun += 1;
    const index = begun;
    const body = JSON.stringify({ LastName: `Chaos ${index}`, NIF__c: idOf(index) });
    const headers = { 'content-type': 'application/json' };
    const answer = await attempt(
      `${house.url}${API}/sobjects/Contact`,
      asOfficer({ ...options, method: 'POST', headers, body }),
    );
    if (answer.status === 201 && answer.isWhole) {
      acknowledged.set((JSON.parse(answer.body) as { id: string }).id, index);
    }
    return answer;
  }

  async function endAll(privet: PrivetProcess, traffic: Load): Promise<void> {
    // With Redis its server dies too: what it has acknowledged is on its disk.
    if (where === 'Redis') await redis.kill();
    privet.kill('SIGKILL');
    await privet.exited;
    await traffic.stop();
    if (where === 'Redis') await redis.restart();
  }

  it('leaves every record of the CRM with a token that reads as it was written', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const privet = await house.start();
      const before = acknowledged.size;
      const traffic = load(8, 400, (agent) => create({ agent }));
      await until(() => acknowledged.size > before + 60, 'records are created');
      await endAll(privet, traffic);
    }
    const stored = crm.data
      .records('Contact')
      .filter((record) => String(record['LastName']).startsWith('Chaos'));
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged.size);
    for (const record of stored) expect(record['NIF__c']).toMatch(TOKEN);
    expect(crm.data.text()).not.toContain('-chaos');

    const privet = await house.start();
    const soql = "SELECT Id, LastName, NIF__c FROM Contact WHERE LastName LIKE 'Chaos %' LIMIT 2000";
    const { body } = await attempt(`${house.url}${API}/query?q=${encodeURIComponent(soql)}`, asOfficer());
    const { records } = JSON.parse(body) as { records: { Id: string; LastName: string; NIF__c: string }[] };
    expect(records).toHaveLength(stored.length);
    for (const { LastName, NIF__c } of records) {
      expect(NIF__c).toBe(idOf(Number(LastName.replace('Chaos ', ''))));
    }
    const read = new Set(records.map(({ Id }) => Id));
    expect([...acknowledged.keys()].filter((id) => !read.has(id))).toEqual([]);
    privet.kill('SIGTERM');
    await privet.exited;
    expect(await house.run(['vault', 'verify', '--config', house.configFile])).toMatchObject({ code: 0 });
  });
});
