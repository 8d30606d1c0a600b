import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { walkWhole } from '../../../src/enforce/answer/walk-whole.ts';
import { dischargeRequest } from '../../../src/enforce/discharge.ts';
import { dischargeAnswer } from '../../../src/enforce/discharge-answer.ts';
import { createEnforcement } from '../../../src/enforce/enforcement.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { POSTURE } from '../../fixtures/posture.ts';
import { decide, principal, snapshotOf } from '../../policy/fixture.ts';

const ME = '0055g00000AAAAAAAA';
const MASKED = 'policy: mask\nshow: { contact.email: { mask: email } }';
const OWN_ACCOUNTS =
  'policy: own-accounts\non: { objects: [Account] }\nrows: record.owner == principal.crmUserId';
const OWN_CONTACTS =
  'policy: own-contacts\non: { objects: [Contact] }\nrows: record.owner == principal.crmUserId';

interface Configured {
  readonly policies: string;
  readonly maps?: string | undefined;
  readonly unclassifiedField?: 'show' | 'redact';
}

/** A CSV result of a bulk query on its way to the client. */
function results(policies: string, soql: string, csv: string, maps?: string) {
  return answered({ policies, maps }, 'query/sealed/results', { soql }, csv);
}

/** The results of an upload. */
function resultsOfUpload(policies: string, csv: string, unclassifiedField: 'show' | 'redact' = 'show') {
  const job = { object: 'Contact', does: 'insert', delimiter: ',' };
  return answered({ policies, unclassifiedField }, 'ingest/sealed/failedResults', job, csv);
}

async function answered(
  { policies, maps, unclassifiedField = 'show' }: Configured,
  part: string,
  job: object,
  csv: string,
) {
  const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
  const who = principal({ crmUserId: ME });
  const tools = createEnforcement({
    mode: 'enforce',
    posture: POSTURE,
    limits: DEFAULT_LIMITS,
    keyring: { derive: (use) => Buffer.alloc(32, use) },
    readingBudget: {
      nameOf: (record) => record,
      take: (_, names) => Promise.resolve({ granted: true, counted: names.length }),
    },
  });
  const path = `/services/data/v59.0/jobs/${part}`;
  const operation = adapter.recognise(
    { method: 'GET', path, segments: path.slice(1).split('/'), query: [], contentType: '', accept: '' },
    () => ({ locator: 'job1', continuation: JSON.stringify(job) }),
  );
  if (operation === undefined) throw new Error('not recognised');
  const decision = decide(snapshotOf(policies, { unclassifiedField }, maps), adapter, who, operation);
  const subject = { adapter, operation, decision, owner: { upstream: 'crm', principal: 'ana' } };
  const none = { shown: () => [], ahead: () => [], read: () => Promise.resolve(undefined) };
  const discharged = await dischargeRequest(tools, subject, none);
  const head = { status: 200, contentType: 'text/csv' };
  const { plan, tally, toll } = dischargeAnswer(tools, subject, discharged, head, () => undefined);
  if (plan.kind !== 'rewrite' && plan.kind !== 'count') throw new Error(plan.kind);
  const bytes = await walkWhole(plan, Buffer.from(csv));
  await toll?.();
  return { text: bytes.toString(), report: tally.report() };
}

