import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { OpenLocator } from '../../../src/model/locator.ts';
import type { CsvBody, FieldUse, Operation } from '../../../src/model/operation.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const JOBS = '/services/data/v59.0/jobs/ingest';

function uploadTo(job: object): Operation {
  const created = recognised(adapter, `POST ${JOBS}`, { operation: 'insert', ...job });
  const open: OpenLocator = () => ({ locator: '750X', continuation: created.continuation ?? '' });
  return recognised(adapter, `PUT ${JOBS}/sealed/batches`, undefined, open);
}

function csvOf({ body }: Operation): CsvBody {
  if (body.format !== 'csv') throw new Error('not a CSV body');
  return body;
}

const columnsOf = (job: object, header: string): string[] | undefined =>
  csvOf(uploadTo(job))
    .columns(header)
    ?.map(({ object, field, position }: FieldUse) => `${object}.${field} ${position}`);

describe('an upload to a bulk ingest job', () => {
  it('is rows of the object of the job', () => {
    const upload = uploadTo({ object: 'contact' });
    expect(upload).toMatchObject({
      route: 'bulk-ingest-upload',
      objects: ['Contact'],
      body: { format: 'csv', object: 'Contact', delimiter: ',', nullText: '#N/A' },
      request: { path: `${JOBS}/750X/batches` },
    });
    expect(upload.needsClearView).toBeUndefined();
    expect(usesOf(upload)).toEqual(['Contact.* write']);
  });

  it.each([
    ['successfulResults', { areRefused: false }],
    ['failedResults', { areRefused: true }],
    ['unprocessedrecords', undefined],
  ])('is what the rows of %s repeat: %j', (part, repeats) => {
    const open: OpenLocator = () => ({
      locator: '750X',
      continuation: '{"object":"Contact","does":"update","delimiter":";"}',
    });
    const { results, answer } = recognised(adapter, `GET ${JOBS}/sealed/${part}`, undefined, open);
    expect(answer).toMatchObject({ columns: { sf__id: { is: 'plain' }, sf__error: { is: 'text' } } });
    const upload = { format: 'csv', object: 'Contact', job: '750X', delimiter: ';' };
    expect(results).toEqual(
      repeats && { idColumn: 'sf__Id', upload: expect.objectContaining(upload), ...repeats },
    );
  });

  it.each([
    ['insert', ['create']],
    ['update', ['update']],
    ['upsert', ['create', 'update']],
    ['delete', ['delete']],
    ['hardDelete', ['delete']],
  ])('is no more than its job does: %s is %j', (does, kinds) => {
    const job = {
      object: 'Contact',
      operation: does,
      ...(does === 'upsert' && { externalIdFieldName: 'Ext__c' }),
    };
    const created = recognised(adapter, `POST ${JOBS}`, job);
    expect([created.otherKinds, uploadTo(job).otherKinds]).toEqual([kinds, kinds]);
  });

  it('is of an object by its name, and of nothing else', () => {
    const job = { object: 'ana@example.com', operation: 'insert' };
    expect(adapter.recognise(crmRequest(`POST ${JOBS}`, job), () => undefined)).toBeUndefined();
  });

  it('is of no job that does something else', () => {
    const open: OpenLocator = () => ({
      locator: '750X',
      continuation: '{"object":"Contact","does":"merge","delimiter":";"}',
    });
    expect(recognised(adapter, `PUT ${JOBS}/sealed/batches`, undefined, open).needsClearView).toBe(true);
  });

  it('looks up by the external id of the job', () => {
    const upload = uploadTo({ object: 'Contact', operation: 'upsert', externalIdFieldName: 'Ext__c' });
    expect(usesOf(upload)).toEqual(['Contact.* write', 'Contact.Ext__c lookup']);
  });

  it.each([
    [undefined, ','],
    ['COMMA', ','],
    ['BACKQUOTE', '`'],
    ['CARET', '^'],
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['TAB', '\t'],
  ])('is split where the job says: %s', (columnDelimiter, delimiter) => {
    expect(csvOf(uploadTo({ object: 'Lead', columnDelimiter })).delimiter).toBe(delimiter);
  });

  it.each(['comma', ',', 'COLON', 5, null])('is not known where the delimiter is %j', (columnDelimiter) => {
    const job = { object: 'Lead', operation: 'insert', columnDelimiter };
    expect(adapter.recognise(crmRequest(`POST ${JOBS}`, job), nothingSealed)).toBeUndefined();
  });

  it.each([
    ['Email', ['Contact.Email write']],
    ['email', ['Contact.email write']],
    ['Ext__c', ['Contact.Ext__c write', 'Contact.Ext__c lookup']],
    ['EXT__C', ['Contact.EXT__C write', 'Contact.EXT__C lookup']],
    ['ReportsTo.Email', ['Contact.Email lookup']],
    ['Owner.Username', ['User.Username lookup', 'Group.Username lookup']],
    ['User:Owner.Username', ['User.Username lookup']],
    ['lead:Who.Email', ['Lead.Email lookup']],
    ['Mother__r.Ext__c', ['*.Ext__c lookup']],
    ['', undefined],
    [' Email', undefined],
    ['a b', undefined],
    ['Account.Owner.Email', undefined],
    ['User:Email', undefined],
    ['1a', undefined],
  ])('has a column %j', (header, uses) => {
    const job = { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Ext__c' };
    expect(columnsOf(job, header)).toEqual(uses);
  });

  it('belongs to the primary contact of an opportunity, who gets a role in it', () => {
    const { belongsTo } = csvOf(uploadTo({ object: 'opportunity' }));
    expect(['CONTACTID', 'AccountId'].map((header) => belongsTo?.(header))).toEqual(['Contact', undefined]);
    expect(csvOf(uploadTo({ object: 'Case' })).belongsTo?.('ContactId')).toBeUndefined();
  });

  it.each<[string, OpenLocator]>([
    ["a job id of the CRM's own", () => undefined],
    ['the id of a query job', () => ({ locator: '750X', continuation: '{"soql":"SELECT Id FROM Lead"}' })],
    ['an id that tells no object', () => ({ locator: '750X', continuation: '{}' })],
    [
      'an id with an unknown delimiter',
      () => ({ locator: '7', continuation: '{"object":"Lead","delimiter":"x"}' }),
    ],
  ])('is not read as rows under %s', (_, open) => {
    expect(recognised(adapter, `PUT ${JOBS}/j/batches`, undefined, open).body).toEqual({ format: 'opaque' });
  });

  it("needs a clear view under a job id of the CRM's own", () => {
    expect(recognised(adapter, `PUT ${JOBS}/750X/batches`)).toMatchObject({
      objects: ['*'],
      needsClearView: true,
    });
  });
});

describe('an upload to a job of which only Salesforce knows what it does', () => {
  const INFO = {
    id: '750R0000000zlh9IAA',
    operation: 'upsert',
    object: 'campaignmember',
    state: 'Open',
    externalIdFieldName: 'Key__c',
    contentType: 'CSV',
    lineEnding: 'LF',
    columnDelimiter: 'SEMICOLON',
  };
  const upload = recognised(adapter, `PUT ${JOBS}/750R0000000zlh9IAA/batches`);
  const reading = () => adapter.readOperation?.(upload);

  it('is told by the job', () => {
    expect(reading()?.request).toMatchObject({ method: 'GET', path: `${JOBS}/750R0000000zlh9IAA` });
    const told = reading()?.operation(INFO);
    expect(told).toMatchObject({
      route: 'bulk-ingest-upload',
      otherKinds: ['create', 'update', 'send'],
      objects: ['CampaignMember'],
      body: { format: 'csv', object: 'CampaignMember', job: '750R0000000zlh9IAA', delimiter: ';' },
      request: upload.request,
    });
    expect(told && csvOf(told).audience?.('ContactId')).toEqual([{ object: 'Contact' }]);
    expect(told && adapter.readOperation?.(told)).toBeUndefined();
  });

  it('needs a clear view, as before', () => {
    expect(reading()?.operation(INFO)?.needsClearView).toBe(true);
  });

  it('has no external id where the job says null', () => {
    const told = reading()?.operation({ ...INFO, operation: 'insert', externalIdFieldName: null });
    expect(told && usesOf(told)).toEqual(['CampaignMember.* write']);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no job', []],
    ['another operation', { ...INFO, operation: 'query' }],
    ['no object', { ...INFO, object: undefined }],
    ['another delimiter', { ...INFO, columnDelimiter: 'COLON' }],
  ])('is not told by %s', (_, answer) => {
    expect(reading()?.operation(answer)).toBeUndefined();
  });

  it('is not asked about where the id is sealed, nor is anything else', () => {
    expect(adapter.readOperation?.(uploadTo({ object: 'Contact' }))).toBeUndefined();
    expect(
      adapter.readOperation?.(recognised(adapter, `GET ${JOBS}/750R0000000zlh9IAA/failedResults`)),
    ).toBeUndefined();
  });
});
