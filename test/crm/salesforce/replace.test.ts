import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Narrowing } from '../../../src/crm/adapter.ts';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { OpenLocator } from '../../../src/model/locator.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { queryParameter } from '../../../src/model/request.ts';
import { comparedIn, jsonOf, replaceIn, tokens } from '../equality.ts';
import { recognised } from '../request.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const V = '/services/data/v59.0';
const ID = '0035e000001abcDAAQ';
const narrowing: Narrowing = {
  fields: new Map([['Contact', ['OwnerId']]]),
  rows: new Map([
    [
      'Contact',
      [
        {
          policy: 'own',
          needs: ['OwnerId'],
          equals: [{ field: 'OwnerId', values: [ID] }],
          holds: () => true,
        },
      ],
    ],
  ]),
};
const replace = (operation: Operation, fields: string[], count = 1): Operation | undefined =>
  replaceIn(adapter, operation, tokens(fields, count));
const soqlOf = (operation: Operation | undefined, name = 'q'): string | undefined =>
  operation && queryParameter(operation.request, name);

describe('a query', () => {
  const soql = "SELECT Id FROM Contact WHERE Email = 'a'";
  const asked = `SELECT Id FROM Contact WHERE Email = 'tok1/a'`;

  it.each([
    ['query', 'query', 'q'],
    ['queryAll', 'query-all', 'q'],
    ['query', 'explain', 'explain'],
  ])('of %s has its values replaced', (path, route, parameter) => {
    const operation = recognised(adapter, `GET ${V}/${path}?${parameter}=${encodeURIComponent(soql)}`);
    expect(operation.route).toBe(route);
    expect(comparedIn(operation)).toEqual([['Contact.Email filter', ['a']]]);
    const sent = replace(operation, ['Email']);
    expect(soqlOf(sent, parameter)).toBe(asked);
    expect({ ...sent, request: undefined }).toEqual({ ...operation, request: undefined });
    expect(soqlOf(replace(operation, ['Phone']), parameter)).toBe(soql);
  });

  it('is narrowed first, and its follow-ups remember it as the client wrote it', () => {
    const operation = recognised(adapter, `GET ${V}/query?q=${encodeURIComponent(soql)}`);
    const narrowed = adapter.narrow(operation, narrowing);
    const sent = replace(narrowed.operation, ['Email']);
    expect(soqlOf(sent)).toBe(
      `SELECT Id, OwnerId FROM Contact WHERE OwnerId = '${ID}' AND (Email = 'tok1/a')`,
    );
    expect(sent?.continuation).toBe(narrowed.operation.continuation);

    const open: OpenLocator = () => ({ locator: '01gX-2000', continuation: sent?.continuation ?? '' });
    const more = recognised(adapter, `GET ${V}/query/sealed`, undefined, open);
    expect(comparedIn(more)).toEqual([['Contact.Email filter', ['a']]]);
    const followUp = adapter.narrow(more, narrowing);
    expect(followUp.rowsPushed).toBe(narrowed.rowsPushed);
    expect([...followUp.added]).toEqual([...narrowed.added]);
    expect(replace(followUp.operation, ['Email'])).toEqual(followUp.operation);
  });

  it('has the values of row rules replaced as well', () => {
    const operation = recognised(adapter, `GET ${V}/query?q=${encodeURIComponent(soql)}`);
    const { operation: narrowed } = adapter.narrow(operation, narrowing);
    expect(soqlOf(replace(narrowed, ['OwnerId'], 2))).toBe(
      `SELECT Id, OwnerId FROM Contact WHERE OwnerId IN ('tok1/${ID}', 'tok2/${ID}') AND (Email = 'a')`,
    );
  });

  it('of a bulk job has its values replaced, and everything done with the job is harmless', () => {
    const created = recognised(adapter, `POST ${V}/jobs/query`, {
      operation: 'query',
      query: soql,
      columnDelimiter: 'TAB',
    });
    const narrowed = adapter.narrow(created, narrowing).operation;
    const sent = replace(narrowed, ['Email'], 2);
    expect(sent && jsonOf(sent.request)).toEqual({
      operation: 'query',
      query: `SELECT Id, OwnerId FROM Contact WHERE OwnerId = '${ID}' AND (Email IN ('tok1/a', 'tok2/a'))`,
      columnDelimiter: 'TAB',
    });
    expect(sent?.continuation).toBe(narrowed.continuation);

    const open: OpenLocator = () => ({ locator: '750X', continuation: sent?.continuation ?? '' });
    for (const line of [
      `GET ${V}/jobs/query/s`,
      `PATCH ${V}/jobs/query/s`,
      `DELETE ${V}/jobs/query/s`,
      `GET ${V}/jobs/query/s/results`,
      `GET ${V}/jobs/query/s/resultPages`,
    ]) {
      const followUp = recognised(adapter, line, undefined, open);
      expect(comparedIn(followUp)).toEqual([['Contact.Email filter', ['a']]]);
      expect(replace(followUp, ['Email'], 2)).toEqual(followUp);
    }
  });

  it('never carries a token out of its literal, whatever the token', () => {
    const operation = recognised(adapter, `GET ${V}/query?q=${encodeURIComponent(soql)}`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (token) => {
        const sent = replaceIn(adapter, operation, () => [token]);
        if (sent === undefined) return;
        const again = recognised(adapter, `GET ${V}/query?q=${encodeURIComponent(soqlOf(sent) ?? '')}`);
        expect(again.uses).toEqual(
          operation.uses.map((use) => (use.equals ? { ...use, equals: [token] } : use)),
        );
      }),
    );
  });
});

