import { describe, expect, it } from 'vitest';
import { findRelated } from '../../../src/crm/hubspot/related.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { operation } from '../../policy/fixture.ts';

const reading = (query: CrmRequest['query'] = []) => {
  const read = operation('read', {});
  return { ...read, request: { ...read.request, query } };
};
const relatedIn = (body: unknown) =>
  Object.fromEntries(findRelated(reading(), 'tickets', 'contacts', ['1', '2'])?.related(body) ?? []);
const to = (...ids: readonly (string | number)[]) => ids.map((toObjectId) => ({ toObjectId }));
const without = (subCategory: string, context: unknown = { fromObjectId: ['2'] }) => ({
  results: [],
  errors: [{ subCategory, context }],
});

describe('what HubSpot’s records are associated with', () => {
  it('is asked for by type ids, up to 1,000 records at once', () => {
    const ids = Array.from({ length: 1_500 }, (_, index) => String(index + 1));
    const asked = findRelated(reading(), 'tasks', 'contact', ids);
    expect(asked).toMatchObject({
      covers: 1_000,
      request: { method: 'POST', path: '/crm/v4/associations/0-27/0-1/batch/read' },
    });
    const body = JSON.parse(String(asked?.request.body)) as { inputs: readonly { id: string }[] };
    expect([body.inputs.length, body.inputs[0]]).toEqual([1_000, { id: '1' }]);
  });

  it.each<[string, unknown, object]>([
    ['numbers', { results: [{ from: { id: '1' }, to: to(7, 8) }] }, { 1: ['7', '8'] }],
    ['texts', { results: [{ from: { id: 1 }, to: to('7') }] }, { 1: ['7'] }],
    ['nothing', without('crm.associations.NO_ASSOCIATIONS_FOUND'), { 2: [] }],
    ['a list that is empty', { results: [{ from: { id: '1' }, to: [] }] }, { 1: [] }],
    ['another error', without('crm.associations.OTHER'), {}],
    ['an error of nobody knows what', without('crm.associations.NO_ASSOCIATIONS_FOUND', null), {}],
    ['a page to follow', { results: [{ from: { id: '1' }, to: to(7), paging: { next: {} } }] }, {}],
    ['an id that is none', { results: [{ from: { id: '1' }, to: to('x') }] }, {}],
    ['no answer', undefined, {}],
  ])('is told by %s', (_, body, expected) => {
    const found = relatedIn(body);
    const ids = Object.entries(found).map(([id, records]) => [id, records.map((record) => record.id)]);
    expect(Object.fromEntries(ids)).toEqual(expected);
  });

  it.each([
    ['of the archived', 'tickets', 'contacts', [['archived', 'true']]],
    ['of an object that may be any', '*', 'contacts', []],
  ] as const)('is not told %s', (_, from, object, query) => {
    expect(findRelated(reading(query), from, object, ['1'])).toBeUndefined();
  });

  it('is told where archived records are not asked for', () => {
    expect(findRelated(reading([['archived', 'false']]), 'tickets', 'contacts', ['1'])).toBeDefined();
  });
});
