import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS, REP, REP_HUBSPOT_ID, REP_SALESFORCE_ID } from '../principals.ts';
import { send, type WireRequest } from '../wire.ts';

const V = '/services/data/v59.0';
const OBJECTS = '/crm/v3/objects/contacts';
const REFUSED = 'Records that may not be changed, because you may not see them';

let premises: Premises;
/** Contacts in both CRMs are in the order of the people. */
let own: readonly number[];
let others: readonly number[];

beforeAll(async () => {
  premises = await openPremises({ config: 'test/e2e/rows/config.yaml', sandbox: { people: 60 } });
  const { people } = premises.salesforce.data;
  own = people.flatMap(({ owner, email }, index) => (owner === REP && email !== null ? [index] : []));
  others = people.flatMap(({ owner, email }, index) => (owner !== REP && email !== null ? [index] : []));
});

afterAll(() => premises.close());

/** What names a record in a request. */
interface Target {
  readonly id: string;
  /** A key of its own besides the id. */
  readonly key: string;
}

const contacts = () => premises.salesforce.data.records('Contact');
const properties = () => premises.hubspot.data.records('contacts');
const inSalesforce = (index: number): Target => ({
  id: String(contacts()[index]!['Id']),
  key: String(contacts()[index]!['ExternalId__c']),
});
const inHubspot = (index: number): Target => ({
  id: String(properties()[index]!['id']),
  key: premises.hubspot.data.people[index]!.email!,
});
const json = (method: string, path: string, body?: unknown): WireRequest => ({
  method,
  path,
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});
const written = (attributes: object = { type: 'Contact' }) => ({ attributes, OwnerId: REP_SALESFORCE_ID });

/** Every way to write to a record of Salesforce, but for uploads. `mine` is one that the writer may see. */
const IN_SALESFORCE: readonly [string, (theirs: Target, mine: Target) => WireRequest][] = [
  ['an update', ({ id }) => json('PATCH', `${V}/sobjects/Contact/${id}`, { Title: 'Taken' })],
  [
    'an update that would make it their own',
    ({ id }) => json('PATCH', `${V}/sobjects/Contact/${id}`, { OwnerId: REP_SALESFORCE_ID }),
  ],
  [
    'an update by the other spelling of the id',
    ({ id }) => json('PATCH', `${V}/sobjects/Contact/${id.slice(0, 15)}`, { Title: 'Taken' }),
  ],
  [
    'an update by another method',
    ({ id }) => json('POST', `${V}/sobjects/Contact/${id}?_HttpMethod=PATCH`, { Title: 'Taken' }),
  ],
  ['an update in another case', ({ id }) => json('PATCH', `${V}/sobjects/cONTACT/${id}`, { Title: 'Taken' })],
  ['a delete', ({ id }) => json('DELETE', `${V}/sobjects/Contact/${id}`)],
  [
    'an upsert by id',
    ({ id }) => json('PATCH', `${V}/sobjects/Contact/Id/${id}`, { OwnerId: REP_SALESFORCE_ID }),
  ],
  [
    'a collection of updates',
    ({ id }, mine) =>
      json('PATCH', `${V}/composite/sobjects`, {
        records: [
          { ...written(), Id: mine.id },
          { ...written(), id },
        ],
      }),
  ],
  [
    'a collection of updates of another type',
    ({ id }) =>
      json('PATCH', `${V}/composite/sobjects`, { records: [{ ...written({ type: 'Account' }), Id: id }] }),
  ],
  [
    'a collection of deletes',
    ({ id }, mine) => json('DELETE', `${V}/composite/sobjects?ids=${mine.id},${id}`),
  ],
  ['a delete by a key', ({ key }) => json('DELETE', `${V}/sobjects/Contact/ExternalId__c/${key}`)],
];

/** The same by a key under which a record is made where there is none. */
const UPSERTS_IN_SALESFORCE: typeof IN_SALESFORCE = [
  [
    'an upsert by a key',
    ({ key }) => json('PATCH', `${V}/sobjects/Contact/ExternalId__c/${key}`, { LastName: 'Taken' }),
  ],
  [
    'a collection of upserts',
    ({ key }, mine) =>
      json('PATCH', `${V}/composite/sobjects/Contact/ExternalId__c`, {
        records: [
          { ...written(), ExternalId__c: mine.key, LastName: 'Mine' },
          { ...written(), externalid__C: key, LastName: 'Taken' },
        ],
      }),
  ],
];

