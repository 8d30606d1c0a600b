import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { ID } from '../people.ts';

const MAPS = `
dataMap: salesforce
objects:
  Contact: { owner: OwnerId, fields: { Id: none, NIF__c: identity.national-id } }
---
dataMap: hubspot
objects:
  contacts: { owner: hubspot_owner_id, fields: { email: contact.email } }
`;
const OWN = 'policy: own\non: { objects: [Contact, contacts] }\nrows: record.owner == principal.crmUserId';
const REFUSED = 'Records that may not be changed, because you may not see them: 1.';

/** A Salesforce in which record 1 is the caller's, record 2 somebody else's, and there is no record 3. */
function salesforce({ path, body, query }: CrmRequest): unknown {
  const records = [
    { Id: ID(1), OwnerId: 'me', ExternalId__c: 'k1' },
    { Id: ID(2), OwnerId: 'you', ExternalId__c: 'k2' },
  ];
  if (!path.endsWith('/query')) {
    const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
    return ids.map((id) => records.find((record) => record.Id === id) ?? null);
  }
  const soql = query.find(([name]) => name === 'q')?.[1] ?? '';
  return { done: true, records: records.filter(({ ExternalId__c: key }) => soql.includes(`'${key}'`)) };
}

const scene = (over: Partial<Scene>): Scene => ({
  policies: OWN,
  maps: MAPS,
  who: { crmUserId: 'me' },
  answers: salesforce,
  request: '',
  ...over,
});
const update = (index: number, over: Partial<Scene> = {}): Scene =>
  scene({ request: `PATCH ${V59}/sobjects/Contact/${ID(index)}`, body: { LastName: 'X' }, ...over });
const remove = (index: number, over: Partial<Scene> = {}): Scene =>
  scene({ request: `DELETE ${V59}/sobjects/Contact/${ID(index)}`, ...over });

describe('whoever may not see a record', () => {
  it.each([2, 3])('does not change it, be it there or not (%i)', async (index) => {
    expect(await refusalOf(update(index))).toEqual({ policy: 'own', message: REFUSED });
  });

  it.each(['read', 'delete'])('does not delete it where the rule is on %s alone', async (kind) => {
    const policies = OWN.replace('on: {', `on: { operations: [${kind}],`);
    expect(await refusalOf(remove(2, { policies }))).toEqual({ policy: 'own', message: REFUSED });
    expect((await play(remove(1, { policies }))).refusal).toBeUndefined();
  });

  it('changes it where the rule is not on what can be read of records', async () => {
    const policies = OWN.replace('on: {', 'on: { operations: [export],');
    const { reads } = await play(update(2, { policies }));
    expect(reads).toEqual([]);
  });

  it('changes records that the rule does not hold for', async () => {
    const policies = OWN.replace('on: {', `on: { when: record.Id == "${ID(2)}",`).replace(', contacts', '');
    expect((await refusalOf(update(2, { policies }))).message).toBe(REFUSED);
    const others = policies.replace(ID(2), ID(1));
    expect((await play(update(2, { policies: others }))).refusal).toBeUndefined();
  });

  it('changes nothing where the CRM does not tell whose it is', async () => {
    expect((await refusalOf(update(1, { answers: () => undefined }))).message).toBe(REFUSED);
    const untold = () => [{ Id: ID(1) }];
    expect((await refusalOf(update(1, { answers: untold }))).message).toBe(REFUSED);
  });

  it('is not asked about what is read', async () => {
    const { reads } = await play(scene({ request: `GET ${V59}/sobjects/Contact/${ID(2)}` }));
    expect(reads).toEqual([]);
  });

  it('changes all in observe mode, and it is said what would have been', async () => {
    expect((await play(update(2, { mode: 'observe' }))).refusal).toBe('own');
  });
});

describe('by a key', () => {
  const upsert = (key: string): Scene =>
    scene({ request: `PATCH ${V59}/sobjects/Contact/ExternalId__c/${key}`, body: { LastName: 'X' } });

  it('a record of their own is changed, and a new one made', async () => {
    for (const key of ['k1', 'k9']) expect((await play(upsert(key))).refusal).toBeUndefined();
  });

  it('another’s is not', async () => {
    expect((await refusalOf(upsert('k2'))).message).toBe(REFUSED);
  });

  it('records of a collection are counted once each', async () => {
    const records = ['k1', 'k2', 'k2', 'k9'].map((key) => ({
      attributes: { type: 'Contact' },
      ExternalId__c: key,
    }));
    const request = `PATCH ${V59}/composite/sobjects/Contact/ExternalId__c`;
    expect((await refusalOf(scene({ request, body: { records } }))).message).toBe(REFUSED);
  });

  it('a record that has none in a collection cannot be told', async () => {
    const records = [{ attributes: { type: 'Contact' }, LastName: 'X' }];
    const request = `PATCH ${V59}/composite/sobjects/Contact/ExternalId__c`;
    expect((await refusalOf(scene({ request, body: { records } }))).message).toBe(REFUSED);
  });

  it('a record found by a further address of it is judged all the same', async () => {
    const answers = () => ({
      results: [{ id: '7', properties: { email: 'first@example.com', hubspot_owner_id: 'you' } }],
    });
    const request = 'POST /crm/v3/objects/contacts/batch/upsert';
    const body = { inputs: [{ id: 'second@example.com', idProperty: 'email', properties: {} }] };
    expect((await refusalOf(scene({ crm: 'hubspot', request, body, answers }))).message).toBe(REFUSED);
  });
});

describe('what names no record', () => {
  it('is no update of a batch', async () => {
    const request = 'POST /crm/v3/objects/contacts/batch/update';
    const body = { inputs: [{ properties: { email: 'x@example.com' } }] };
    expect((await refusalOf(scene({ crm: 'hubspot', request, body }))).message).toBe(REFUSED);
  });
});
