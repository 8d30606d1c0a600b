import { describe, expect, it } from 'vitest';
import type { Narrowing } from '../../../src/crm/adapter.ts';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { RowRule } from '../../../src/model/decision.ts';
import type { OpenLocator } from '../../../src/model/locator.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const V = '/services/data/v59.0';
const ID = '0035e000001abcDAAQ';
const OWNER = '0055e000001abcDAAQ';
const soql = (text: string): string => `${V}/query?q=${encodeURIComponent(text)}`;
const ownRows: RowRule = {
  policy: 'own',
  needs: ['OwnerId'],
  equals: [{ field: 'OwnerId', values: [OWNER] }],
  holds: () => true,
};
const narrowing = (fields: Record<string, string[]>, rows: Record<string, RowRule[]> = {}): Narrowing => ({
  fields: new Map(Object.entries(fields)),
  rows: new Map(Object.entries(rows)),
});

describe('Salesforce operations', () => {
  it.each([
    ['GET /services/data', undefined, 'versions', 'metadata', []],
    [`GET ${V}`, undefined, 'resources', 'metadata', []],
    [`GET ${V}/limits`, undefined, 'limits', 'metadata', []],
    [`GET ${V}/sobjects`, undefined, 'describe-global', 'metadata', []],
    [`GET ${V}/sobjects/Contact/describe`, undefined, 'describe', 'metadata', []],
    [`GET ${V}/sobjects/Contact/describe/layouts`, undefined, 'layouts', 'metadata', []],
    [`GET ${V}/sobjects/Contact/describe/layouts/${ID}`, undefined, 'layouts', 'metadata', []],
    [`GET ${V}/sobjects/Contact/describe/namedLayouts/UserAlt`, undefined, 'layouts', 'metadata', []],
    [`GET ${V}/sobjects/Contact/quickActions`, undefined, 'object-quick-actions', 'metadata', []],
    [`GET ${V}/tabs`, undefined, 'tabs', 'metadata', []],
    [`GET ${V}/theme`, undefined, 'theme', 'metadata', []],
    [`GET ${V}/sobjects/Contact/updated?start=1&end=2`, undefined, 'updated', 'read', []],
    [`GET ${V}/sobjects/Contact/deleted?start=1&end=2`, undefined, 'deleted', 'read', []],
    [`GET ${V}/limits/recordCount?sObjects=Contact,lead`, undefined, 'record-count', 'read', []],
    [`GET ${V}/sobjects/Contact`, undefined, 'sobject-info', 'read', ['Contact.* select']],
    [`GET ${V}/recent?limit=5`, undefined, 'recent', 'read', ['*.* select']],
    [`GET ${V}/sobjects/Contact/${ID}`, undefined, 'read', 'read', ['Contact.* select']],
    [`HEAD ${V}/sobjects/Contact/${ID}`, undefined, 'read', 'read', ['Contact.* select']],
    [
      `GET ${V}/sobjects/contact/${ID}?fields=Email,Account.Name`,
      undefined,
      'read',
      'read',
      ['Contact.Email select', 'Account.Name select'],
    ],
    [`GET /Services/Data/V59.0/SOBJECTS/contact/${ID}`, undefined, 'read', 'read', ['Contact.* select']],
    [
      `GET ${V}/sobjects/Contact/Email/ana%40example.com`,
      undefined,
      'read-by-external-id',
      'read',
      ['Contact.Email lookup', 'Contact.* select'],
    ],
    [
      `DELETE ${V}/sobjects/Contact/Ext__c/1`,
      undefined,
      'delete-by-external-id',
      'delete',
      ['Contact.Ext__c lookup'],
    ],
    [
      `PATCH ${V}/sobjects/Contact/Ext__c/1`,
      { Email: 'a' },
      'upsert',
      'update',
      ['Contact.Ext__c lookup', 'Contact.Email write'],
    ],
    [
      `POST ${V}/sobjects/Contact`,
      { LastName: 'a', ReportsTo: { Email: 'b' }, Person__r: { Ext__c: 'c' } },
      'create',
      'create',
      ['Contact.LastName write', 'Contact.Email lookup', '*.Ext__c lookup'],
    ],
    [`PATCH ${V}/sobjects/Contact/${ID}`, { Email: null }, 'update', 'update', ['Contact.Email write']],
    [
      `PATCH ${V}/sobjects/Contact/${ID}?_HttpMethod=PATCH`,
      { Email: null },
      'update',
      'update',
      ['Contact.Email write'],
    ],
    [`DELETE ${V}/sobjects/Contact/${ID}`, undefined, 'delete', 'delete', []],
    [
      `GET ${V}/sobjects/Attachment/${ID}/Body`,
      undefined,
      'file-attachment',
      'file',
      ['Attachment.Body select'],
    ],
    [`GET ${soql('SELECT Email FROM Contact')}`, undefined, 'query', 'read', ['Contact.Email select']],
    [
      `GET ${V}/queryAll?q=SELECT+Id+FROM+Lead+WHERE+Email='a'`,
      undefined,
      'query-all',
      'read',
      ['Lead.Id select', 'Lead.Email filter'],
    ],
    [
      `GET ${V}/query?explain=SELECT+Id+FROM+Lead+WHERE+Email='a'`,
      undefined,
      'explain',
      'read',
      ['Lead.Id select', 'Lead.Email filter'],
    ],
    [
      `POST ${V}/composite/sobjects`,
      {
        records: [
          { attributes: { type: 'contact' }, Email: 'a' },
          { attributes: { type: 'Lead' }, Phone: 'b' },
        ],
      },
      'collection-create',
      'create',
      ['Contact.Email write', 'Lead.Phone write'],
    ],
    [
      `PATCH ${V}/composite/sobjects`,
      { records: [{ attributes: { type: 'Contact' }, id: ID, Email: 'a' }] },
      'collection-update',
      'update',
      ['Contact.id write', 'Contact.Email write'],
    ],
    [
      `PATCH ${V}/composite/sobjects/Contact/Email`,
      { records: [{ attributes: { type: 'Contact' }, Email: 'a' }] },
      'collection-upsert',
      'update',
      ['Contact.Email lookup', 'Contact.Email write'],
    ],
    [`DELETE ${V}/composite/sobjects?ids=${ID}`, undefined, 'collection-delete', 'delete', []],
    [
      `GET ${V}/composite/sobjects/Contact?ids=${ID}&fields=Email`,
      undefined,
      'collection-read',
      'read',
      ['Contact.Email select'],
    ],
    [
      `POST ${V}/composite/sobjects/Contact`,
      { ids: [ID], fields: ['Email', 'Account.Name'] },
      'collection-read-by-post',
      'read',
      ['Contact.Email select', 'Account.Name select'],
    ],
    [
      `POST ${V}/jobs/query`,
      { operation: 'queryAll', query: 'SELECT Email FROM Contact' },
      'bulk-query-create',
      'bulk',
      ['Contact.Email select'],
    ],
    [`GET ${V}/jobs/query`, undefined, 'bulk-query-list', 'bulk', []],
    [
      `POST ${V}/jobs/ingest`,
      { object: 'contact', operation: 'upsert', externalIdFieldName: 'Email' },
      'bulk-ingest-create',
      'bulk',
      ['Contact.* write', 'Contact.Email lookup'],
    ],
    [`GET ${V}/analytics/reports/00O1`, undefined, 'report-run', 'report', ['*.* select']],
    [`POST ${V}/analytics/reports/query`, { reportMetadata: {} }, 'report-query', 'report', ['*.* select']],
    ['POST /services/oauth2/token', undefined, 'oauth-token', 'auth', []],
    ['GET /services/oauth2/userinfo', undefined, 'oauth-userinfo', 'auth', []],
    ['GET /id/00D1/0051?format=json&oauth_token=x', undefined, 'identity', 'auth', []],
  ])('knows %s', (line, body, route, kind, uses) => {
    const operation = recognised(adapter, line, body);
    expect({ route: operation.route, kind: operation.kind, uses: usesOf(operation) }).toEqual({
      route,
      kind,
      uses,
    });
  });

  it.each([
    'GET /services/Soap/u/59.0',
    'POST /services/Soap/u/59.0',
    'POST /services/async/59.0/job',
    'GET /services/apexrest/x',
    `POST ${V}/composite`,
    `POST ${V}/composite/batch`,
    `POST ${V}/composite/graph`,
    `POST ${V}/composite/tree/Contact`,
    `POST ${V}/graphql`,
    `GET ${V}/ui-api/records/${ID}`,
    `GET ${V}/tooling/query?q=SELECT+Id+FROM+User`,
    `GET ${V}/tooling/executeAnonymous?anonymousBody=x`,
    `GET ${V}/search?q=FIND+{x}`,
    `GET ${V}/parameterizedSearch?q=x`,
    `GET ${V}/chatter/users`,
    `GET ${V}/connect/x`,
    `GET ${V}/consent/action/email?ids=ana@example.com`,
    `GET ${V}/sobjects/Contact/listviews`,
    `GET ${V}/sobjects/Contact/updated?since=1`,
    `GET ${V}/limits/recordCount?sObjects=Contact,`,
    `POST ${V}/sobjects/Contact/quickActions/LogCall`,
    `GET ${V}/sobjects/Contact/approvalLayouts`,
    `GET ${V}/sobjects/Contact/listviews/1/results`,
    `GET ${V}/sobjects/Contact/${ID}/Account`,
    `GET ${V}/sobjects/Contact/${ID}/Photo__c`,
    'GET /cometd/59.0',
    'GET /services/data/latest/limits',
    `GET ${V}/sobjects/Contact/${ID}?unknown=1`,
    `GET ${V}/sobjects/Contact/${ID}?fields=Id&fields=Email`,
    `GET ${V}/query`,
    `GET ${V}/query?q=SELECT+Id+FROM+Lead&q=SELECT+Email+FROM+Lead`,
    `GET ${V}/query?q=SELECT+Id+FROM+Lead&explain=SELECT+Id+FROM+Lead`,
    `POST ${V}/query?q=SELECT+Id+FROM+Lead`,
    `DELETE ${V}/sobjects/Contact/${ID}?_HttpMethod=PATCH`,
    'GET /id/00D1/0051?format=xml',
  ])('does not know %s', (line) => {
    expect(adapter.recognise(crmRequest(line), nothingSealed)).toBeUndefined();
  });

  it.each([
    ['a query with a comment', `GET ${soql('SELECT Id /* x */ FROM Contact')}`, undefined],
    ['a field list that is no list of names', `GET ${V}/sobjects/Contact/${ID}?fields=Email%20x`, undefined],
    [
      'a job with a query that is not read',
      `POST ${V}/jobs/query`,
      { operation: 'query', query: 'FIND {x}' },
    ],
    [
      'a job with a member that is not known',
      `POST ${V}/jobs/query`,
      { operation: 'query', query: 'SELECT Id FROM Lead', x: 1 },
    ],
    [
      'duplicate names',
      `POST ${V}/jobs/query`,
      '{"operation":"query","query":"SELECT Id FROM Lead","qu\\u0065ry":"SELECT Email FROM Lead"}',
    ],
    ['a record of another type', `POST ${V}/sobjects/Contact`, { attributes: { type: 'Lead' }, Email: 'a' }],
    ['an id of another object', `PATCH ${V}/sobjects/Lead/${ID}`, { Email: 'a' }],
    [
      'a record whose type is no name',
      `POST ${V}/composite/sobjects`,
      { records: [{ attributes: { type: 'ana@example.com' }, Email: 'a' }] },
    ],
    ['a record without type', `POST ${V}/composite/sobjects`, { records: [{ Email: 'a' }] }],
    ['a record in a record', `POST ${V}/sobjects/Contact`, { Account: { Owner: { Email: 'a' } } }],
    ['a list in a record', `POST ${V}/sobjects/Contact`, { Email: ['a'] }],
    [
      'documents that a mail is linked to',
      `POST ${V}/sobjects/EmailMessage`,
      { ContentDocumentIds: ['0695g000000001lAAA'] },
    ],
    ['a body that is not JSON', `PATCH ${V}/sobjects/Contact/${ID}`, '<Contact/>'],
    ['a body cut short', `PATCH ${V}/sobjects/Contact/${ID}`, '{"Email":'],
  ])('refuses %s', (_, line, body) => {
    expect(() => adapter.recognise(crmRequest(line, body), nothingSealed)).toThrow(
      expect.objectContaining({ code: 'BODY_UNREADABLE' }),
    );
  });

  it('takes notes for what they are, whose ids begin like those of documents', () => {
    const request = crmRequest(`PATCH ${V}/sobjects/ContentNote/0695g000000001lAAA`, { Title: 'x' });
    expect(adapter.recognise(request, nothingSealed)).toMatchObject({ objects: ['ContentNote'] });
  });

  it('refuses a body of another media type', () => {
    const request = { ...crmRequest(`POST ${V}/sobjects/Contact`, {}), contentType: 'application/xml' };
    expect(() => adapter.recognise(request, nothingSealed)).toThrow(
      expect.objectContaining({ code: 'BODY_UNREADABLE' }),
    );
  });

  it('says which requests need their body', () => {
    expect(adapter.readsBody('POST', `${V}/jobs/query`)).toBe(true);
    expect(adapter.readsBody('PATCH', `${V}/sobjects/Contact/${ID}`)).toBe(true);
    expect(adapter.readsBody('GET', `${V}/query`)).toBe(false);
    expect(adapter.readsBody('PUT', `${V}/jobs/ingest/750/batches`)).toBe(false);
  });

  it('asks for JSON whatever the client would take', () => {
    const request = { ...crmRequest(`GET ${V}/sobjects/Contact/${ID}`), accept: 'application/xml' };
    expect(adapter.recognise(request, nothingSealed)?.request.accept).toBe('application/json');
  });

  it('knows the record of a path, and the objects of ids', () => {
    expect(recognised(adapter, `GET ${V}/sobjects/Contact/${ID}`).recordId).toBe(ID);
    expect(
      recognised(adapter, `DELETE ${V}/composite/sobjects?ids=${ID},a0X5e000001abcDAAQ`).objects,
    ).toEqual(['Contact', '*']);
  });

  it.each([
    `GET ${V}/query/01g5e000001abcD-2000`,
    `GET ${V}/queryAll/01g5e000001abcD-2000`,
    `GET ${V}/jobs/query/7505e000001abcD`,
    `GET ${V}/jobs/query/7505e000001abcD/results`,
    `GET ${V}/jobs/query/7505e000001abcD/resultPages`,
    `GET ${V}/jobs/ingest/7505e000001abcD/failedResults`,
    `PUT ${V}/jobs/ingest/7505e000001abcD/batches`,
    `GET ${V}/analytics/reports/00O1/instances/1`,
  ])('lets only a clear view see what nobody sealed: %s', (line) => {
    expect(recognised(adapter, line)).toMatchObject({ objects: ['*'], needsClearView: true });
  });
});

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