const HIS = { hubspot_owner_id: REP_HUBSPOT_ID };

const IN_HUBSPOT: typeof IN_SALESFORCE = [
  ['an update', ({ id }) => json('PATCH', `${OBJECTS}/${id}`, { properties: HIS })],
  ['an update by type id', ({ id }) => json('PATCH', `/crm/v3/objects/0-1/${id}`, { properties: HIS })],
  [
    'an update in a dated version',
    ({ id }) => json('PATCH', `/crm/objects/2026-03/contact/${id}`, { properties: HIS }),
  ],
  [
    'an update by address',
    ({ key }) => json('PATCH', `${OBJECTS}/${encodeURIComponent(key)}?idProperty=email`, { properties: HIS }),
  ],
  ['a delete', ({ id }) => json('DELETE', `${OBJECTS}/${id}`)],
  [
    'a batch of updates',
    ({ id }, mine) =>
      json('POST', `${OBJECTS}/batch/update`, {
        inputs: [mine.id, id].map((one) => ({ id: one, properties: HIS })),
      }),
  ],
  [
    'a batch of updates by number',
    ({ id }) => json('POST', `${OBJECTS}/batch/update`, { inputs: [{ id: Number(id), properties: HIS }] }),
  ],
  [
    'a batch of updates by address',
    ({ key }) =>
      json('POST', `${OBJECTS}/batch/update`, {
        inputs: [{ id: key, idProperty: 'email', properties: HIS }],
      }),
  ],
  [
    'an archive',
    ({ id }, mine) => json('POST', `${OBJECTS}/batch/archive`, { inputs: [{ id: mine.id }, { id }] }),
  ],
  ['an erasure', ({ id }) => json('POST', `${OBJECTS}/gdpr-delete`, { objectId: id })],
  [
    'an erasure by address',
    ({ key }) => json('POST', `${OBJECTS}/gdpr-delete`, { objectId: key, idProperty: 'email' }),
  ],
  [
    'a merge of theirs into another',
    ({ id }, mine) => json('POST', `${OBJECTS}/merge`, { primaryObjectId: mine.id, objectIdToMerge: id }),
  ],
  [
    'a merge of another into theirs',
    ({ id }, mine) => json('POST', `${OBJECTS}/merge`, { primaryObjectId: id, objectIdToMerge: mine.id }),
  ],
];

const UPSERTS_IN_HUBSPOT: typeof IN_SALESFORCE = [
  [
    'a batch of upserts',
    ({ key }) =>
      json('POST', `${OBJECTS}/batch/upsert`, {
        inputs: [{ id: key, idProperty: 'email', properties: HIS }],
      }),
  ],
  [
    'a mail that writes into the contact',
    ({ key }) =>
      json('POST', '/marketing/v4/email/single-send', {
        emailId: 4,
        message: { to: key },
        contactProperties: HIS,
      }),
  ],
];

/** @returns status and text, without what differs in every answer */
async function attempt(origin: string, token: string, request: WireRequest): Promise<[number, string]> {
  const { status, text, headers } = await send(origin, { ...request, token });
  return [status, text.replaceAll(String(headers['x-privet-request-id']), '')];
}

