import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Narrowing } from '../../../src/crm/adapter.ts';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { comparedIn, jsonOf, replaceIn, tokens } from '../equality.ts';
import { recognised } from '../request.ts';

const adapter = createHubspotAdapter();
const OBJECTS = '/crm/v3/objects';
const replace = (operation: Operation, fields: string[], count = 1): Operation | undefined =>
  replaceIn(adapter, operation, tokens(fields, count));
const sentBody = (operation: Operation | undefined): unknown => operation && jsonOf(operation.request);
const search = (...filters: unknown[]): Operation =>
  recognised(adapter, `POST ${OBJECTS}/contacts/search`, { filterGroups: [{ filters }] });
const sentFilter = (operation: Operation | undefined): unknown =>
  sentBody(operation) && Object(sentBody(operation)).filterGroups[0].filters[0];

describe('a search', () => {
  const email = { propertyName: 'email' };

  it.each([
    [
      { ...email, operator: 'EQ', value: 'a' },
      ['a'],
      { ...email, operator: 'EQ', value: 'tok1/a' },
      { ...email, operator: 'IN', values: ['tok1/a', 'tok2/a'] },
    ],
    [
      { ...email, operator: 'IN', values: ['a', 'b'] },
      ['a', 'b'],
      { ...email, operator: 'IN', values: ['tok1/a', 'tok1/b'] },
      { ...email, operator: 'IN', values: ['tok1/a', 'tok2/a', 'tok1/b', 'tok2/b'] },
    ],
    [
      { ...email, operator: 'NEQ', value: 'a' },
      ['a'],
      { ...email, operator: 'NEQ', value: 'tok1/a' },
      { ...email, operator: 'NOT_IN', values: ['tok1/a', 'tok2/a'] },
    ],
    [
      { ...email, operator: 'NOT_IN', values: ['a'] },
      ['a'],
      { ...email, operator: 'NOT_IN', values: ['tok1/a'] },
      { ...email, operator: 'NOT_IN', values: ['tok1/a', 'tok2/a'] },
    ],
    [
      { propertyName: 'EMAIL', operator: 'EQ', value: 'a' },
      ['a'],
      { propertyName: 'EMAIL', operator: 'EQ', value: 'tok1/a' },
      { propertyName: 'EMAIL', operator: 'IN', values: ['tok1/a', 'tok2/a'] },
    ],
  ])('tells and replaces the values of %j', (filter, equals, withOne, withTwo) => {
    const operation = search(filter);
    expect(comparedIn(operation)).toEqual([[`contacts.${filter.propertyName} filter`, equals]]);
    expect(sentFilter(replace(operation, ['email']))).toEqual(withOne);
    expect(sentFilter(replace(operation, ['email'], 2))).toEqual(withTwo);
    expect(replace(operation, ['phone'])).toBe(operation);
  });

  it.each(['HAS_PROPERTY', 'NOT_HAS_PROPERTY'])('leaves %s, which compares with no value', (operator) => {
    const operation = search({ ...email, operator });
    expect(comparedIn(operation)).toEqual([['contacts.email filter', []]]);
    expect(replace(operation, ['email'])).toBe(operation);
  });

  it('writes the values of IN in lower case, as HubSpot wants them, and those of EQ as they are', () => {
    const upper = (): readonly string[] => ['ToK'];
    expect(sentFilter(replaceIn(adapter, search({ ...email, operator: 'EQ', value: 'a' }), upper))).toEqual({
      ...email,
      operator: 'EQ',
      value: 'ToK',
    });
    expect(
      sentFilter(
        replaceIn(adapter, search({ ...email, operator: 'IN', values: ['a', 'B'] }), (_use, value) =>
          value === 'a' ? upper() : undefined,
        ),
      ),
    ).toEqual({ ...email, operator: 'IN', values: ['tok', 'B'] });
  });

  it.each([
    { ...email, operator: 'NEQ', value: '' },
    { ...email, operator: 'NOT_IN', values: ['a', ''] },
    { ...email, operator: 'HAS_PROPERTY', value: 'a' },
    { ...email, operator: 'GT', value: 'a' },
    { ...email, operator: 'BETWEEN', value: 'a', highValue: 'b' },
    { ...email, operator: 'CONTAINS_TOKEN', value: 'a' },
    { ...email, operator: 'EQ', value: '' },
    { ...email, operator: 'EQ', value: 5 },
    { ...email, operator: 'EQ', value: null },
    { ...email, operator: 'EQ' },
    { ...email, operator: 'EQ', value: 'a', values: ['b'] },
    { ...email, operator: 'EQ', value: 'a', highValue: 'b' },
    { ...email, operator: 'IN', values: [] },
    { ...email, operator: 'IN', values: ['a', 5] },
    { ...email, operator: 'IN', values: ['a', ''] },
    { ...email, operator: 'IN', values: ['a'], value: 'b' },
    { ...email, operator: 'IN', values: 'a' },
    { ...email, operator: 'eq', value: 'a' },
    { ...email, value: 'a' },
  ])('leaves %j an oracle', (filter) => {
    const operation = search(filter);
    expect(comparedIn(operation)).toEqual([['contacts.email filter', undefined]]);
    expect(replace(operation, ['email'])).toBe(operation);
  });

  it('tells every comparison, the older place of filters too', () => {
    const operation = recognised(adapter, `POST ${OBJECTS}/contacts/search`, {
      filters: [{ ...email, operator: 'EQ', value: 'a' }],
      filterGroups: [
        { filters: [{ ...email, operator: 'EQ', value: 'b' }] },
        { filters: [{ ...email, operator: 'GT', value: 'c' }] },
      ],
      sorts: ['email'],
      query: 'd',
      limit: 5,
    });
    expect(comparedIn(operation).filter(([use]) => use.startsWith('contacts.email '))).toEqual([
      ['contacts.email filter', ['b']],
      ['contacts.email filter', undefined],
      ['contacts.email filter', ['a']],
      ['contacts.email sort', undefined],
      ['contacts.email search', undefined],
    ]);
    expect(sentBody(replace(operation, ['email']))).toEqual({
      filters: [{ ...email, operator: 'EQ', value: 'tok1/a' }],
      filterGroups: [
        { filters: [{ ...email, operator: 'EQ', value: 'tok1/b' }] },
        { filters: [{ ...email, operator: 'GT', value: 'c' }] },
      ],
      sorts: ['email'],
      query: 'd',
      limit: 5,
    });
  });

  it('is narrowed first', () => {
    const narrowing: Narrowing = { fields: new Map([['contacts', ['city']]]), rows: new Map() };
    const { operation } = adapter.narrow(search({ ...email, operator: 'EQ', value: 'a' }), narrowing);
    expect(sentBody(replace(operation, ['email']))).toEqual({
      filterGroups: [{ filters: [{ ...email, operator: 'EQ', value: 'tok1/a' }] }],
      properties: expect.arrayContaining(['city']),
    });
  });

  it('chooses the records of an export too', () => {
    const operation = recognised(adapter, 'POST /crm/v3/exports/export/async', {
      objectType: 'CONTACT',
      objectProperties: ['city'],
      publicCrmSearchRequest: { filters: [{ ...email, operator: 'EQ', value: 'a' }] },
    });
    expect(comparedIn(operation)).toEqual([['contacts.email filter', ['a']]]);
    expect(sentBody(replace(operation, ['email']))).toEqual({
      objectType: 'CONTACT',
      objectProperties: ['city'],
      publicCrmSearchRequest: { filters: [{ ...email, operator: 'EQ', value: 'tok1/a' }] },
    });
  });

  it('keeps no value of the field, and changes no other filter, whatever the search', () => {
    const value = fc.string({ maxLength: 6 }).map((rest) => `canary${rest}`);
    const secret = fc.oneof(
      value.map((text) => ({ ...email, operator: 'EQ', value: text })),
      fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => ({ ...email, operator: 'IN', values })),
    );
    const other = fc.constantFrom<object>(
      { propertyName: 'phone', operator: 'EQ', value: '1' },
      { propertyName: 'city', operator: 'NOT_IN', values: ['x'] },
      { propertyName: 'email', operator: 'HAS_PROPERTY' },
    );
    const groups = fc.array(fc.array(fc.oneof(secret, other), { minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 2 }), (lists, count) => {
        const filterGroups = lists.map((filters) => ({ filters }));
        const operation = recognised(adapter, `POST ${OBJECTS}/contacts/search`, { filterGroups });
        const sent = replaceIn(adapter, operation, ({ field }) =>
          field === 'email' ? ['t1', 't2'].slice(0, count) : undefined,
        );
        const isSecret = (filter: object): boolean => JSON.stringify(filter).includes('canary');
        expect(JSON.stringify(sentBody(sent))).not.toContain('canary');
        expect(sentBody(sent)).toEqual({
          filterGroups: lists.map((filters) => ({
            filters: filters.map((filter) =>
              !isSecret(filter)
                ? filter
                : count === 1 && 'value' in filter
                  ? { ...email, operator: 'EQ', value: 't1' }
                  : { ...email, operator: 'IN', values: ['t1', 't2'].slice(0, count) },
            ),
          })),
        });
      }),
    );
  });
});

