import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene } from '../fixture.ts';

const MAPS = `
dataMap: hubspot
objects:
  contacts:
    fields: { diagnosis: health.diagnosis, city: contact.address, lifecyclestage: none }
`;
const POLICIES = `
policy: health
show: { health.*: remove }
`;

const property = (name: string) => ({ filterType: 'PROPERTY', property: name, operation: {} });
const branch = (filters: unknown, filterBranches: unknown = [], filterBranchType = 'AND') => ({
  filterBranchType,
  filterBranches,
  filters,
});
const list = (filterBranch: unknown, more: object = {}) => ({
  list: { listId: '3', objectTypeId: '0-1', processingType: 'DYNAMIC', filterBranch, ...more },
});
const scene = (current: unknown, more: Partial<Scene> = {}): Scene => ({
  crm: 'hubspot',
  policies: POLICIES,
  maps: MAPS,
  request: 'GET /crm/v3/lists/3/memberships',
  current,
  ...more,
});

/** Of deals, everybody sees their own. */
const OWN_DEALS = {
  policies: 'policy: own\non: { objects: [deals] }\nrows: record.owner == principal.crmUserId',
  maps: `${MAPS}  deals: { owner: hubspot_owner_id, fields: { hubspot_owner_id: none } }\n`,
  who: { crmUserId: '1' },
};

describe('who is on a list', () => {
  it.each<[string, unknown]>([
    ['by hand', { list: { listId: '3', objectTypeId: '0-1', processingType: 'MANUAL' } }],
    [
      'by a property that is shown',
      list(branch([], [branch([property('city'), property('lifecyclestage')])], 'OR')),
    ],
    ['by nothing', list(branch([{ filterType: 'CONSTANT', shouldAccept: true }]))],
  ])('is told where they are on it %s', async (_, current) => {
    const { reads } = await play(scene(current));
    expect(reads.map(({ path, query }) => [path, query])).toEqual([
      ['/crm/v3/lists/3', [['includeFilters', 'true']]],
    ]);
  });

  it.each<[string, unknown]>([
    ['by a property that is hidden', list(branch([property('city'), property('diagnosis')]))],
    [
      'by one in another branch',
      list(branch([], [branch([]), branch([property('diagnosis')], [], 'NOT_ANY')], 'OR')),
    ],
    ['by one of another object of that name', list(branch([property('diagnosis')]), { objectTypeId: '2-7' })],
    ['by what they did', list(branch([{ filterType: 'PAGE_VIEW' }]))],
    ['by another list', list(branch([{ filterType: 'IN_LIST', listId: '4' }]))],
    [
      'by a mail, although nothing of their own is hidden',
      list(branch([{ filterType: 'EMAIL_EVENT' }]), { objectTypeId: '0-2' }),
    ],
    ['by what is associated with them', list(branch([], [branch([property('city')], [], 'ASSOCIATION')]))],
  ])('is not told where they are on it %s', async (_, current) => {
    const { message } = await refusalOf(scene(current));
    expect(message).toMatch(/^Which records these are is decided by .* not shown to you in clear\.$/);
  });

  it.each<[string, unknown]>([
    ['is not answered', undefined],
    ['is no list', {}],
    ['has no filters', { list: { processingType: 'DYNAMIC' } }],
    ['has a branch that is none', list(branch([], ['x']))],
    ['has filters that are none', list(branch('x'))],
  ])('is not told where what decides it %s', async (_, current) => {
    expect(await refusalOf(scene(current))).toMatchObject({ policy: 'posture.unreadableBody' });
  });

  it('is told those from whom nothing is hidden, and nobody asks what decides it', async () => {
    const { reads } = await play(scene(undefined, { policies: '' }));
    expect(reads).toEqual([]);
  });

  it.each([
    ['what they did', branch([{ filterType: 'PAGE_VIEW' }])],
    ['what is associated with them', branch([], [branch([property('city')], [], 'ASSOCIATION')])],
  ])('is not told where some records are hidden, and they are on it by %s', async (_, asked) => {
    const denial = await refusalOf(scene(list(asked), OWN_DEALS));
    expect(denial.message).toMatch(/^Which records these are is decided by something/);
  });

  it.each([
    ['0-1', ['7', '8']],
    ['0-3', []],
    [undefined, []],
  ])('is told of records of type %s as far as they are shown', async (objectTypeId, shown) => {
    const current = { list: { processingType: 'MANUAL', objectTypeId } };
    const played = await play(scene(current, OWN_DEALS));
    const answer = played.answer({ results: [{ recordId: '7' }, { recordId: '8' }] });
    expect(answer.json()).toEqual({ results: shown.map((recordId) => ({ recordId })) });
  });

  it('is not told of one person either', async () => {
    const lists = scene(undefined, { request: 'GET /crm/v3/lists/records/0-1/7/memberships' });
    expect((await refusalOf(lists)).policy).toBe('health');
  });
});
