import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';

const ID = '0685g000000001lAAA';
const OWNER = '0055e000001abcDAAQ';
const VERSION = `GET ${V59}/sobjects/ContentVersion/${ID}/VersionData`;
const SIGNED = 'GET /files/v3/files/7/signed-url';

const MAPS = `
dataMap: salesforce
objects:
  ContentVersion:
    dataSubject: { id: FirstPublishLocationId }
    owner: OwnerId
    fields:
      VersionData: document.contract
      FileType: none
      Category__c: none
      Title: free-text
  Contact:
    fields: { Email: contact.email }
---
dataMap: hubspot
objects:
  files:
    fields: { url: document, type: none, path: none, name: free-text }
  signed_urls:
    fields: { name: free-text, size: none }
`;
const HIDDEN_ELSEWHERE = `
policy: addresses
show: { contact.email: remove }
`;
const ONLY = (effect: string): string => `${HIDDEN_ELSEWHERE}---
policy: files
${effect}
`;
const OF_SALESFORCE = ONLY('on: { objects: [ContentVersion] }\nrows: record.FileType != "PDF"');
const OF_HUBSPOT = ONLY('on: { objects: [files] }\nrows: record.type != "IMG"');
const BY_KIND = ONLY(
  'on: { objects: [ContentVersion], when: record.Category__c == "medical" }\nshow: { document.*: redact }',
);

const scene = (policies: string, current?: unknown, more: Partial<Scene> = {}): Scene => ({
  policies,
  maps: MAPS,
  request: VERSION,
  ...(current !== undefined && { current }),
  ...more,
});

describe('a file', () => {
  it('passes as it is when its field is shown clear, whatever is hidden elsewhere', async () => {
    const played = await play(scene(HIDDEN_ELSEWHERE));
    expect(played.reads).toEqual([]);
    expect(played.answer('bytes', { contentType: 'application/octetstream' }).text).toBe('pass');
  });

  it('does not pass as an error: what the CRM says then is inspected', async () => {
    const played = await play(scene(HIDDEN_ELSEWHERE));
    const answer = played.answer('bytes', { status: 404, contentType: 'text/plain' });
    expect(answer.text).toBe('unreadable');
  });

  it.each<[string, string, unknown]>([
    ['a row rule holds for its record', OF_SALESFORCE, [{ Id: ID, FileType: 'PNG' }]],
    ['no condition hides it', BY_KIND, [{ Id: ID, Category__c: 'contract' }]],
  ])('passes when %s', async (_, policies, current) => {
    const played = await play(scene(policies, current));
    expect(played.reads.map(({ path }) => path)).toEqual([`${V59}/composite/sobjects/ContentVersion`]);
    expect(played.answer('bytes', { contentType: 'application/pdf' }).text).toBe('pass');
  });

  it.each<[string, string, unknown]>([
    ['a row rule does not hold', OF_SALESFORCE, [{ Id: ID, FileType: 'PDF' }]],
    ['a condition hides it', BY_KIND, [{ Id: ID, Category__c: 'medical' }]],
    ['its field is treated', ONLY('show: { document.*: redact }'), [{ Id: ID }]],
    ['its record cannot be read', OF_SALESFORCE, undefined],
    ['its record is gone', OF_SALESFORCE, [null]],
    ['another record is answered', OF_SALESFORCE, [{ Id: '0685g000000002lAAA', FileType: 'PNG' }]],
    ['a fact is missing', OF_SALESFORCE, [{ Id: ID }]],
    ['a fact of a condition is null', BY_KIND, [{ Id: ID, Category__c: null }]],
    ['a fact of a condition is missing', BY_KIND, [{ Id: ID }]],
    [
      'it is not the principal’s own',
      ONLY('on: { objects: [ContentVersion] }\nrows: record.owner == principal.crmUserId'),
      [{ Id: ID, OwnerId: '0055e000001abcEAAQ' }],
    ],
  ])('is refused when %s', async (_, policies, current) => {
    expect((await refusalOf(scene(policies, current, { who: { crmUserId: OWNER } }))).policy).toBe('files');
  });

  it('is refused when no data map says what it is, unless the posture allows', async () => {
    const unmapped = scene(HIDDEN_ELSEWHERE, undefined, {
      request: `GET ${V59}/sobjects/Document/0155g000000001lAAA/Body`,
    });
    expect((await refusalOf(unmapped)).policy).toBe('posture.unreadableBody');
    const played = await play({ ...unmapped, posture: { unreadableBody: 'allow' } });
    expect(played.answer('bytes', { contentType: 'text/plain' }).text).toBe('pass');
  });

  it('is refused by treatment even where the posture allows what cannot be read', async () => {
    const treated = scene(ONLY('show: { document.*: redact }'), undefined, {
      posture: { unreadableBody: 'allow' },
    });
    expect((await refusalOf(treated)).policy).toBe('files');
  });

  it('is only reported in observe mode', async () => {
    const played = await play(scene(OF_SALESFORCE, [{ Id: ID, FileType: 'PDF' }], { mode: 'observe' }));
    expect(played.refusal).toBe('files');
  });

  it('says nothing of its record when it is refused', async () => {
    const { message } = await refusalOf(scene(OF_SALESFORCE, [{ Id: ID, FileType: 'PDF' }]));
    expect(message).not.toMatch(/PDF|0685g/);
  });
});

describe('a signed URL', () => {
  const file = { id: '7', type: 'DOCUMENT', path: '/a.pdf', name: 'Ana Ruiz' };
  const hubspot = { crm: 'hubspot', request: SIGNED } as const;

  it('is answered with the name as this principal sees it', async () => {
    const policies = `${OF_HUBSPOT}---\npolicy: names\nshow: { free-text: remove }\n`;
    const played = await play(scene(policies, file, hubspot));
    expect(played.reads.map(({ path }) => path)).toEqual(['/files/v3/files/7']);
    const answered = {
      url: 'https://cdn.example/7?signature=x',
      expiresAt: '2026-11-25',
      name: 'Ana Ruiz',
      size: 5,
    };
    expect(played.answer(answered).json()).toEqual({ url: answered.url, expiresAt: '2026-11-25', size: 5 });
  });

  it('is refused by what the file manager says of the file', async () => {
    expect((await refusalOf(scene(OF_HUBSPOT, { ...file, type: 'IMG' }, hubspot))).policy).toBe('files');
    expect((await refusalOf(scene(OF_HUBSPOT, { ...file, id: '8' }, hubspot))).policy).toBe('files');
  });

  it('is refused where there is a limit on files: what it leads to cannot be counted', async () => {
    const limited = 'policy: few\non: { objects: [files] }\nlimit: { records: 5, per: 1h, then: deny }\n';
    const { policy, message } = await refusalOf(scene(limited, file, hubspot));
    expect([policy, message]).toEqual(['few', expect.stringContaining('cannot be counted')]);
  });
});