describe('a look-up by a unique property', () => {
  it.each([
    ['GET', '/crm/v3/objects/contacts', undefined],
    ['GET', '/crm/objects/2026-03/0-1', undefined],
    ['PATCH', '/crm/v3/objects/contacts', { properties: { city: 'x' } }],
  ])('takes one token in the path: %s %s', (method, path, body) => {
    const operation = recognised(adapter, `${method} ${path}/ana%40b.example?idProperty=email`, body);
    expect(comparedIn(operation)).toEqual([['contacts.email lookup', ['ana@b.example']]]);
    const sent = replace(operation, ['email']);
    expect(sent?.request.path).toBe(`${path}/tok1%2Fana%40b.example`);
    expect(sent?.request.query).toEqual(operation.request.query);
    expect(sentBody(sent)).toEqual(body);
    expect(replace(operation, ['phone'])).toEqual(operation);
    expect(replace(operation, ['email'], 2)).toBeUndefined();
  });

  it('is not told where two properties are named', () => {
    const operation = recognised(adapter, `GET ${OBJECTS}/contacts/a?idProperty=email,phone`);
    expect(comparedIn(operation)).toEqual([
      ['contacts.email lookup', undefined],
      ['contacts.phone lookup', undefined],
    ]);
    expect(replace(operation, ['email'])).toBe(operation);
  });

  const input = { id: 'a', idProperty: 'email', properties: { phone: '1' } };
  it.each<[string, unknown, unknown, unknown]>([
    [
      'batch/read',
      { inputs: [{ id: 'a' }, { id: 'b' }], idProperty: 'email', properties: ['city'] },
      [['contacts.email lookup', ['a', 'b']]],
      { inputs: [{ id: 'tok1/a' }, { id: 'tok1/b' }], idProperty: 'email', properties: ['city'] },
    ],
    ...['update', 'upsert', 'create'].map((name): [string, unknown, unknown, unknown] => [
      `batch/${name}`,
      { inputs: [input, { id: '7', properties: { phone: '2' } }] },
      [['contacts.email lookup', ['a']]],
      {
        inputs: [
          { ...input, id: 'tok1/a' },
          { id: '7', properties: { phone: '2' } },
        ],
      },
    ]),
    [
      'batch/archive',
      { inputs: [{ id: 'a', idProperty: 'email' }] },
      [['contacts.email lookup', ['a']]],
      { inputs: [{ id: 'tok1/a', idProperty: 'email' }] },
    ],
    [
      'gdpr-delete',
      { objectId: 'a', idProperty: 'email' },
      [['contacts.email lookup', ['a']]],
      { objectId: 'tok1/a', idProperty: 'email' },
    ],
  ])('takes one token each in %s', (path, body, uses, sent) => {
    const operation = recognised(adapter, `POST ${OBJECTS}/contacts/${path}`, body);
    expect(comparedIn(operation)).toEqual(uses);
    expect(sentBody(replace(operation, ['email']))).toEqual(sent);
    expect(replace(operation, ['phone'])).toBe(operation);
    expect(replace(operation, ['email'], 2)).toBeUndefined();
  });

  it.each([
    ['batch/read', { inputs: [{ id: 'a' }, { id: 5 }], idProperty: 'email' }],
    ['batch/read', { inputs: [], idProperty: 'email' }],
    ['batch/update', { inputs: [{ id: 5, idProperty: 'email', properties: {} }] }],
    ['batch/archive', { inputs: [{ idProperty: 'email' }] }],
    ['gdpr-delete', { objectId: 5, idProperty: 'email' }],
  ])('stays an oracle where it names no text: %s %j', (path, body) => {
    const operation = recognised(adapter, `POST ${OBJECTS}/contacts/${path}`, body);
    expect(comparedIn(operation)).toEqual([['contacts.email lookup', undefined]]);
    expect(replace(operation, ['email'])).toBe(operation);
  });

  it('changes nothing that is written beside it', () => {
    const body = { inputs: [{ id: 'a', idProperty: 'email', properties: { email: 'a', n: 1.5 } }] };
    const operation = recognised(adapter, `POST ${OBJECTS}/contacts/batch/upsert`, body);
    expect(sentBody(replace(operation, ['email']))).toEqual({
      inputs: [{ id: 'tok1/a', idProperty: 'email', properties: { email: 'a', n: 1.5 } }],
    });
  });

  it('is not replaced where a number beside it would change', () => {
    const body = '{"inputs":[{"id":"a","idProperty":"email","properties":{"n":12345678901234567890}}]}';
    const operation = recognised(adapter, `POST ${OBJECTS}/contacts/batch/upsert`, body);
    expect(replace(operation, ['email'])).toBeUndefined();
  });
});

it('denies what it has no way to replace', () => {
  const operation: Operation = {
    ...recognised(adapter, 'GET /crm/v3/owners'),
    uses: [{ object: 'owners', field: 'email', position: 'lookup', equals: ['a'] }],
  };
  expect(replace(operation, ['email'])).toBeUndefined();
  expect(replace(operation, ['phone'])).toBe(operation);
});
