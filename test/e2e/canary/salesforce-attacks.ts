/** Ways round a masker of Salesforce's REST API that the sandbox answers to those who may. */
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { SALESFORCE_FIELDS } from '../expected.ts';
import { type Attack, denied, refused, treated } from './attack.ts';

const V = '/services/data/v59.0';
const JSON_BODY = { 'content-type': 'application/json' };
const query = (soql: string, resource = 'query') => ({
  path: `${V}/${resource}?q=${encodeURIComponent(soql)}`,
});
const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = JSON_BODY) => ({
  method: 'POST',
  path: V + path,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});

/** Record ids and locators that exist in the sandbox, by whatever way the attacker learnt of them. */
export interface KnownToAttacker {
  readonly contactId: string;
  readonly accountId: string;
  readonly reportId: string;
  /** A file about somebody. */
  readonly fileId: string;
  readonly nativeLocator: string;
  readonly nativeJobId: string;
  /** A next page's URL as Privet gave it to somebody else. */
  readonly strangersNextUrl: string;
  readonly strangersJobId: string;
}

/** The value is learnt from whether, how often or where a record appears. */
const ORACLES: readonly Attack[] = (
  [
    ['the least of a group', 'SELECT MIN(Email) FROM Contact'],
    ['the greatest under an alias', 'SELECT MAX(Email) innocent FROM Contact'],
    ['the number of distinct values', 'SELECT COUNT_DISTINCT(Email) FROM Contact'],
    ['a group by the field', 'SELECT Email, COUNT(Id) FROM Contact GROUP BY Email'],
    ['a group by the field alone', 'SELECT COUNT(Id) FROM Contact GROUP BY Phone'],
    ['HAVING', "SELECT LastName FROM Contact GROUP BY LastName HAVING MIN(Phone) LIKE '+34%'"],
    ['an order', 'SELECT Id FROM Contact ORDER BY Phone'],
    ['an order under an alias', 'SELECT c.Id FROM Contact c ORDER BY c.Phone'],
    ['LIKE', "SELECT Id FROM Contact WHERE Phone LIKE '+34 912%'"],
    ['LIKE in lower case', "select id from contact where phone like '+34 912%'"],
    ['equality', `SELECT Id FROM Contact WHERE Phone = '${CANARIES.phone}'`],
    ['an interval', "SELECT Id FROM Contact WHERE Phone > '+34 9' AND Phone < '+35'"],
    ['a list', `SELECT Id FROM Contact WHERE Phone IN ('${CANARIES.phone}')`],
    ['a negation', `SELECT Id FROM Contact WHERE NOT Phone != '${CANARIES.phone}'`],
    ['the field qualified by its object', `SELECT Id FROM Contact WHERE Contact.Phone = '${CANARIES.phone}'`],
    ['a count', `SELECT COUNT() FROM Contact WHERE Phone = '${CANARIES.phone}'`],
    [
      'a semi-join',
      "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Phone LIKE '+34 912%')",
    ],
    ['a filter along a relationship', "SELECT Id FROM Case WHERE Contact.Phone LIKE '+34 912%'"],
    ['an order along a relationship', 'SELECT Id FROM Case ORDER BY Contact.Phone'],
    [
      'a filter among children',
      "SELECT Id, (SELECT Id FROM Contacts WHERE Phone LIKE '+34 912%') FROM Account",
    ],
    ['an order among children', 'SELECT Id, (SELECT Id FROM Contacts ORDER BY Phone) FROM Account'],
    ['a part of a compound field', "SELECT Id FROM Contact WHERE MailingStreet LIKE 'Zq%'"],
    ['two aliases at once', 'SELECT c.Id FROM Contact c, c.Account a ORDER BY c.Phone'],
  ] as const
).flatMap(([name, soql]) => [
  denied(`${name}, by query`, query(soql)),
  denied(`${name}, by queryAll`, query(soql, 'queryAll')),
]);