describe('Salesforce narrowing', () => {
  it('adds fields to the query, and says which', () => {
    const query = recognised(adapter, `GET ${soql('SELECT Email FROM Contact')}`);
    const { operation, added } = adapter.narrow(query, narrowing({ Contact: ['OwnerId', 'email'] }));
    expect(operation.request.query).toEqual([['q', 'SELECT Email, OwnerId FROM Contact']]);
    expect(added).toEqual(new Map([['Contact', ['OwnerId']]]));
  });

  it.each([
    ['read', `GET ${V}/sobjects/Contact/${ID}?fields=Email`, undefined],
    ['collection-read', `GET ${V}/composite/sobjects/Contact?ids=${ID}&fields=Email`, undefined],
  ])('adds fields to %s', (_, line, body) => {
    const { operation, added } = adapter.narrow(
      recognised(adapter, line, body),
      narrowing({ Contact: ['OwnerId'] }),
    );
    expect(operation.request.query).toContainEqual(['fields', 'Email,OwnerId']);
    expect(added).toEqual(new Map([['Contact', ['OwnerId']]]));
  });

  it('adds fields to a read by POST', () => {
    const read = recognised(adapter, `POST ${V}/composite/sobjects/Contact`, {
      ids: [ID],
      fields: ['Email'],
    });
    const { operation } = adapter.narrow(read, narrowing({ Contact: ['OwnerId'] }));
    expect(JSON.parse(String(operation.request.body))).toEqual({ ids: [ID], fields: ['Email', 'OwnerId'] });
  });

  it('adds nothing to a read of all fields', () => {
    const read = recognised(adapter, `GET ${V}/sobjects/Contact/${ID}`);
    expect(adapter.narrow(read, narrowing({ Contact: ['OwnerId'] }))).toEqual({
      operation: read,
      added: new Map(),
      rowsPushed: true,
    });
  });

  it('never counts rows of an explanation as pushed', () => {
    const plan = recognised(adapter, `GET ${V}/query?explain=SELECT+Id+FROM+Contact`);
    expect(plan.aggregates).toBe(true);
    expect(adapter.narrow(plan, narrowing({}, { Contact: [ownRows] })).rowsPushed).toBe(false);
  });
});

