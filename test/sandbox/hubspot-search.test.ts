import { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES, type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';

const PEOPLE = 130;
let sandbox: Sandbox;
let client: Client;

beforeAll(async () => {
  sandbox = await startSandbox({ crm: 'hubspot', people: PEOPLE, canary: 7, jobPolls: 1 });
  client = new Client({ accessToken: STAFF[0]!.hubspotToken, basePath: sandbox.url });
});

afterAll(() => sandbox.close());

const search = (request: object) => client.crm.contacts.searchApi.doSearch({ limit: 200, ...request });

const filter = (propertyName: string, operator: string, rest: object = {}) => ({
  filterGroups: [{ filters: [{ propertyName, operator, ...rest }] }],
});

describe('search', () => {
  it.each([
    ['EQ', filter('country', 'EQ', { value: 'polska' }), (p: { country: string }) => p.country === 'PL'],
    ['NEQ', filter('country', 'NEQ', { value: 'Polska' }), (p: { country: string }) => p.country !== 'PL'],
    [
      'HAS_PROPERTY',
      filter('nif', 'HAS_PROPERTY'),
      (p: { nationalId: string | null }) => p.nationalId !== null,
    ],
    [
      'NOT_HAS_PROPERTY',
      filter('nif', 'NOT_HAS_PROPERTY'),
      (p: { nationalId: string | null }) => p.nationalId === null,
    ],
    [
      'IN',
      filter('country', 'IN', { values: ['polska', 'españa'] }),
      (p: { country: string }) => ['PL', 'ES'].includes(p.country),
    ],
    [
      'NOT_IN',
      filter('country', 'NOT_IN', { values: ['polska'] }),
      (p: { country: string }) => p.country !== 'PL',
    ],
    [
      'GT',
      filter('annual_income', 'GT', { value: '100000' }),
      (p: { annualIncome: string }) => Number(p.annualIncome) > 100_000,
    ],
    [
      'LTE',
      filter('annual_income', 'LTE', { value: '100000' }),
      (p: { annualIncome: string }) => Number(p.annualIncome) <= 100_000,
    ],
    [
      'BETWEEN',
      filter('annual_income', 'BETWEEN', { value: '50000', highValue: '90000' }),
      (p: { annualIncome: string }) => Number(p.annualIncome) >= 50_000 && Number(p.annualIncome) <= 90_000,
    ],
    [
      'GTE on a date',
      filter('date_of_birth', 'GTE', { value: '1990-01-01' }),
      (p: { birthdate: string }) => p.birthdate >= '1990-01-01',
    ],
    [
      'CONTAINS_TOKEN',
      filter('email', 'CONTAINS_TOKEN', { value: '*@example.com' }),
      (p: { email: string | null }) => p.email?.endsWith('@example.com') ?? false,
    ],
  ] as const)('%s', async (_, request, holds) => {
    const found = await search({ ...request, properties: ['email'] });
    const expected = sandbox.data.people.filter((person) => (holds as (p: typeof person) => boolean)(person));
    expect(found.total).toBe(expected.length);
    expect(found.results.map(({ properties }) => properties['email'])).toEqual(
      expected.map(({ email }) => email),
    );
  });

  it('looks for a phrase in properties that were not named', async () => {
    const found = await search({ query: 'zqcanary.email', properties: ['firstname'] });
    expect(found.results.map(({ properties }) => properties['firstname'])).toEqual([CANARIES.firstName]);
  });

  it('sorts, and pages by offset', async () => {
    const request = { sorts: ['-annual_income'], properties: ['annual_income'], limit: 10 };
    const first = await search(request);
    const second = await search({ ...request, after: first.paging!.next!.after });
    const incomes = [...first.results, ...second.results].map(({ properties }) =>
      Number(properties['annual_income']),
    );
    expect(incomes).toEqual([...incomes].sort((a, b) => b - a));
    expect(first.paging!.next!.after).toBe('10');
  });

  it('refuses an unknown property in the vendor’s shape', async () => {
    await expect(search(filter('nope', 'EQ', { value: '1' }))).rejects.toMatchObject({
      code: 400,
      body: { status: 'error', category: 'VALIDATION_ERROR', correlationId: expect.any(String) },
    });
  });
});
