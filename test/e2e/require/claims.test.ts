import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

/** Of the people by their places: who has unsubscribed, and who said no in the CRM and nothing else. */
const WITHDRAWN = 3;
const REFUSED =
  /may not be recorded by those who need it to see records\. Records of people who are not known to have agreed: 1\./;

/** Marketing is bound by `marketing-needs-consent`, and the sales representative by nothing. */
describe.each(['embedded', 'redis'])(
  'whoever is bound by a requirement, with the registry in a store that is %s',
  (where) => {
    let around: RegistrySurroundings;
    let house: OpenHouse;
    let optedOut: number;

    beforeAll(async () => {
      const config = `test/e2e/require/${where}.yaml`;
      around = await openRegistrySurroundings({ sandbox: { people: 40 } });
      const people = around.salesforce.data.people;
      optedOut = people.findIndex((person, index) => person.optedOutOfEmail && index !== WITHDRAWN);
      await append(config, around.environment, [
        event('withdrawn', { email: people[WITHDRAWN]!.email! }, 'marketing.email'),
      ]);
      house = await openHouseWith(config, around.environment);
    });

    afterAll(async () => {
      await house.closeHouse();
      await around.close();
    });

    type Who = keyof typeof PRINCIPALS;
    const contacts = () => around.salesforce.data.records('Contact');
    const salesforceId = (index: number) => String(contacts()[index]!['Id']);
    const hubspotId = (index: number) => String(around.hubspot.data.records('contacts')[index]!['id']);
    const contact = (who: Who) => salesforceClient(house.proxy, PRINCIPALS[who]).sobject('Contact');
    const hubspot = (who: Who) => hubspotClient(house.hubspotProxy, PRINCIPALS[who]).crm.contacts;
    const flagOf = (index: number) => contacts()[index]!['HasOptedOutOfEmail'];

    it('does not make somebody agree in Salesforce, one by one, in a collection or in an upload', async () => {
      const yes = { Id: salesforceId(optedOut), HasOptedOutOfEmail: false };
      await expect(contact('marketing').update(yes)).rejects.toThrow(REFUSED);
      await expect(contact('marketing').update([yes])).rejects.toThrow(REFUSED);
      const upload = salesforceClient(house.proxy, PRINCIPALS.marketing).bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'update',
        input: [{ ...yes, HasOptedOutOfEmail: 'false' }],
        pollInterval: 50,
      });
      await expect(upload).rejects.toThrow(REFUSED);
      expect(flagOf(optedOut)).toBe(true);
    });

    it('does not make somebody agree in HubSpot, by an update, a batch or a merge', async () => {
      const id = hubspotId(optedOut);
      const yes = { properties: { hs_email_optout: 'false' } };
      const marketing = hubspot('marketing');
      await expect(marketing.basicApi.update(id, yes)).rejects.toThrow(REFUSED);
      await expect(marketing.batchApi.update({ inputs: [{ id, ...yes }] })).rejects.toThrow(REFUSED);
      const merge = { primaryObjectId: hubspotId(0), objectIdToMerge: id };
      await expect(marketing.basicApi.merge(merge)).rejects.toThrow(REFUSED);
      await expect(marketing.basicApi.getById(id)).rejects.toThrow('without consent');
    });

    it('writes that somebody has not agreed, and whatever does not decide', async () => {
      const free = around.salesforce.data.people.findIndex(({ optedOutOfEmail }) => !optedOutOfEmail);
      const said = await contact('marketing').update([
        { Id: salesforceId(free), HasOptedOutOfEmail: true },
        { Id: salesforceId(WITHDRAWN), Title: 'Dr' },
      ]);
      expect(said.map(({ success }) => success)).toEqual([true, true]);
      expect(flagOf(free)).toBe(true);
      const takenBack = contact('marketing').update({ Id: salesforceId(free), HasOptedOutOfEmail: false });
      await expect(takenBack).rejects.toThrow(REFUSED);
      expect(contacts()[WITHDRAWN]!['Title']).toBe('Dr');
    });

    it('sees somebody again that another has recorded', async () => {
      const id = salesforceId(optedOut);
      await expect(contact('marketing').retrieve(id)).rejects.toThrow('without consent');
      await contact('salesforceRep').update({ Id: id, HasOptedOutOfEmail: false });
      await expect
        .poll(async () => (await contact('marketing').retrieve(id).catch(String)) as unknown)
        .toMatchObject({ Id: id });
    });
  },
);