describe('a record of somebody else in Salesforce', () => {
  const asRep = (request: WireRequest) => attempt(premises.proxy, PRINCIPALS.salesforceRep, request);
  const absent: Target = { id: '0035g0000009ZZZAAQ', key: 'nobody-has-this' };

  it.each([...IN_SALESFORCE, ...UPSERTS_IN_SALESFORCE])('is not changed by %s', async (_, requestOf) => {
    const before = structuredClone(contacts());
    const [status, text] = await asRep(requestOf(inSalesforce(others[0]!), inSalesforce(own[0]!)));
    expect([status, text]).toEqual([403, expect.stringContaining('INSUFFICIENT_ACCESS_OR_READONLY')]);
    expect(contacts()).toEqual(before);
  });

  it.each(IN_SALESFORCE)('cannot be told from one that is not there: by %s', async (_, requestOf) => {
    const mine = inSalesforce(own[0]!);
    const answers = [inSalesforce(others[0]!), absent].map((target) => asRep(requestOf(target, mine)));
    const [theirs, nobodys] = await Promise.all(answers);
    expect(nobodys).toEqual(theirs);
  });

  it.each([
    ['updated', ({ id }: Target) => json('PATCH', `${V}/sobjects/Contact/${id}`, { Title: 'Chief' })],
    [
      'upserted by a key',
      ({ key }: Target) => json('PATCH', `${V}/sobjects/Contact/ExternalId__c/${key}`, { Title: 'Chief' }),
    ],
    [
      'updated with others',
      ({ id }: Target) =>
        json('PATCH', `${V}/composite/sobjects`, { records: [{ ...written(), Id: id, Title: 'Chief' }] }),
    ],
    ['deleted', ({ id }: Target) => json('DELETE', `${V}/sobjects/Contact/${id}`)],
  ])('does not keep their own from being %s', async (_, requestOf) => {
    const [status, text] = await asRep(requestOf(inSalesforce(own[5]!)));
    expect(status, text).toBeLessThan(300);
  });

  it('does not keep them from handing one of theirs over, and then it is out of their hands', async () => {
    const { id } = inSalesforce(own[6]!);
    const { OwnerId } = contacts()[others[0]!]!;
    const update = (values: object) => asRep(json('PATCH', `${V}/sobjects/Contact/${id}`, values));
    expect((await update({ OwnerId }))[0]).toBe(204);
    expect((await update({ OwnerId: REP_SALESFORCE_ID }))[0]).toBe(403);
    expect(contacts()[own[6]!]!['OwnerId']).toBe(OwnerId);
  });

  it('does not keep them from making records, for themselves and for others', async () => {
    const count = contacts().length;
    const { OwnerId } = contacts()[others[0]!]!;
    for (const owner of [REP_SALESFORCE_ID, OwnerId]) {
      const made = { LastName: 'New', OwnerId: owner };
      expect((await asRep(json('POST', `${V}/sobjects/Contact`, made)))[0]).toBe(201);
    }
    const upsert = json('PATCH', `${V}/sobjects/Contact/ExternalId__c/brand-new`, { LastName: 'New' });
    expect((await asRep(upsert))[0]).toBe(201);
    expect(contacts()).toHaveLength(count + 3);
  });

  it('is no boss by a key either, neither of one that is there nor of a new one', async () => {
    const { key } = inSalesforce(others[0]!);
    const boss = { ReportsTo: { ExternalId__c: key } };
    const { id } = inSalesforce(own[0]!);
    for (const request of [
      json('PATCH', `${V}/sobjects/Contact/${id}`, boss),
      json('POST', `${V}/sobjects/Contact`, { LastName: 'New', ...boss }),
    ]) {
      const [status, text] = await asRep(request);
      expect(status).toBe(403);
      expect(text).toContain(REFUSED);
    }
  });

  it('stays free to whoever the rule does not hold for', async () => {
    const { id } = inSalesforce(others[1]!);
    const update = json('PATCH', `${V}/sobjects/Contact/${id}`, { Title: 'Chief' });
    expect((await attempt(premises.proxy, PRINCIPALS.privacyOfficer, update))[0]).toBe(204);
  });
});

