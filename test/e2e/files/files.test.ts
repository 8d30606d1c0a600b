import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS, REP_SALESFORCE_ID } from '../principals.ts';
import { send, type WireAnswer } from '../wire.ts';

const V = '/services/data/v59.0';
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({ config: 'test/e2e/files/config.yaml', sandbox: { people: 24, seed: 3 } });
});

afterAll(() => premises.close());

type Stored = Readonly<Record<string, unknown>>;
const versions = (): readonly Stored[] => premises.salesforce.data.records('ContentVersion');
const versionOf = (category: string): Stored | undefined =>
  versions().find((one) => one['Category__c'] === category);
const fetchOf = (path: string, token: string, headers: Record<string, string> = {}): Promise<WireAnswer> =>
  send(premises.proxy, { path, token, headers });
const bytesPath = (version: Stored | undefined): string =>
  `${V}/sobjects/ContentVersion/${String(version?.['Id'])}/VersionData`;
const bytesOf = (version: Stored | undefined): Buffer =>
  Buffer.from(String(version?.['VersionData']), 'base64');

describe('a file of Salesforce', () => {
  it.each(['contract', 'photo', 'letter'])(
    'passes byte for byte when it may be seen: a %s',
    async (category) => {
      const version = versionOf(category);
      const answer = await fetchOf(bytesPath(version), PRINCIPALS.support);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(bytesOf(version))).toBe(true);
    },
  );

  it('is refused by what its record says of its kind', async () => {
    const heard = premises.salesforce.requests.length;
    const answer = await fetchOf(bytesPath(versionOf('medical')), PRINCIPALS.support);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('medical-files-are-hidden');
    expect(premises.salesforce.requests.slice(heard).map(({ url }) => url)).not.toContainEqual(
      expect.stringContaining('VersionData'),
    );
    expect((await fetchOf(bytesPath(versionOf('medical')), PRINCIPALS.privacyOfficer)).status).toBe(200);
  });

  it.each([
    [
      'another spelling of the path',
      (id: string) => `/Services/Data/V59.0/SObjects/contentversion/${id}/versiondata`,
    ],
    ['a short id', (id: string) => `${V}/sobjects/ContentVersion/${id.slice(0, 15)}/VersionData`],
    ['an encoded letter', (id: string) => `${V}/sobjects/ContentVersion/${id}/%56ersionData`],
    [
      'another version of the API',
      (id: string) => `/services/data/v60.0/sobjects/ContentVersion/${id}/VersionData`,
    ],
    [
      'the document',
      (id: string) => `${V}/sobjects/ContentDocument/${id}/LatestPublishedVersion/VersionData`,
    ],
    ['a composite', (id: string) => `${V}/composite/sobjects/ContentVersion/${id}/VersionData`],
  ])('stays refused by %s', async (_, path) => {
    const id = String(versionOf('medical')?.['Id']);
    expect((await fetchOf(path(id), PRINCIPALS.support)).status).toBe(403);
    expect(
      (await send(premises.proxy, { method: 'HEAD', path: path(id), token: PRINCIPALS.support })).status,
    ).toBe(403);
  });

  it('does not become another by what is written into its record, for those from whom its kind hides it', async () => {
    const { Id: id } = versionOf('medical') ?? {};
    const recast = (token: string) =>
      salesforceClient(premises.proxy, token)
        .sobject('ContentVersion')
        .update({ Id: String(id), Category__c: 'contract' });
    await expect(recast(PRINCIPALS.support)).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining('medical-files-are-hidden'),
    });
    expect((await fetchOf(bytesPath(versionOf('medical')), PRINCIPALS.support)).status).toBe(403);
  });

  it('is published to nobody by those who do not see everything', async () => {
    const publish = (token: string) =>
      send(premises.proxy, {
        method: 'POST',
        path: `${V}/sobjects/ContentDistribution`,
        token,
        body: JSON.stringify({ ContentVersionId: versionOf('medical')?.['Id'], Name: 'x' }),
      });
    const heard = premises.salesforce.requests.length;
    expect((await publish(PRINCIPALS.support)).status).toBe(403);
    expect(premises.salesforce.requests.length).toBe(heard);
    await publish(PRINCIPALS.privacyOfficer);
    expect(premises.salesforce.requests.at(-1)?.url).toContain('ContentDistribution');
  });

  it('is refused in part as in whole', async () => {
    const part = { range: 'bytes=0-3' };
    expect((await fetchOf(bytesPath(versionOf('medical')), PRINCIPALS.support, part)).status).toBe(403);
    const whole = await fetchOf(bytesPath(versionOf('contract')), PRINCIPALS.support, part);
    expect(whole.status).toBe(200);
    expect(premises.salesforce.requests.at(-1)?.headers).not.toHaveProperty('range');
  });

  it('is shown to whoever owns it', async () => {
    const own = versions().find((one) => one['OwnerId'] === REP_SALESFORCE_ID);
    const other = versions().find((one) => one['OwnerId'] !== REP_SALESFORCE_ID);
    expect((await fetchOf(bytesPath(own), PRINCIPALS.salesforceRep)).status).toBe(200);
    const refusal = await fetchOf(bytesPath(other), PRINCIPALS.salesforceRep);
    expect(refusal.status).toBe(403);
    expect(refusal.text).toContain('reps-fetch-their-own-files');
  });

  it('is refused where files are treated, whatever they are', async () => {
    const attachment = premises.salesforce.data.records('Attachment')[0];
    const path = `${V}/sobjects/Attachment/${String(attachment?.['Id'])}/Body`;
    expect((await fetchOf(path, PRINCIPALS.marketing)).text).toContain('marketing-sees-no-files');
    const seen = await fetchOf(path, PRINCIPALS.support);
    expect(seen.status).toBe(200);
    expect(seen.headers['content-type']).toBe(attachment?.['ContentType']);
    expect(seen.headers['content-disposition']).toBeUndefined();
  });

  it('is refused when its record cannot be read', async () => {
    const answer = await fetchOf(
      `${V}/sobjects/ContentVersion/0685g00000ZZZZZAAA/VersionData`,
      PRINCIPALS.salesforceRep,
    );
    expect(answer.status).toBe(403);
  });
});

