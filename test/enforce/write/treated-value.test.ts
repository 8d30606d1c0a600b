import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, refusalOf, V59 } from '../fixture.ts';
import { CURRENT, ID, MAPS, POLICIES, scene } from './scene.ts';

describe('a value equal to what was shown', () => {
  it.each([
    ['a mask', { Email: 'a***@example.com' }],
    ['a mask under a name in another case', { email: 'a***@example.com' }],
    ['the end of a number', { Phone: '*** 456' }],
    ['initials', { FirstName: 'A. M.' }],
    ['a date', { Birthdate: '1985-01-01' }],
    ["a moment in the CRM's spelling", { Created__c: '1985-01-01T00:00:00.000+0000' }],
    ['a moment in another spelling', { Created__c: '1985-01-01T00:00:00Z' }],
    ['a number', { Income__c: 52000 }],
    ['null for a boolean', { Active__c: null }],
    ['a prefix', { Zip__c: '28***' }],
    ['a text with a finding', { Description: 'Write to [email]' }],
  ])('%s is taken out of the request', async (_, field) => {
    const { body } = await play(scene({ LastName: 'X', ...field }));
    expect(body).toEqual({ LastName: 'X' });
  });

  it('numbers compare by value, however they are spelled', async () => {
    const { text } = await play(scene('{"LastName":"X","Income__c":5.2E4}'));
    expect(JSON.parse(text)).toEqual({ LastName: 'X' });
  });

  it('texts compare by their characters, however they are composed', async () => {
    const current = [{ Id: ID, Zip__c: 'é1234' }];
    const { body } = await play(scene({ LastName: 'X', Zip__c: 'e\u03011***' }, { current }));
    expect(body).toEqual({ LastName: 'X' });
  });

  it('is the whole record, as it was read, for any values: writing it back changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          Email: fc.oneof(fc.emailAddress(), fc.string(), fc.constant(null)),
          Phone: fc.oneof(fc.string(), fc.constant(null)),
          FirstName: fc.string(),
          Birthdate: fc.oneof(
            fc
              .date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
              .map((date) => date.toISOString().slice(0, 10)),
            fc.constant(null),
          ),
          Income__c: fc.oneof(fc.integer(), fc.constant(null)),
          Active__c: fc.boolean(),
          NIF__c: fc.string(),
          Zip__c: fc.string(),
        }),
        async (values) => {
          const record = { Id: ID, ...values };
          const reading = await play({
            policies: POLICIES,
            maps: MAPS,
            request: `GET ${V59}/sobjects/Contact/${ID}?fields=Id`,
          });
          const read = reading.answer({ attributes: { type: 'Contact' }, ...record }).json() as Record<
            string,
            unknown
          >;
          const { attributes: _, Id: __, ...written } = read;
          const { body } = await play(scene(written, { current: [record] }));
          // What is still there stands there already: nothing was hidden of it, or it is null.
          for (const [field, value] of Object.entries(body as Record<string, unknown>))
            expect(value).toEqual((values as Record<string, unknown>)[field]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a value that is neither shown nor whole', () => {
  it.each([
    ['Email', 'b***@example.com'],
    ['email', 'b***@example.com'],
    ['Phone', '***9999'],
    ['FirstName', 'A. X.'],
    ['Zip__c', '29***'],
    ['Description', 'Write to [email] soon'],
  ])('%s: %s is refused by name', async (field, value) => {
    const denial = await refusalOf(scene({ [field]: value }));
    expect(denial).toMatchObject({ policy: 'support', message: expect.stringContaining(field) });
    expect(denial.message).not.toContain(value);
  });
});

describe('what was shown in another operation, or for another purpose', () => {
  it.each([
    ['search', 'on: { operations: [search] }', {}],
    ['bulk', 'on: { operations: [bulk] }', {}],
    [
      'another purpose',
      'for: { purposes: [support] }',
      { purposes: ['support', 'billing'], purpose: 'billing' },
    ],
  ])('is kept out of a write too: %s', async (_, where, who) => {
    const policies = `policy: p\n${where}\nshow: { contact.email: { mask: email } }`;
    const { body } = await play(scene({ LastName: 'X', Email: 'a***@example.com' }, { policies, who }));
    expect(body).toEqual({ LastName: 'X' });
    await expect(refusalOf(scene({ Email: 'b***@example.com' }, { policies, who }))).resolves.toMatchObject({
      policy: 'p',
    });
  });
});

describe('a field that is shown by the record', () => {
  const policies = `policy: germans\non: { objects: [Contact], when: 'record.country == "DE"' }\nshow: { contact.email: { mask: email } }`;
  const write = { Email: 'a***@example.com', LastName: 'X' };

  it('is compared as this record shows it', async () => {
    const german = [{ ...CURRENT, MailingCountry: 'DE' }];
    const played = await play(scene(write, { policies, current: german }));
    expect(played.body).toEqual({ LastName: 'X' });
    expect(played.reads[0]?.query).toContainEqual(['fields', expect.stringContaining('MailingCountry')]);
  });

  it("is the writer's to choose where this record shows it clear", async () => {
    const french = [{ ...CURRENT, MailingCountry: 'FR' }];
    expect((await play(scene(write, { policies, current: french }))).body).toEqual(write);
  });

  it('is refused where nobody knows', async () => {
    await expect(refusalOf(scene(write, { policies, current: undefined }))).resolves.toMatchObject({
      policy: 'germans',
    });
  });
});