describe('a record of somebody else in HubSpot', () => {
  const asRep = (request: WireRequest) => attempt(premises.hubspotProxy, PRINCIPALS.hubspotRep, request);
  const absent: Target = { id: '999999999', key: 'nobody@example.com' };

  it.each([...IN_HUBSPOT, ...UPSERTS_IN_HUBSPOT])('is not changed by %s', async (_, requestOf) => {
    const before = structuredClone(properties());
    const [status, text] = await asRep(requestOf(inHubspot(others[0]!), inHubspot(own[0]!)));
    expect(status).toBe(403);
    expect(text).toContain('"policy":["reps-see-their-own"]');
    expect(properties()).toEqual(before);
  });

  it.each(IN_HUBSPOT)('cannot be told from one that is not there: by %s', async (_, requestOf) => {
    const mine = inHubspot(own[0]!);
    const answers = [inHubspot(others[0]!), absent].map((target) => asRep(requestOf(target, mine)));
    const [theirs, nobodys] = await Promise.all(answers);
    expect(nobodys).toEqual(theirs);
  });

  it.each([...IN_HUBSPOT.slice(0, 4), ...UPSERTS_IN_HUBSPOT])(
    'does not keep their own from being changed by %s',
    async (_, requestOf) => {
      const [status, text] = await asRep(requestOf(inHubspot(own[1]!), inHubspot(own[2]!)));
      expect(status, text).toBe(200);
    },
  );

  it('does not keep them from making records', async () => {
    for (const owner of [REP_HUBSPOT_ID, '70001']) {
      const made = { properties: { lastname: 'New', hubspot_owner_id: owner } };
      expect((await asRep(json('POST', OBJECTS, made)))[0]).toBe(201);
    }
    const [, upsert] = UPSERTS_IN_HUBSPOT[0]!;
    const fresh = { id: '', key: 'brand-new@example.com' };
    expect((await asRep(upsert(fresh, absent)))[0]).toBe(200);
  });
});

type Row = Readonly<Record<string, string>>;

describe('an upload', () => {
  const load = (
    operation: 'insert' | 'update' | 'upsert' | 'delete',
    input: readonly Row[],
    externalIdFieldName?: string,
  ) =>
    salesforceClient(premises.proxy, PRINCIPALS.salesforceRep).bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation,
      input: [...input],
      pollInterval: 50,
      ...(externalIdFieldName === undefined ? {} : { externalIdFieldName }),
    });

  it.each([
    ['an update', 'update', ({ id }: Target) => ({ Id: id, OwnerId: REP_SALESFORCE_ID }), undefined],
    [
      'an update by a short id',
      'update',
      ({ id }: Target) => ({ Id: id.slice(0, 15), Title: 'X' }),
      undefined,
    ],
    ['a deletion', 'delete', ({ id }: Target) => ({ Id: id }), undefined],
    ['an upsert', 'upsert', ({ key }: Target) => ({ ExternalId__c: key, LastName: 'X' }), 'ExternalId__c'],
  ] as const)('with rows of others is refused, and none of it is done: %s', async (_, does, rowOf, key) => {
    const before = structuredClone(contacts());
    const rows = [...own.slice(8, 12), ...others.slice(0, 2)].map((index) => rowOf(inSalesforce(index)));
    await expect(load(does, rows, key)).rejects.toThrow(`${REFUSED}: 2.`);
    expect(contacts()).toEqual(before);
  });

  it('tells rows of others as little from rows of nobody as rows that name no record', async () => {
    const rows = [{ Id: '0035g0000009ZZZAAQ' }, { Id: inSalesforce(others[0]!).id }, { Id: '' }];
    await expect(
      load(
        'update',
        rows.map((row) => ({ ...row, Title: 'X' })),
      ),
    ).rejects.toThrow(`${REFUSED}: 3.`);
  });

  it('of their own goes through, and so do new records', async () => {
    await load('update', [{ Id: inSalesforce(own[9]!).id, Title: 'Uploaded' }]);
    expect(contacts()[own[9]!]!['Title']).toBe('Uploaded');
    const upserts = [inSalesforce(own[9]!).key, 'from-an-upload'];
    await load(
      'upsert',
      upserts.map((key) => ({ ExternalId__c: key, LastName: 'Upserted' })),
      'ExternalId__c',
    );
    expect(contacts()[own[9]!]!['LastName']).toBe('Upserted');
    expect(contacts().at(-1)).toMatchObject({ ExternalId__c: 'from-an-upload', LastName: 'Upserted' });
    await load('insert', [{ LastName: 'Inserted', OwnerId: REP_SALESFORCE_ID }]);
    expect(contacts().at(-1)!['LastName']).toBe('Inserted');
  });
});
