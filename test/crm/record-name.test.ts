import { describe, expect, it } from 'vitest';
import { createRecordResolver, nameRecord } from '../../src/crm/record-name.ts';
import { adapterFor } from '../../src/crm/registry.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';

const salesforce = adapterFor('salesforce', DEFAULT_LIMITS)!;
const hubspot = adapterFor('hubspot', DEFAULT_LIMITS)!;
const ID = '0035g000000001lAAA';

const SALES = { name: 'sales', adapter: salesforce, people: ['Contact', 'Lead'] };
const HUB = { name: 'hub', adapter: hubspot, people: ['contacts', 'leads'] };
const CONTACTS = { ...HUB, people: ['contacts'] };

describe('the name of a record', () => {
  it.each([ID, '0035g000000001l', '0035G000000001LAAA', '0035g000000001laaa'])(
    'is one for every spelling of a Salesforce id: %s',
    (id) => {
      expect(nameRecord(salesforce, 'sales', 'Contact', id)).toBe(`sales::${ID}`);
      expect(nameRecord(salesforce, 'sales', 'Lead', id)).toBe(`sales::${ID}`);
    },
  );

  it('keeps ids apart that differ in the case of 15 characters', () => {
    const [one, other] = ['0035g000000001l', '0035g000000001L'].map((id) => salesforce.globalId!(id));
    expect(one).not.toBe(other);
  });

  it('leaves what is no Salesforce id as it is', () => {
    for (const id of ['x', '003', '0035g000000001l999', ''])
      expect(nameRecord(salesforce, 'sales', 'Contact', id)).toBe(`sales::${id}`);
  });

  it('has the object in it where ids are not unique over all', () => {
    expect(nameRecord(hubspot, 'hub', 'contacts', '17')).toBe('hub:contacts:17');
  });
});

describe('an id as people write it', () => {
  it.each<[upstreams: Parameters<typeof createRecordResolver>[0], written: string, record: string]>([
    [[SALES], ID, `sales::${ID}`],
    [[SALES], ` sales:${ID} `, `sales::${ID}`],
    [[SALES], `sales:contact:${ID}`, `sales::${ID}`],
    [[SALES], `Lead:${ID}`, `sales::${ID}`],
    [[CONTACTS], '17', 'hub:contacts:17'],
    [[CONTACTS], 'hub:17', 'hub:contacts:17'],
    [[HUB], 'contacts:17', 'hub:contacts:17'],
    [[HUB], '0-136:17', 'hub:leads:17'],
    [[HUB], 'hub:contact:17', 'hub:contacts:17'],
    [[SALES, HUB], `sales:${ID}`, `sales::${ID}`],
    [[SALES, HUB], 'hub:leads:17', 'hub:leads:17'],
  ])('names a record: %#, %s', (upstreams, written, record) => {
    expect(createRecordResolver(upstreams)(written)).toEqual({ record });
  });

  it.each<[upstreams: Parameters<typeof createRecordResolver>[0], written: string, problem: RegExp]>([
    [[SALES, HUB], ID, /without an upstream, expected upstream:id with one of sales, hub$/],
    [[SALES, HUB], `other:${ID}`, /without an upstream/],
    [[HUB], '17', /without an object, expected object:id with one of contacts, leads$/],
    [[SALES, HUB], 'hub:17', /without an object/],
    [[HUB], 'companies:17', /an object that is none of people in hub/],
    [[HUB], '2-7:17', /an object that is none of people in hub/],
    [[SALES], '', /found no id/],
    [[SALES], 'sales:', /found no id/],
    [[HUB], 'contacts: ', /found no id/],
    [[], '17', /without an upstream/],
  ])('is refused in words that do not repeat it: %#, %s', (upstreams, written, problem) => {
    expect(createRecordResolver(upstreams)(written)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
