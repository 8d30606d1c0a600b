import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../../src/sandbox/sandbox.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { hubspotReads, salesforceReads } from '../reads.ts';
import { send, type WireAnswer } from '../wire.ts';

const EMMA = STAFF.find(({ key }) => key === 'emma')!;
const CODINGS = ['identity', 'gzip', 'br', 'deflate'] as const;

let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 60, pageSize: 2_000, canary: 5 },
  });
});

afterAll(() => premises.close());

/** Headers that a proxy may not touch. */
const kept = ({ headers }: WireAnswer) =>
  ['content-type', 'content-encoding', 'etag', 'last-modified', 'sforce-locator', 'location'].map((name) => [
    name,
    headers[name],
  ]);

describe.each(CODINGS)('the privacy officer, in %s', (coding) => {
  const headers = { 'accept-encoding': coding };

  it('gets every byte of Salesforce', async () => {
    for (const path of salesforceReads(premises)) {
      const [direct, through] = [
        await send(premises.salesforce.url, { path, headers, token: EMMA.salesforceToken }),
        await send(premises.proxy, { path, headers, token: PRINCIPALS.privacyOfficer }),
      ];
      expect(through.coded.equals(direct.coded), path).toBe(true);
      expect([path, through.status, kept(through)]).toEqual([path, direct.status, kept(direct)]);
      expect(direct.coded.length).toBeGreaterThan(0);
    }
  });

  it('gets every byte of HubSpot, but for the origin of links', async () => {
    for (const path of hubspotReads(premises)) {
      const [direct, through] = [
        await send(premises.hubspot.url, { path, headers, token: EMMA.hubspotToken }),
        await send(premises.hubspotProxy, { path, headers, token: PRINCIPALS.privacyOfficer }),
      ];
      expect(through.text, path).toBe(direct.text.replaceAll(premises.hubspot.url, premises.hubspotProxy));
      expect([path, through.status, kept(through)]).toEqual([path, direct.status, kept(direct)]);
    }
  });

  it('gets every byte of a bulk query', async () => {
    const body = JSON.stringify({ operation: 'query', query: 'SELECT Id, Email, IBAN__c FROM Contact' });
    const create = { method: 'POST', path: '/services/data/v59.0/jobs/query', body };
    const { text } = await send(premises.proxy, { ...create, token: PRINCIPALS.privacyOfficer });
    const path = `${create.path}/${(JSON.parse(text) as { id: string }).id}`;
    await send(premises.proxy, { path, token: PRINCIPALS.privacyOfficer });
    const [direct, through] = [
      await send(premises.salesforce.url, { path: `${path}/results`, headers, token: EMMA.salesforceToken }),
      await send(premises.proxy, { path: `${path}/results`, headers, token: PRINCIPALS.privacyOfficer }),
    ];
    expect(through.coded.equals(direct.coded)).toBe(true);
    expect(through.text.split('\n').length).toBeGreaterThan(60);
  });
});

describe('a view', () => {
  const path = () =>
    `/services/data/v59.0/sobjects/Contact/${String(premises.salesforce.data.records('Contact')[0]!['Id'])}`;

  it('has an entity tag of its own, which matches for nobody else', async () => {
    const tags = await Promise.all(
      (['privacyOfficer', 'support', 'marketing', 'otherSupport'] as const).map(async (who) => {
        const { headers } = await send(premises.proxy, { path: path(), token: PRINCIPALS[who] });
        return [who, headers.etag!] as const;
      }),
    );
    expect(new Set(tags.map(([, tag]) => tag)).size).toBe(3);
    for (const [who] of tags) {
      for (const [owner, tag] of tags) {
        const { status } = await send(premises.proxy, {
          path: path(),
          token: PRINCIPALS[who],
          headers: { 'if-none-match': tag },
        });
        const own = tags.find(([name]) => name === who)![1];
        expect([who, owner, status]).toEqual([who, owner, tag === own ? 304 : 200]);
      }
    }
  });

  it('may not be kept for others', async () => {
    const { headers } = await send(premises.proxy, { path: path(), token: PRINCIPALS.support });
    expect(headers['cache-control']).toContain('private');
    expect(headers.vary?.toLowerCase()).toContain('authorization');
    expect(
      headers['content-md5'] ?? headers['accept-ranges'] ?? headers['last-modified-since'],
    ).toBeUndefined();
  });

  it.each(['gzip', 'br', 'deflate'])('is the same in %s as in clear', async (coding) => {
    for (const read of salesforceReads(premises).slice(0, 4)) {
      const clear = await send(premises.proxy, { path: read, token: PRINCIPALS.support });
      const coded = await send(premises.proxy, {
        path: read,
        token: PRINCIPALS.support,
        headers: { 'accept-encoding': coding },
      });
      expect(coded.headers['content-encoding']).toBe(coding);
      expect(coded.text).toBe(clear.text);
    }
  });
});
