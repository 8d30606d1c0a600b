import { describe, expect, it } from 'vitest';
import type { RowRule } from '../../../src/model/decision.ts';
import type { OpenLocator } from '../../../src/model/locator.ts';
import { crmRequest, narrowing, nothingSealed, recognised, usesOf } from '../request.ts';
import { adapter, ID, OWNER, ownRows, soql, V } from './requests.ts';

describe('Salesforce follow-ups', () => {
  const begun = adapter.narrow(
    recognised(adapter, `GET ${soql('SELECT Email, Account.Name FROM Contact')}`),
    narrowing({ Contact: ['OwnerId'] }, { Contact: [ownRows] }),
  );
  const open: OpenLocator = (sealed) =>
    sealed === 'sealed'
      ? { locator: '01gX-2000', continuation: begun.operation.continuation ?? '' }
      : undefined;

  it('opens a locator anew for each who sends it, though the request is the same', () => {
    const page = crmRequest(`GET ${V}/query/sealed-2000`);
    const mine = adapter.recognise(page, () => ({
      locator: '01gX-2000',
      continuation: '{"soql":"SELECT Id FROM Lead"}',
    }));
    const others = adapter.recognise(page, nothingSealed);
    expect([mine?.objects, others?.objects]).toEqual([['Lead'], ['*']]);
  });

  it('recognises a request once that comes again and again', () => {
    const again = crmRequest(`GET ${V}/query?q=SELECT+Id+FROM+Contact`);
    expect(adapter.recognise(again, nothingSealed)).toBe(adapter.recognise(again, nothingSealed));
  });

  it('reads a page with the query that began it, and sends the own locator', () => {
    const page = recognised(adapter, `GET ${V}/query/sealed`, undefined, open);
    expect(page.request.path).toBe(`${V}/query/01gX-2000`);
    expect(usesOf(page)).toEqual(['Contact.Email select', 'Account.Name select']);
    expect(page.needsClearView).toBeUndefined();
  });

  it('takes added fields out of pages too, and knows that rows were pushed', () => {
    const page = recognised(adapter, `GET ${V}/query/sealed`, undefined, open);
    const narrowed = adapter.narrow(page, narrowing({ Contact: ['OwnerId'] }, { Contact: [ownRows] }));
    expect(narrowed).toMatchObject({ added: new Map([['Contact', ['OwnerId']]]), rowsPushed: true });
  });

  it('asks for the id of one record, and leaves it in the answer, where it is in any case', () => {
    const read = recognised(adapter, `GET ${V}/sobjects/Contact/${ID}?fields=Email`);
    const { operation, added } = adapter.narrow(read, narrowing({ Contact: ['Id', 'OwnerId'] }));
    expect(operation.request.query).toEqual([['fields', 'Email,Id,OwnerId']]);
    expect(added).toEqual(new Map([['Contact', ['OwnerId']]]));
  });

  it('does not trust pages of a query that another policy narrowed', () => {
    const page = recognised(adapter, `GET ${V}/query/sealed`, undefined, open);
    const other: RowRule = { ...ownRows, equals: [{ field: 'OwnerId', values: ['0055e000001zzzDAAQ'] }] };
    expect(adapter.narrow(page, narrowing({}, { Contact: [other] })).rowsPushed).toBe(false);
  });

  it.each([
    ['query', (query: string) => recognised(adapter, `GET ${soql(query)}`), `GET ${V}/query/sealed`],
    [
      'bulk job',
      (query: string) => recognised(adapter, `POST ${V}/jobs/query`, { operation: 'query', query }),
      `GET ${V}/jobs/query/sealed/results`,
    ],
  ])('remember no more of the values that a %s compares with than they need', (_, ask, line) => {
    const ids = Array.from({ length: 4_000 }, (_value, index) => `'0035e${String(index).padStart(13, '0')}'`);
    const asked = ask(`SELECT Email FROM Contact WHERE Id IN (${ids.join(', ')})`);
    const own = narrowing({ Contact: ['OwnerId'] }, { Contact: [ownRows] });
    const sent = adapter.narrow(asked, own);
    const { query, body } = sent.operation.request;
    expect(JSON.stringify([query, String(body)])).toContain(String(ids.at(-1)));
    for (const continuation of [asked.continuation ?? '', sent.operation.continuation ?? '']) {
      expect(continuation.length).toBeLessThan(200);
      const page = recognised(adapter, line, undefined, () => ({ locator: '01gX-2000', continuation }));
      expect(usesOf(page)).toEqual(usesOf(asked));
      const isNarrowed = continuation === sent.operation.continuation;
      expect(adapter.narrow(page, own)).toMatchObject({ added: sent.added, rowsPushed: isNarrowed });
    }
  });

  it('maps the columns of bulk results to fields', () => {
    const job = recognised(adapter, `POST ${V}/jobs/query`, {
      operation: 'query',
      query: 'SELECT Email, Account.Name, Who__r.Email FROM Contact',
    });
    const sealed: OpenLocator = () => ({ locator: '750X', continuation: job.continuation ?? '' });
    const results = recognised(adapter, `GET ${V}/jobs/query/sealed/results?locator=abc`, undefined, sealed);
    expect(results.request.path).toBe(`${V}/jobs/query/750X/results`);
    expect(results.answer).toMatchObject({
      format: 'csv',
      object: 'Contact',
      columns: {
        email: { object: 'Contact', field: 'Email' },
        'account.name': { object: 'Account', field: 'Name' },
        'who__r.email': { object: '*', field: 'Email' },
      },
    });
  });

  it('narrows the query of a bulk job in its body', () => {
    const job = recognised(adapter, `POST ${V}/jobs/query`, {
      operation: 'query',
      query: 'SELECT Email FROM Contact',
    });
    const narrowed = adapter.narrow(job, narrowing({ Contact: ['OwnerId'] }, { Contact: [ownRows] }));
    expect(JSON.parse(String(narrowed.operation.request.body))).toEqual({
      operation: 'query',
      query: `SELECT Email, OwnerId FROM Contact WHERE OwnerId = '${OWNER}'`,
    });
  });

  it('binds ingest results to the object of the job', () => {
    const job = recognised(adapter, `POST ${V}/jobs/ingest`, { object: 'Lead', operation: 'insert' });
    const sealed: OpenLocator = () => ({ locator: '750X', continuation: job.continuation ?? '' });
    expect(recognised(adapter, `GET ${V}/jobs/ingest/s/failedResults`, undefined, sealed)).toMatchObject({
      objects: ['Lead'],
      answer: { format: 'csv', object: 'Lead' },
    });
    expect(usesOf(recognised(adapter, `PUT ${V}/jobs/ingest/s/batches`, undefined, sealed))).toEqual([
      'Lead.* write',
    ]);
  });

  it.each([
    [`${V}/query/01gX-2000`, `${V}/query/`, '01gX-2000', ''],
    ['services/data/v59.0/jobs/ingest/750X/batches', 'services/data/v59.0/jobs/ingest/', '750X', '/batches'],
    [`${V}/jobs/query/750X/results?locator=abc`, `${V}/jobs/query/`, '750X', '/results?locator=abc'],
    ['750X', '', '750X', ''],
  ])('finds the locator in %s', (text, before, locator, after) => {
    expect(adapter.locatorIn?.(text)).toEqual({ before, locator, after });
  });

  it('finds no locator in other text', () => {
    expect(adapter.locatorIn?.('https://elsewhere.example/x?y')).toBeUndefined();
  });
});