/** Every spelling of asking for the fields. */
const SELECTIONS: readonly Attack[] = [
  treated('the fields by name', query(`SELECT ${SALESFORCE_FIELDS.join(', ')} FROM Contact`)),
  treated(
    'the fields in other letters',
    query(`sElEcT ${SALESFORCE_FIELDS.join(',').toUpperCase()} from CONTACT`),
  ),
  treated(
    'the fields under an alias',
    query(`SELECT c.Email, c.Phone, c.NIF__c, c.IBAN__c, c.Diagnosis__c FROM Contact c`),
  ),
  treated('all fields', query('SELECT FIELDS(ALL) FROM Contact LIMIT 200')),
  treated('deleted records too', query(`SELECT ${SALESFORCE_FIELDS.join(', ')} FROM Contact`, 'queryAll')),
  treated('compound fields', query('SELECT Name, MailingAddress FROM Contact')),
  treated(
    'children',
    query('SELECT Id, (SELECT Email, Phone, Birthdate, NIF__c, MailingAddress FROM Contacts) FROM Account'),
  ),
  treated(
    'a parent',
    query('SELECT Id, Contact.Email, Contact.Phone, Contact.NIF__c, Contact.Birthdate FROM Case'),
  ),
  treated('a parent that may be of several objects', query('SELECT Id, Who.Email, Who.Phone FROM Task')),
  treated('copies in other objects', query('SELECT SuppliedEmail, SuppliedPhone, Description FROM Case')),
  treated('a lead', query('SELECT Email, Phone, Street, City, PostalCode, NIF__c, Description FROM Lead')),
  treated('the notes of a task', query('SELECT Description FROM Task')),
];