describe('CSV columns', () => {
  it('are fields of the object their path leads to', async () => {
    const { text, report } = await results(
      MASKED,
      'SELECT Id, Email, ReportsTo.Email, Account.Name FROM Contact',
      'Id,Email,ReportsTo.Email,Account.Name\n1,ana@example.com,bob@example.com,Acme\n2,,,\n',
    );
    expect(text).toBe(
      'Id,Email,ReportsTo.Email,Account.Name\n1,a***@example.com,b***@example.com,Acme\n2,,,\n',
    );
    expect(report.dataSubjects).toHaveLength(2);
  });

  it('in which the CRM says what became of a row are texts that may echo values', async () => {
    const { text, report } = await resultsOfUpload(
      MASKED,
      'sf__Id,sf__Error,Title\n' +
        ',DUPLICATE_VALUE:duplicate value found: on record with id: 0035g000000003BAAQ:--,a\n' +
        ',"FIELD_CUSTOM_VALIDATION_EXCEPTION:ana@example.com is ""taken""",b\n' +
        '0035g000000003BAAQ,,c\n',
    );
    expect(text).toBe(
      'sf__Id,sf__Error,Title\n' +
        ',DUPLICATE_VALUE:duplicate value found: on record with id: [id]:--,a\n' +
        ',"FIELD_CUSTOM_VALIDATION_EXCEPTION:[email] is ""taken""",b\n' +
        '0035g000000003BAAQ,,c\n',
    );
    const treated = report.fields.filter(({ field }) => field.startsWith('sf__'));
    expect(treated).toEqual([{ object: 'Contact', field: 'sf__Error', treatment: 'scan', count: 2 }]);
  });

  it('with which the CRM names a row stay, whatever happens to fields that nothing classifies', async () => {
    const { text } = await resultsOfUpload(
      MASKED,
      'sf__Id,sf__Created,Shoe__c\n0035g000000003BAAQ,true,38\n',
      'redact',
    );
    expect(text).toBe('sf__Id,sf__Created,Shoe__c\n0035g000000003BAAQ,true,[redacted]\n');
  });

  it('count as many records as there are, however many are about one person', async () => {
    const { report } = await results(
      'policy: few\non: { objects: [Case] }\nlimit: { records: 10, per: 1h, then: deny }',
      'SELECT Id, ContactId FROM Case',
      'Id,ContactId\n1,a\n2,a\n3,a\n',
      'dataMap: salesforce\nobjects:\n  Case: { dataSubject: { id: ContactId }, fields: { Subject: free-text } }',
    );
    expect(report.records.counted).toBe(3);
  });

  it('that hold JSON are treated like JSON', async () => {
    const { text } = await results(
      MASKED,
      'SELECT Id, Payload__c FROM Contact',
      'Id,Payload__c\n1,"{""Email"":""ana@example.com"",""n"":1}"\n2,[]\n3,\n',
    );
    expect(text).toBe('Id,Payload__c\n1,"{""Email"":""a***@example.com"",""n"":1}"\n2,[]\n3,\n');
  });

  it.each(['id,EMAIL', '"Id","Email"'])('are found in any spelling: %s', async (header) => {
    const { text } = await results(MASKED, 'SELECT Id, Email FROM Contact', `${header}\n1,ana@example.com\n`);
    expect(text).toContain('a***@example.com');
  });

  it('are reported once each, however many rows there are', async () => {
    const rows = 'ana@example.com,bob@example.com\n'.repeat(1_000);
    const { report } = await results(
      MASKED,
      'SELECT Email, ReportsTo.Email FROM Contact',
      `Email,ReportsTo.Email\n${rows}`,
    );
    expect(report.fields).toEqual([
      { object: 'Contact', field: 'Email', treatment: 'mask', count: 2_000, policies: ['mask'] },
    ]);
  });

  it('of a related object with row rules are emptied: its facts do not stand in the row', async () => {
    const { text } = await results(
      OWN_ACCOUNTS,
      'SELECT Id, OwnerId, Account.Name FROM Contact',
      `Id,OwnerId,Account.Name\n1,${ME},Acme\n`,
    );
    expect(text).toBe(`Id,OwnerId,Account.Name\n1,${ME},\n`);
  });

  it('of a related record are not shown by the facts of the row', async () => {
    const policies = `policy: germans\non: { objects: [Contact], when: 'record.country == "DE"' }\nshow: { contact.email: { mask: email } }`;
    const { text } = await results(
      policies,
      'SELECT Id, Email, MailingCountry, ReportsTo.Email FROM Contact',
      'Id,Email,MailingCountry,ReportsTo.Email\n1,ana@x.example,FR,bob@x.example\n2,ana@x.example,DE,bob@x.example\n',
    );
    expect(text.split('\n').slice(1, 3)).toEqual([
      '1,ana@x.example,FR,b***@x.example',
      '2,a***@x.example,DE,b***@x.example',
    ]);
  });

  it('leave rows out by the main object, and what was added with them', async () => {
    const { text, report } = await results(
      OWN_CONTACTS,
      'SELECT Id FROM Contact',
      `Id,OwnerId\n1,${ME}\n2,x\n`,
    );
    expect(text).toBe('Id\n1\n');
    expect(report.records).toEqual({ seen: 2, omitted: 1 });
  });

  it.each([
    ['that was added to the query', 'SELECT Account.Name FROM Contact', ''],
    ['beside one that is computed', 'SELECT toLabel(Title), Account.Name FROM Contact', ','],
  ])('of a related record %s are not shown', async (_, soql, more) => {
    const { text } = await results(
      `${OWN_ACCOUNTS}\n---\n${MASKED}`,
      soql,
      `${more && 'Title,'}Account.Name,Account.OwnerId,Account.Email\n${more && 'Dr,'}Acme,${ME},a@x.example\n`,
    );
    expect(text).not.toMatch(/Acme|a@x/);
    expect(text).not.toContain(ME);
    expect(text.split('\n')[0]).toBe(
      more ? 'Title,Account.Name,Account.OwnerId,Account.Email' : 'Account.Name',
    );
  });
});