describe('a file of HubSpot', () => {
  const client = (token: string) => hubspotClient(premises.hubspotProxy, token).files.filesApi;
  const idOf = async (type: string): Promise<string> => {
    const page = await client(PRINCIPALS.privacyOfficer).doSearch();
    return String(page.results.find((file) => file.type === type)?.id);
  };

  it('is fetched by a signed URL when it may be seen', async () => {
    const signed = await client(PRINCIPALS.support).getSignedUrl(await idOf('DOCUMENT'));
    const fetched = await fetch(signed.url);
    expect(fetched.headers.get('content-type')).toBe('application/pdf');
    expect(
      Buffer.from(await fetched.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  });

  it('has no signed URL by what the file manager says of it', async () => {
    const id = await idOf('IMG');
    await expect(client(PRINCIPALS.support).getSignedUrl(id)).rejects.toThrow(/pictures-are-hidden/);
    await expect(client(PRINCIPALS.support).getById(id)).rejects.toThrow(/pictures-are-hidden/);
    const listed = await client(PRINCIPALS.support).doSearch();
    expect(listed.results.map((file) => file.type)).not.toContain('IMG');
    expect(listed.results.length).toBeGreaterThan(0);
  });

  it('has no address either where files are treated', async () => {
    const id = await idOf('DOCUMENT');
    await expect(client(PRINCIPALS.marketing).getSignedUrl(id)).rejects.toThrow(/marketing-sees-no-files/);
    const described = await client(PRINCIPALS.marketing).getById(id);
    expect(described).toMatchObject({ id, type: 'DOCUMENT' });
    expect(described.url).toBeUndefined();
    expect(described.defaultHostingUrl).toBeUndefined();
  });

  it('is uploaded by those who see everything', async () => {
    const form = [
      '--x',
      'Content-Disposition: form-data; name="file"; filename="note.txt"',
      'Content-Type: text/plain',
      '',
      'Hello',
      '--x--',
      '',
    ].join('\r\n');
    const upload = (token: string): Promise<WireAnswer> =>
      send(premises.hubspotProxy, {
        method: 'POST',
        path: '/files/v3/files',
        token,
        body: form,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      });
    expect((await upload(PRINCIPALS.support)).status).toBe(403);
    expect((await upload(PRINCIPALS.privacyOfficer)).status).toBe(201);
  });
});