describe('a look-up by external id', () => {
  it.each([
    ['GET', undefined],
    ['PATCH', { LastName: 'b' }],
    ['DELETE', undefined],
  ])('with %s takes one token', (method, body) => {
    const line = `${method} ${V}/sobjects/contact/Email/ana%40example.com`;
    const operation = recognised(adapter, line, body);
    expect(comparedIn(operation)).toEqual([['Contact.Email lookup', ['ana@example.com']]]);
    const sent = replace(operation, ['Email']);
    expect(sent?.request.path).toBe(`${V}/sobjects/contact/Email/tok1%2Fana%40example.com`);
    expect(sent?.request.segments.at(-1)).toBe('tok1/ana@example.com');
    expect(sent?.request.body).toEqual(operation.request.body);
    expect(replace(operation, ['Phone'])).toEqual(operation);
    expect(replace(operation, ['Email'], 2)).toBeUndefined();
  });

  it.each(['.', '..'])('takes no token %s, which a URL would lose', (token) => {
    const operation = recognised(adapter, `GET ${V}/sobjects/Contact/Email/a`);
    expect(replaceIn(adapter, operation, () => [token])).toBeUndefined();
  });
});

describe('a reference to a related record', () => {
  const record = {
    LastName: 'b',
    attributes: { type: 'Contact', url: 'x' },
    ReportsTo: { Email: 'a', attributes: { type: 'Contact' } },
    Person__r: { Email: 'c', Ext__c: 5 },
  };
  const withTokens = {
    ...record,
    ReportsTo: { ...record.ReportsTo, Email: 'tok1/a' },
    Person__r: { ...record.Person__r, Email: 'tok1/c' },
  };
  const uses = [
    ['Contact.Email lookup', ['a']],
    ['*.Email lookup', ['c']],
    ['*.Ext__c lookup', undefined],
  ];

  it.each([
    [`POST ${V}/sobjects/Contact`, record, withTokens],
    [`PATCH ${V}/sobjects/Contact/${ID}`, record, withTokens],
    [`POST ${V}/composite/sobjects`, { records: [record] }, { records: [withTokens] }],
    [
      `PATCH ${V}/composite/sobjects`,
      { allOrNone: true, records: [record] },
      { allOrNone: true, records: [withTokens] },
    ],
  ])('is looked up by its token in %s', (line, body, sent) => {
    const operation = recognised(adapter, line, body);
    expect(comparedIn(operation)).toEqual(uses);
    const replaced = replace(operation, ['Email']);
    expect(replaced && jsonOf(replaced.request)).toEqual(sent);
    expect(replace(operation, ['LastName'])).toBe(operation);
    expect(replace(operation, ['Email'], 2)).toBeUndefined();
  });

  it('is looked up beside an external id', () => {
    const operation = recognised(adapter, `PATCH ${V}/sobjects/Contact/Ext__c/1`, {
      Email: 'new',
      Account: { Ext__c: '2' },
    });
    const sent = replace(operation, ['Ext__c', 'Email']);
    expect(sent?.request.segments.at(-1)).toBe('tok1/1');
    expect(sent && jsonOf(sent.request)).toEqual({ Email: 'new', Account: { Ext__c: 'tok1/2' } });
  });

  it.each(['12345678901234567', '1e400', '0.12345678901234567'])(
    'is not replaced where the number %s beside it would change',
    (number) => {
      const body = `{"Amount__c":${number},"ReportsTo":{"Email":"a"}}`;
      const operation = recognised(adapter, `POST ${V}/sobjects/Contact`, body);
      expect(replace(operation, ['Email'])).toBeUndefined();
      expect(replace(operation, ['Phone'])).toBe(operation);
    },
  );
});

describe('a collection upsert', () => {
  const upsert = (...records: unknown[]): Operation =>
    recognised(adapter, `PATCH ${V}/composite/sobjects/Contact/Email`, { records });
  const attributes = { type: 'Contact' };

  it('says by which values it looks up, and leaves them to whoever rewrites the records', () => {
    const operation = upsert({ attributes, Email: 'a' }, { attributes, email: 'b', LastName: 'c' });
    expect(comparedIn(operation)).toEqual([['Contact.Email lookup', ['a', 'b']]]);
    expect(replace(operation, ['Email'])).toBe(operation);
  });

  it.each([
    ['a record has none', [{ attributes, Email: 'a' }, { attributes }]],
    ['one is null', [{ attributes, Email: null }]],
    ['one is a number', [{ attributes, Email: 5 }]],
    ['there is no record', []],
  ])('stays an oracle where %s', (_, records) => {
    expect(comparedIn(upsert(...records))).toEqual([['Contact.Email lookup', undefined]]);
  });
});

it('replaces nothing where an operation has no values', () => {
  const operation = recognised(adapter, `GET ${V}/sobjects/Contact/${ID}`);
  expect(replace(operation, ['Id', 'Email'])).toBe(operation);
});