describe('Salesforce current values', () => {
  it('reads the records an update names in one request', () => {
    const update = recognised(adapter, `PATCH ${V}/sobjects/Contact/${ID}`, { Email: 'a' });
    const read = adapter.readCurrent(update, 'Contact', [ID.slice(0, 15)], ['email']);
    expect(read?.request).toMatchObject({
      method: 'GET',
      path: `${V}/composite/sobjects/Contact`,
      query: [
        ['ids', ID.slice(0, 15)],
        ['fields', 'Id,email'],
      ],
    });
    expect(read?.values([{ attributes: {}, Id: ID, Email: 'ana@example.com' }, null])).toEqual(
      new Map([[ID.slice(0, 15), new Map([['email', 'ana@example.com']])]]),
    );
  });

  it('cannot read them for a record that is looked up by value', () => {
    const upsert = recognised(adapter, `PATCH ${V}/sobjects/Contact/Ext__c/1`, { Email: 'a' });
    expect(adapter.readCurrent(upsert, 'Contact', ['1'], ['Email'])).toBeUndefined();
  });
});

describe('Salesforce answers of its own', () => {
  const denial = { policy: 'no-export', message: 'Ask <privacy> & "wait".' };

  it('denies in the shape its SDKs read', () => {
    expect(JSON.parse(adapter.errorBody(403, denial, '*/*', 'r1').body)).toEqual([
      {
        message: 'Ask <privacy> & "wait". (policy no-export, request r1)',
        errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      },
    ]);
  });

  it('says of a session that has ended what its SDKs look for', () => {
    expect(adapter.errorBody(401, denial, '*/*', 'r1').body).toContain('"errorCode":"INVALID_SESSION_ID"');
  });

  it('denies in XML to those who ask for it', () => {
    const { contentType, body } = adapter.errorBody(403, denial, 'application/xml', 'r1');
    expect(contentType).toBe('application/xml');
    expect(body).toContain(
      '<message>Ask &lt;privacy&gt; &amp; "wait". (policy no-export, request r1)</message>',
    );
  });

  it('asks whose a token is', () => {
    expect(adapter.whoAmI?.request('t')).toEqual({
      path: '/services/oauth2/userinfo',
      headers: { authorization: 'Bearer t', accept: 'application/json' },
    });
    expect(
      adapter.whoAmI?.parse({
        user_id: OWNER,
        user_type: 'STANDARD',
        profile: 'https://x.example/005',
        active: true,
      }),
    ).toEqual({ id: OWNER, crmUserId: OWNER, groups: ['STANDARD'] });
    expect(adapter.whoAmI?.parse({ user_id: OWNER, active: false })).toBeUndefined();
    expect(adapter.whoAmI?.parse([])).toBeUndefined();
  });
});

describe('texts of Salesforce', () => {
  it.each([
    [
      'duplicate value found: ExternalId__c duplicates value on record with id: 0035g000000003BAAQ',
      'duplicate value found: ExternalId__c duplicates value on record with id: [id]',
    ],
    ['duplicate value found: <unknown> duplicates value on record with id: <unknown>', undefined],
    ['The requested resource 0035g000000003BAAQ does not exist', undefined],
  ])('tell of a record that has a value already, but not which: %s', (text, shown = text) => {
    expect(adapter.withoutIds?.(text)).toBe(shown);
  });
});
