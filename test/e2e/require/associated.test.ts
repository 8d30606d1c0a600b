import type { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient } from '../clients.ts';
import { eventsOf } from '../events.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

/** Of the people by their places. None of them has a ticket or a note from the beginning. */
const RESTRICTED = 1;
const OTHER = 2;
const SILENT = 5;

const ABOUT_CONTACT: Readonly<Record<string, number>> = {
  tickets: 16,
  deals: 3,
  notes: 202,
  calls: 194,
  emails: 198,
  meetings: 200,
  tasks: 204,
};
/** What is about people by association alone, and its text. */
const TEXTS = [
  ['tickets', 'subject'],
  ['deals', 'dealname'],
  ['notes', 'hs_note_body'],
  ['calls', 'hs_call_body'],
  ['emails', 'hs_email_text'],
  ['meetings', 'hs_meeting_body'],
  ['tasks', 'hs_task_body'],
] as const;
const REFUSED = { code: 403 };
type Who = keyof typeof PRINCIPALS;

describe.each(['embedded', 'redis'])(
  'what is about people by association alone, with the registry in a store that is %s',
  (where) => {
    const config = `test/e2e/require/${where}.yaml`;
    let around: RegistrySurroundings;
    let house: OpenHouse;
    /** Type of object → whose → id. `both`: the restricted person's, too. */
    const ids: Record<string, Record<'hidden' | 'both' | 'shown' | 'nobodys', string>> = {};
    let onHiddenTicket: string;

    const crm = (who: Who): Client['crm'] => hubspotClient(house.hubspotProxy, PRINCIPALS[who]).crm;
    const ask = (who: Who, path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
      send(house.hubspotProxy, {
        token: PRINCIPALS[who],
        method,
        path,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const contactId = (index: number) => String(around.hubspot.data.records('contacts')[index]!['id']);
    const email = (index: number) => around.hubspot.data.people[index]!.email!;
    const tie = (type: string, index: number) => ({
      to: { id: contactId(index) },
      types: [{ associationCategory: 'HUBSPOT_DEFINED' as const, associationTypeId: ABOUT_CONTACT[type]! }],
    });
    const make = async (who: Who, type: string, text: string, ...people: readonly number[]) => {
      const [, field = ''] = TEXTS.find(([name]) => name === type) ?? [];
      const made = await crm(who).objects.basicApi.create(type, {
        properties: { [field]: text },
        associations: people.map((index) => tie(type, index)) as never,
      });
      return made.id;
    };
    const idsIn = (text: string) =>
      [...text.matchAll(/"(?:id|toObjectId)":"?(\d+)/g)].map(([, found]) => found);

    beforeAll(async () => {
      around = await openRegistrySurroundings({ sandbox: { people: 40, pageSize: 20 } });
      await append(config, around.environment, [
        event('restricted', { email: email(RESTRICTED) }),
        event('granted', { email: email(OTHER) }, 'reading'),
      ]);
      house = await openHouseWith(config, around.environment);
      for (const [type] of TEXTS) {
        ids[type] = {
          hidden: await make('privacyOfficer', type, 'about the restricted', RESTRICTED),
          both: await make('privacyOfficer', type, 'about the restricted and another', OTHER, RESTRICTED),
          shown: await make('privacyOfficer', type, 'about another', OTHER),
          nobodys: await make('privacyOfficer', type, 'about nobody'),
        };
      }
      onHiddenTicket = await make('privacyOfficer', 'notes', 'about the restricted: on their ticket');
      await crm('privacyOfficer').associations.v4.basicApi.createDefault(
        'notes',
        onHiddenTicket,
        'tickets',
        ids['tickets']!.hidden,
      );
    });

    afterAll(async () => {
      await house.closeHouse();
      await around.close();
    });

    describe.each(TEXTS)('%s', (type, field) => {
      const about = () => ids[type]!;
      const { basicApi, batchApi, searchApi } = {
        basicApi: (who: Who) => crm(who).objects.basicApi,
        batchApi: (who: Who) => crm(who).objects.batchApi,
        searchApi: (who: Who) => crm(who).objects.searchApi,
      };

      it('are shown one by one, unless one of the people is restricted', async () => {
        for (const id of [about().shown, about().nobodys]) {
          expect((await basicApi('hubspotRep').getById(type, id, [field])).id).toBe(id);
        }
        for (const id of [about().hidden, about().both]) {
          await expect(basicApi('hubspotRep').getById(type, id, [field])).rejects.toMatchObject(REFUSED);
          expect((await basicApi('privacyOfficer').getById(type, id, [field])).properties[field]).toContain(
            'restricted',
          );
        }
      });

      it('are listed page by page without those of the restricted', async () => {
        const all = new Set<string>();
        for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
          const page = await basicApi('hubspotRep').getPage(type, 3, after, [field], [], ['contacts']);
          for (const { id } of page.results) all.add(id);
          expect(JSON.stringify(page)).not.toMatch(/about the restricted/);
          after = page.paging?.next?.after;
        }
        expect([all.has(about().shown), all.has(about().nobodys)]).toEqual([true, true]);
        expect([all.has(about().hidden), all.has(about().both)]).toEqual([false, false]);
      });

      it('are found, and counted, without them', async () => {
        const filters = [
          { propertyName: 'hs_object_id', operator: 'IN', values: Object.values(about()) } as never,
        ];
        const found = await searchApi('hubspotRep').doSearch(type, {
          filterGroups: [{ filters }],
          properties: [field],
          limit: 100,
        });
        expect([found.total, found.results.map(({ id }) => id)]).toEqual([
          2,
          [about().shown, about().nobodys],
        ]);
      });

      it('are read in a batch without them', async () => {
        const inputs = Object.values(about()).map((id) => ({ id }));
        const read = await batchApi('hubspotRep').read(type, {
          inputs,
          properties: [field],
          propertiesWithHistory: [],
        });
        expect(read.results.map(({ id }) => id)).toEqual([about().shown, about().nobodys]);
      });

      it('are not told of by association, in either direction', async () => {
        const idsOf = async (who: Who, path: string) => idsIn((await ask(who, path)).text);
        const ofOther = `/crm/v4/objects/contacts/${contactId(OTHER)}/associations/${type}`;
        expect(await idsOf('privacyOfficer', ofOther)).toContain(about().both);
        expect(await idsOf('hubspotRep', ofOther)).toEqual([about().shown]);
        const within = `/crm/v3/objects/contacts/${contactId(OTHER)}?associations=${type}`;
        expect(await idsOf('privacyOfficer', within)).toContain(about().both);
        expect(await idsOf('hubspotRep', within)).not.toContain(about().both);
        const batch = { inputs: [{ id: contactId(OTHER) }] };
        const many = await ask('hubspotRep', `/crm/v4/associations/contacts/${type}/batch/read`, batch);
        expect(idsIn(many.text)).toEqual([contactId(OTHER), about().shown]);
        const back = await ask('hubspotRep', `/crm/v4/objects/${type}/${about().both}/associations/contacts`);
        expect([back.status, back.text]).toEqual([403, expect.stringContaining('restricted')]);
      });

      it('are not changed, deleted, archived or merged', async () => {
        const properties = { [field]: 'changed' };
        const { hidden, both, shown } = about();
        for (const id of [hidden, both]) {
          const rep = basicApi('hubspotRep');
          await expect(rep.update(type, id, { properties })).rejects.toMatchObject(REFUSED);
          await expect(rep.archive(type, id)).rejects.toMatchObject(REFUSED);
          const many = batchApi('hubspotRep');
          const updates = {
            inputs: [
              { id: shown, properties },
              { id, properties },
            ],
          };
          await expect(many.update(type, updates)).rejects.toMatchObject(REFUSED);
          await expect(many.archive(type, { inputs: [{ id }] })).rejects.toMatchObject(REFUSED);
          const merge = { primaryObjectId: shown, objectIdToMerge: id };
          const merged = await ask('hubspotRep', `/crm/v3/objects/${type}/merge`, merge);
          expect(merged.status).toBe(403);
        }
        const stored = around.hubspot.data.records(type) as readonly {
          id: string;
          archivedAt?: number;
          properties: Readonly<Record<string, string>>;
        }[];
        const texts = stored.flatMap((one) =>
          [hidden, both].includes(one.id) && one.archivedAt === undefined ? [one.properties[field]] : [],
        );
        expect(texts).toEqual(['about the restricted', 'about the restricted and another']);
        expect((await basicApi('hubspotRep').update(type, shown, { properties })).properties[field]).toBe(
          'changed',
        );
      });

      it('are not made for somebody restricted, nor tied to them, nor cut off from them', async () => {
        await expect(make('hubspotRep', type, 'new', RESTRICTED)).rejects.toMatchObject(REFUSED);
        await expect(make('hubspotRep', type, 'new', OTHER, RESTRICTED)).rejects.toMatchObject(REFUSED);
        const made = await make('hubspotRep', type, 'new', OTHER);
        const v4 = crm('hubspotRep').associations.v4;
        const restricted = contactId(RESTRICTED);
        await expect(v4.basicApi.createDefault(type, made, 'contacts', restricted)).rejects.toMatchObject(
          REFUSED,
        );
        for (const id of [about().both, about().hidden])
          await expect(v4.basicApi.archive(type, id, 'contacts', restricted)).rejects.toMatchObject(REFUSED);
        const both = { inputs: [{ _from: { id: about().both }, to: [{ id: contactId(OTHER) }] }] };
        await expect(v4.batchApi.archive(type, 'contacts', both as never)).rejects.toMatchObject(REFUSED);
        expect((await basicApi('hubspotRep').getById(type, made)).id).toBe(made);
      });

      it('are not exported while some of them are hidden', async () => {
        const exported = { exportType: 'VIEW', format: 'CSV', objectType: type, objectProperties: [field] };
        const path = '/crm/v3/exports/export/async';
        expect((await ask('exportOfficer', path, exported)).status).toBe(403);
      });
    });

    it('is hidden where it hangs on their ticket alone', async () => {
      const read = (who: Who) => crm(who).objects.basicApi.getById('notes', onHiddenTicket);
      await expect(read('hubspotRep')).rejects.toMatchObject(REFUSED);
      expect((await read('privacyOfficer')).id).toBe(onHiddenTicket);
    });

    it('is hidden where it has been archived, because then HubSpot no longer tells who it is about', async () => {
      const id = await make('privacyOfficer', 'tickets', 'about the restricted, archived', RESTRICTED);
      await crm('privacyOfficer').objects.basicApi.archive('tickets', id);
      const path = '/crm/v3/objects/tickets?limit=100&archived=true&properties=subject';
      expect((await ask('privacyOfficer', path)).text).toContain('about the restricted, archived');
      expect((await ask('hubspotRep', path)).text).not.toContain('about the restricted');
    });

    it('is left out for a reason that the audit trail tells', async () => {
      const { headers } = await ask('hubspotRep', '/crm/v3/objects/meetings?limit=100');
      const [, completion] = await eventsOf(around.redis.client, headers['x-privet-request-id']);
      expect(completion.omissions).toEqual([
        { object: 'meetings', policy: 'restriction', reason: 'processing restricted', count: 2 },
      ]);
    });

    describe('to whoever may read only what everybody concerned has agreed to', () => {
      const tickets = async () =>
        (await crm('marketing').objects.basicApi.getPage('tickets', 100)).results.map(({ id }) => id);

      it('shows no ticket of somebody who has not, be they one of several', async () => {
        const mixed = await make('privacyOfficer', 'tickets', 'about two', OTHER, SILENT);
        expect(await tickets()).toContain(ids['tickets']!.shown);
        expect(await tickets()).not.toContain(mixed);
        expect(await tickets()).not.toContain(ids['tickets']!.nobodys);
        const { headers } = await ask('marketing', `/crm/v3/objects/tickets/${mixed}`);
        const [, completion] = await eventsOf(around.redis.client, headers['x-privet-request-id']);
        expect(completion.omissions).toEqual([
          { object: 'tickets', policy: 'letters-need-consent', reason: 'reading: unknown', count: 1 },
        ]);
      });

      it('does not let them decide by association who a ticket is about', async () => {
        const mixed = await make('privacyOfficer', 'tickets', 'about two', OTHER, SILENT);
        const v4 = crm('marketing').associations.v4;
        const cut = { inputs: [{ _from: { id: mixed }, to: [{ id: contactId(SILENT) }] }] };
        await expect(v4.basicApi.archive('tickets', mixed, 'contacts', contactId(SILENT))).rejects.toThrow(
          /may not be recorded by those who need it to see records/,
        );
        await expect(
          v4.basicApi.archive('contacts', contactId(SILENT), 'tickets', mixed),
        ).rejects.toMatchObject(REFUSED);
        await expect(v4.batchApi.archive('tickets', 'contacts', cut as never)).rejects.toMatchObject(REFUSED);
        expect(await tickets()).not.toContain(mixed);
        await v4.basicApi.createDefault('tickets', ids['tickets']!.shown, 'contacts', contactId(OTHER));
        await crm('privacyOfficer').associations.v4.basicApi.archive(
          'tickets',
          mixed,
          'contacts',
          contactId(SILENT),
        );
        expect(await tickets()).toContain(mixed);
      });
    });

    it('costs HubSpot no more requests for a page of many than for one of few', async () => {
      const asked = async (limit: number) => {
        const before = new Set(around.hubspot.requests);
        await ask('hubspotRep', `/crm/v3/objects/tickets?limit=${limit}`);
        return around.hubspot.requests.filter((request) => !before.has(request)).length;
      };
      // The page, what its tickets are associated with, and those contacts.
      expect([await asked(2), await asked(20)]).toEqual([3, 3]);
    });
  },
);
