import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const V = '/services/data/v64.0';
const VERSION = '0685g000000001lAAA';

describe('Salesforce files', () => {
  it.each([
    [`ContentVersion/${VERSION}/VersionData`, 'ContentVersion', 'VersionData', 'file-contentversion'],
    ['Attachment/00P5g000000001lEAA/Body', 'Attachment', 'Body', 'file-attachment'],
    ['Document/0155g000000001lAAA/Body', 'Document', 'Body', 'file-document'],
    ['contentversion/0685g000000001lAAA/versiondata', 'ContentVersion', 'VersionData', 'file-contentversion'],
    ['ContentVersion/0685g000000001l/VersionData', 'ContentVersion', 'VersionData', 'file-contentversion'],
    [
      'Case/5005g000000001lAAA/richTextImageFields/Details__c/0EM5g000000001l',
      'Case',
      'Details__c',
      'file-rich-text-image',
    ],
  ])('are the bytes of one field of one record: %s', (path, object, field, route) => {
    const operation = recognised(adapter, `GET ${V}/sobjects/${path}`);
    expect(operation).toMatchObject({ route, kind: 'file', objects: [object], file: { object, field } });
    expect(operation.file?.id).toMatch(/^\w{15}AAA$|^\w{15}EAA$/);
    expect(usesOf(operation)).toEqual([`${object}.${field} select`]);
  });

  const query = (soql: string) => `GET ${V}/query?q=${encodeURIComponent(soql)}`;
  const LINK = { ContentVersionId: VERSION, Name: 'x' };
  it.each([
    ['made', `POST ${V}/sobjects/contentdistribution`, LINK],
    [
      'made among others',
      `POST ${V}/composite/sobjects`,
      { records: [{ attributes: { type: 'ContentDistribution' }, ...LINK }] },
    ],
    ['uploaded', `POST ${V}/jobs/ingest`, { object: 'ContentDistribution', operation: 'insert' }],
    ['read', `GET ${V}/sobjects/ContentDistribution/05D5g000000001lAAA`],
    ['asked for', query('SELECT Id FROM ContentDistribution')],
    [
      'asked for with its file',
      query('SELECT Id, (SELECT DistributionPublicUrl FROM ContentDistributions) FROM ContentVersion'),
    ],
    [
      'taken out in bulk',
      `POST ${V}/jobs/query`,
      { operation: 'query', query: 'SELECT ContentDownloadUrl FROM ContentDistribution' },
    ],
    ['the body of another', `POST ${V}/sobjects/ContentVersion`, { contentbodyid: '05T5g000000001lAAA' }],
  ])(
    'are for those who may see everything where they leave by a public link: %s',
    (_, line, body?: object) => {
      expect(recognised(adapter, line, body).needsClearView).toBe(true);
    },
  );

  it.each([
    [`DELETE ${V}/sobjects/ContentDistribution/05D5g000000001lAAA`],
    [`GET ${V}/sobjects/ContentDistribution/describe`],
    [query('SELECT Id, Title FROM ContentVersion')],
    [`POST ${V}/sobjects/ContentVersion`, { Title: 'x' }],
  ])('are not where they do not: %s', (line, body?: object) => {
    expect(recognised(adapter, line, body).needsClearView).toBeUndefined();
  });

  it.each([
    `GET ${V}/sobjects/ContentVersion/latest/VersionData`,
    `PUT ${V}/sobjects/ContentVersion/${VERSION}/VersionData`,
    `GET ${V}/sobjects/ContentDocument/0695g000000001lAAA/VersionData`,
    `GET ${V}/sobjects/ContentDocument/0695g000000001lAAA/LatestPublishedVersion/VersionData`,
    `GET ${V}/connect/files/0695g000000001lAAA/content`,
    `GET /sfc/servlet.shepherd/version/download/${VERSION}`,
  ])('are nothing else: %s', (line) => {
    expect(adapter.recognise(crmRequest(line), nothingSealed)?.kind).not.toBe('file');
  });

  it.each([
    ['0685g000000001l', '0685g000000001lAAA'],
    ['0685G000000001lAAA', '0685g000000001lAAA'],
    ['0685g000000001lQAA', '0685G000000001lQAA'],
  ])('are fetched by the id that was judged, whatever its capitals say: %s', (id, judged) => {
    const operation = recognised(adapter, `GET ${V}/sobjects/ContentVersion/${id}/VersionData`);
    expect(operation.file?.id).toBe(judged);
    expect(operation.request.path).toBe(`${V}/sobjects/ContentVersion/${judged}/VersionData`);
  });

  it('have records that can be read beforehand', () => {
    const operation = recognised(adapter, `GET ${V}/sobjects/ContentVersion/${VERSION}/VersionData`);
    const read = adapter.readCurrent(operation, 'ContentVersion', [VERSION], ['FileType', 'Category__c']);
    expect(read?.request).toMatchObject({
      method: 'GET',
      path: `${V}/composite/sobjects/ContentVersion`,
      query: [
        ['ids', VERSION],
        ['fields', 'Id,FileType,Category__c'],
      ],
    });
    const values = read?.values([{ Id: VERSION, FileType: 'PDF', Category__c: null }]);
    expect(values?.get(VERSION)).toEqual(
      new Map([
        ['FileType', 'PDF'],
        ['Category__c', null],
      ]),
    );
  });
});