const records = ({ contactId, accountId, reportId }: KnownToAttacker): readonly Attack[] => [
  treated('the record', { path: `${V}/sobjects/Contact/${contactId}` }),
  treated('the record in other letters', { path: `${V}/SObjects/contact/${contactId}` }),
  treated('some of its fields', { path: `${V}/sobjects/Contact/${contactId}?fields=email,PHONE,Nif__c` }),
  treated('the record by external id', { path: `${V}/sobjects/Contact/ExternalId__c/EXT-000031` }),
  treated('many records', {
    path: `${V}/composite/sobjects/Contact?ids=${contactId}&fields=Email,Phone,NIF__c,MailingAddress`,
  }),
  treated(
    'many records by POST',
    post('/composite/sobjects/Contact', { ids: [contactId], fields: ['Email', 'Phone', 'NIF__c'] }),
  ),
  treated('recently viewed records', { path: `${V}/recent` }),
  treated('recently viewed records of an object', { path: `${V}/sobjects/Contact` }),
  treated('the describe', { path: `${V}/sobjects/Contact/describe` }),
  denied('a look-up by e-mail', {
    path: `${V}/sobjects/Contact/Phone/${encodeURIComponent(CANARIES.phone)}`,
  }),
  denied('its parent', { path: `${V}/sobjects/Contact/${contactId}/Account` }),
  denied('children of its parent', { path: `${V}/sobjects/Account/${accountId}/Contacts` }),
  denied('what was changed', {
    path: `${V}/sobjects/Contact/updated?start=2020-01-01T00:00:00Z&end=2030-01-01T00:00:00Z`,
  }),
  denied('a report', { path: `${V}/analytics/reports/${reportId}?includeDetails=true` }),
  denied('a report as a spreadsheet', {
    path: `${V}/analytics/reports/${reportId}`,
    headers: { accept: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  }),
  denied('a query plan', {
    path: `${V}/query?explain=${encodeURIComponent(`SELECT Id FROM Contact WHERE Phone = '${CANARIES.phone}'`)}`,
  }),
  denied('the UI API', { path: `${V}/ui-api/records/${contactId}?fields=Contact.Email,Contact.Phone` }),
  denied('SOSL', {
    path: `${V}/search?q=${encodeURIComponent('FIND {Zqcanarylast} IN ALL FIELDS RETURNING Contact(Email, Phone)')}`,
  }),
  denied('a search by parameters', {
    path: `${V}/parameterizedSearch?q=Zqcanarylast&sobject=Contact&fields=Email,Phone`,
  }),
  denied(
    'a search by POST',
    post('/parameterizedSearch', { q: 'Zqcanarylast', sobjects: [{ name: 'Contact', fields: ['Email'] }] }),
  ),
  denied(
    'composite',
    post('/composite', {
      compositeRequest: [
        { method: 'GET', url: `${V}/sobjects/Contact/${contactId}`, referenceId: 'one' },
        {
          method: 'GET',
          url: `${V}/query?q=SELECT+Id+FROM+Contact+WHERE+Email='@{one.Email}'`,
          referenceId: 'two',
        },
      ],
    }),
  ),
  denied(
    'a batch of requests',
    post('/composite/batch', {
      batchRequests: [{ method: 'GET', url: `v59.0/sobjects/Contact/${contactId}` }],
    }),
  ),
  denied('GraphQL', post('/graphql', { query: '{uiapi{query{Contact{edges{node{Email{value}}}}}}}' })),
  denied('Tooling', { path: `${V}/tooling/query?q=SELECT+Email+FROM+Contact` }),
  denied('Chatter', { path: `${V}/chatter/users/me` }),
  denied('Apex', { path: '/services/apexrest/contacts' }),
  denied('SOAP', {
    method: 'POST',
    path: '/services/Soap/u/59.0',
    headers: { 'content-type': 'text/xml' },
    body: '<Envelope/>',
  }),
  denied('Bulk API 1.0', { path: '/services/async/59.0/job' }),
];

const followUps = (known: KnownToAttacker): readonly Attack[] => [
  denied("the CRM's own locator", { path: `${V}/query/${known.nativeLocator}` }),
  denied("the CRM's own locator, of deleted records too", { path: `${V}/queryAll/${known.nativeLocator}` }),
  denied("somebody else's next page", { path: known.strangersNextUrl }),
  denied("the results of somebody else's job", { path: `${V}/jobs/query/${known.strangersJobId}/results` }),
  denied("the results of a job by the CRM's own id", {
    path: `${V}/jobs/query/${known.nativeJobId}/results`,
  }),
];

/** Requests that two readers may understand in two ways. */
const disguises = ({ contactId }: KnownToAttacker): readonly Attack[] => {
  const record = `/sobjects/Contact/${contactId}`;
  return [
    refused('a double slash', { path: `/services//data/v59.0${record}` }),
    refused('a dot segment', { path: `${V}/limits/..${record}` }),
    refused('an encoded dot segment', { path: `${V}/limits/%2e%2e${record}` }),
    refused('an encoded slash', { path: `${V}/sobjects%2FContact/${contactId}` }),
    refused('a backslash', { path: `${V}\\sobjects/Contact/${contactId}` }),
    refused('matrix parameters', { path: `${V}/sobjects/Contact;x=1/${contactId}` }),
    refused('an encoding in an encoding', { path: `${V}/sobjects/%2543ontact/${contactId}` }),
    refused('an absolute target', { path: `http://elsewhere.example${V}${record}` }),
    treated('needless encoding', { path: `${V}/sobjects/%43ontact/${contactId}` }),
    treated('a slash at the end', { path: `${V}${record}/` }),
    refused('two queries', {
      path: `${V}/query?q=SELECT+Id+FROM+Contact&q=SELECT+Email+FROM+Contact`,
    }),
    refused('two queries in other letters', {
      path: `${V}/query?q=SELECT+Id+FROM+Contact&Q=SELECT+Email+FROM+Contact`,
    }),
    denied('a method that the query names', {
      method: 'POST',
      path: `${V}${record}?_HttpMethod=PUT`,
      body: '{}',
    }),
    refused('a method that a header names', {
      path: `${V}${record}`,
      headers: { 'x-http-method-override': 'PUT' },
    }),
    treated('another target in a header', {
      path: `${V}/limits`,
      headers: { 'x-original-url': V + record, 'x-rewrite-url': V + record },
    }),
    treated("jsforce's other target", {
      path: `${V}/limits`,
      headers: { 'salesforceproxy-endpoint': `http://127.0.0.1${V}${record}` },
    }),
    treated('XML', { path: V + record, headers: { accept: 'application/xml' } }),
    treated('HEAD', { method: 'HEAD', path: V + record }),
    treated('a range', { path: V + record, headers: { range: 'bytes=0-100000' } }),
    ...['gzip', 'br', 'deflate', 'identity', 'zstd', 'bz2, x-secret', '*', 'gzip;q=0', ''].map((coding) =>
      treated(`coding "${coding}"`, { path: V + record, headers: { 'accept-encoding': coding } }),
    ),
    refused(
      'a repeated key',
      post('/composite/sobjects/Contact', `{"ids":["${contactId}"],"fields":["Id"],"fields":["Email"]}`),
    ),
    refused(
      'an escaped key',
      post(
        '/composite/sobjects/Contact',
        `{"ids":["${contactId}"],"fields":["Id"],"\\u0066ields":["Email"]}`,
      ),
    ),
    treated(
      'an escaped name',
      post('/composite/sobjects/Contact', `{"ids":["${contactId}"],"fields":["\\u0045mail","\\u0050hone"]}`),
    ),
    refused('bytes that are not UTF-8', {
      method: 'POST',
      path: `${V}/composite/sobjects/Contact`,
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    }),
    refused(
      'another charset',
      post(
        '/composite/sobjects/Contact',
        { ids: [contactId], fields: ['Email'] },
        { 'content-type': 'application/json; charset=utf-16' },
      ),
    ),
    refused(
      'something behind the body',
      post('/composite/sobjects/Contact', `{"ids":["${contactId}"],"fields":["Id"]} {"fields":["Email"]}`),
    ),
  ];
};

/** Errors that repeat what they were sent, or what they found. */
const echoes = ({ contactId }: KnownToAttacker): readonly Attack[] => [
  treated(
    'a message about a wrong query',
    query("SELECT Nope__c FROM Contact WHERE LastName = 'Zqcanarylast'"),
  ),
  treated('a message about a wrong value', post('/sobjects/Contact', { LastName: 'X', Email: 'nobody' })),
  treated(
    'a message about a value in use',
    post('/sobjects/Contact', { LastName: 'X', ExternalId__c: 'EXT-000031' }),
  ),
  denied(
    'a write that finds its record by value',
    post('/sobjects/Case', { Subject: 'x', Contact: { Phone: CANARIES.phone } }),
  ),
  denied('an upsert that finds its record by value', {
    method: 'PATCH',
    path: `${V}/sobjects/Contact/Phone/${encodeURIComponent(CANARIES.phone)}`,
    body: '{"LastName":"X"}',
  }),
  treated('a record that is not there', { path: `${V}/sobjects/Lead/${contactId}` }),
];

const files = ({ fileId }: KnownToAttacker): readonly Attack[] => [
  denied('the bytes of a file', { path: `${V}/sobjects/ContentVersion/${fileId}/VersionData` }),
  denied('the bytes of a file in other letters', {
    path: `/Services/Data/v59.0/SObjects/contentversion/${fileId.slice(0, 15)}/versiondata`,
  }),
  denied('the head of a file', {
    method: 'HEAD',
    path: `${V}/sobjects/ContentVersion/${fileId}/VersionData`,
    headers: { range: 'bytes=0-99' },
  }),
  denied(
    'a file mailed to oneself',
    post('/actions/standard/emailSimple', {
      inputs: [
        {
          emailAddresses: 'me@example.com',
          emailSubject: 'x',
          emailBody: 'x',
          attachmentIdCollection: [fileId],
        },
      ],
    }),
  ),
];

export function salesforceAttacks(known: KnownToAttacker): readonly Attack[] {
  return [
    ...ORACLES,
    ...SELECTIONS,
    ...records(known),
    ...followUps(known),
    ...disguises(known),
    ...echoes(known),
    ...files(known),
  ];
}
