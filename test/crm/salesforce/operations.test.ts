import { describe, expect, it } from 'vitest';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';
import { adapter, ID, soql, V } from './requests.ts';

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
