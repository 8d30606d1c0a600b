import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';

const ID = '0035g00000AAAAAAAA';
const READ = `GET ${V59}/sobjects/Contact/${ID}`;
const WRITE = `PATCH ${V59}/sobjects/Contact/${ID}`;

const MAPS = `
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email, phone: Phone }
    fields:
      NIF__c: identity.national-id
      Description: free-text
      Payload__c: none
  Task:
    fields: { Payload__c: none }
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    fields: { payload: none }
`;
const POLICIES = `
policy: support
for: { roles: [support] }
show:
  contact.email: { mask: email }
  contact.phone: { mask: keep-last, keep: 4 }
  identity.national-id: remove
  free-text: { scan: [email] }
`;

function scene(over: Partial<Scene>): Scene {
  return { policies: POLICIES, maps: MAPS, request: READ, ...over };
}

async function shownAs(field: string, text: string, object = 'Contact'): Promise<unknown> {
  const { answer } = await play(scene({}));
  const shown = answer({ attributes: { type: object }, [field]: text }).json() as Record<string, unknown>;
  return shown[field];
}

describe('a text that is JSON', () => {
  it.each([
    ['an object', '{"Email":"ana@example.com"}', '{"Email":"a***@example.com"}'],
    [
      'objects in objects',
      '{"person":{"Email":"ana@example.com","a":1}}',
      '{"person":{"Email":"a***@example.com","a":1}}',
    ],
    ['a list', '[{"Email":"ana@example.com"},{"a":2}]', '[{"Email":"a***@example.com"},{"a":2}]'],
    [
      'a list under a name',
      '{"people":[{"Email":"ana@example.com"}]}',
      '{"people":[{"Email":"a***@example.com"}]}',
    ],
    ['a name in another case', '{"EMAIL":"ana@example.com"}', '{"EMAIL":"a***@example.com"}'],
    ['a name with an escape', '{"\\u0045mail":"ana@example.com"}', '{"\\u0045mail":"a***@example.com"}'],
    ['a field that is taken out', '{"NIF__c":"12345678Z","a":1}', '{"a":1}'],
    [
      'a name twice',
      '{"Email":"a@b.example","Email":"c@d.example"}',
      '{"Email":"***@b.example","Email":"***@d.example"}',
    ],
    ['an address in a list', '{"Email":["ana@example.com"]}', '{"Email":null}'],
    ['spaces before it', ' \n{"Email":"ana@example.com"}', ' \n{"Email":"a***@example.com"}'],
    ['a byte order mark', '\uFEFF{"Email":"ana@example.com"}', '\uFEFF{"Email":"a***@example.com"}'],
    [
      'JSON in JSON',
      JSON.stringify({ body: JSON.stringify({ Email: 'ana@example.com' }) }),
      JSON.stringify({ body: JSON.stringify({ Email: 'a***@example.com' }) }),
    ],
    [
      'JSON in a list',
      JSON.stringify([JSON.stringify({ Email: 'ana@example.com' })]),
      JSON.stringify([JSON.stringify({ Email: 'a***@example.com' })]),
    ],
    [
      'a JSON string that holds JSON',
      JSON.stringify(JSON.stringify({ Email: 'ana@example.com' })),
      JSON.stringify(JSON.stringify({ Email: 'a***@example.com' })),
    ],
    [
      'numbers as they are spelled',
      '{"n":5.0E4,"id":12345678901234567890,"Phone":"600123456"}',
      '{"n":5.0E4,"id":12345678901234567890,"Phone":"***3456"}',
    ],
  ])('is treated like JSON: %s', async (_, text, expected) => {
    expect(await shownAs('Payload__c', text)).toBe(expected);
    expect(await shownAs('Unclassified__c', text)).toBe(expected);
    expect(await shownAs('Payload__c', text, 'Task')).toBe(expected);
  });

  it.each([
    ['no field in it', '{"a": [1, {"b": "ana"}], "n": 1.50}'],
    ['no JSON', '{"a": ana}'],
    ['no JSON, and a name that is no field of anybody', '{"step": "Email", '],
    ['a note in brackets', '[Call] Ask for Ana'],
    ['a text', 'Email: ana@example.com'],
    ['a text with quotes', 'She said "Email": call again, and then: "Ana"'.replace('"Email":', '"Mail":')],
    ['quotes without a name', 'A 5" screen: see "Email" and "Phone"'],
    ['an unpaired surrogate', '{"a":"\ud800"}'],
  ])('stays as it is with %s', async (_, text) => {
    const body = JSON.stringify({ attributes: { type: 'Contact' }, Payload__c: text });
    const { answer } = await play(scene({}));
    expect(answer(body).text).toBe(body);
  });

  it.each([
    ['cut off in a value', '{"step":1,"Email":"ana@exam'],
    ['cut off after a value', '{"Email":"ana@example.com",'],
    ['of several lines', '{"Email":"ana@example.com"}\n{"Email":"eva@example.com"}'],
    ['with something after it', '{"Email":"ana@example.com"} (1 of 2)'],
    ['with a comma too many', '[{"a":1},{"Email" : "ana@example.com",}]'],
    ['with a name that is escaped', '{"\\u0045mail":"ana@example.com"'],
    ['with a bare value', '{"Email": ana}'],
    ['with a text before it', 'Webhook: {"Email":"ana@example.com"}'],
    ['after a guard', ')]}\',\n{"Email":"ana@example.com"}'],
    ['in a call', 'callback({"Email":"ana@example.com"})'],
    ['in a stream of events', 'data: {"Email":"ana@example.com"}\n\ndata: {}'],
    ['after two marks', '\uFEFF\uFEFF{"Email":"ana@example.com"}'],
    ['after another kind of space', '\u00a0{"Email":"ana@example.com"}'],
    ['cut off in front', '1,"Email":"ana@example.com"}'],
    ['cut off within a name before', 'ep":1,"Email":"ana@example.com"}'],
    ['after an odd quote', '5" wide {"Email":"ana@example.com"}'],
    ['with its quotes escaped', 'log {\\"Email\\":\\"ana@example.com\\"}'],
    [
      'packed with its quotes spelled out, and cut off',
      '{"body":"{\\u0022Email\\u0022:\\u0022ana@example.com',
    ],
    ['packed, and cut off', JSON.stringify({ body: '{"Email":"ana@example.com"}' }).slice(0, -4)],
    [
      'packed twice, its name escaped, and cut off',
      JSON.stringify({ body: JSON.stringify({ body: '{"\\u0045mail":"ana@example.com"}' }) }).slice(0, -8),
    ],
    ['in JSON, cut off', JSON.stringify({ Email: 'ana@example.com' }).slice(0, -1)],
  ])(
    'is redacted where it is not JSON to its end, but names a field that is treated: %s',
    async (_, text) => {
      expect(await shownAs('Payload__c', text)).toBe('[redacted]');
      expect(await shownAs('Payload__c', JSON.stringify({ body: text }))).toBe('{"body":"[redacted]"}');
    },
  );

  it('deeper than the limit is redacted', async () => {
    expect(await shownAs('Payload__c', `${'['.repeat(200)}""${']'.repeat(200)}`)).toBe('[redacted]');
  });

  it('is searched where its field is: each text in it, however it is spelled', async () => {
    const text = '{"note":"Write to ana\\u0040example.com","list":["eva@example.com"],"NIF__c":"12345678Z"}';
    expect(await shownAs('Description', text)).toBe('{"note":"Write to [email]","list":["[email]"]}');
  });

  it('is counted by the fields in it', async () => {
    const { answer } = await play(scene({}));
    const { discharged } = answer({
      attributes: { type: 'Contact' },
      Payload__c: '{"Email":"ana@example.com"}',
    });
    expect(discharged.tally.report().fields).toContainEqual(
      expect.objectContaining({ field: 'Email', treatment: 'mask', count: 1 }),
    );
  });

  it("is treated in HubSpot's properties", async () => {
    const { answer } = await play(
      scene({ crm: 'hubspot', request: 'GET /crm/v3/objects/contacts/7?properties=payload' }),
    );
    const shown = answer({ id: '7', properties: { payload: '{"email":"ana@example.com"}' } });
    expect(shown.json()).toEqual({ id: '7', properties: { payload: '{"email":"a***@example.com"}' } });
  });

  it('shows no address, whatever surrounds it', async () => {
    const { answer } = await play(scene({}));
    const around = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant({ Email: 'canary@example.com' }),
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('value').map((inner) => JSON.stringify(inner)),
      ),
    })).value;
    fc.assert(
      fc.property(around, (value) => {
        const Payload__c = JSON.stringify([value]);
        const { text } = answer({ attributes: { type: 'Contact' }, Payload__c });
        expect(text).not.toContain('canary');
        expect(
          () => JSON.parse((JSON.parse(text) as { Payload__c: string }).Payload__c) as unknown,
        ).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe('JSON that is written', () => {
  it.each([
    ['after a byte order mark', '\uFEFF{"Email":"ana@example.com"}', '\uFEFF{"Email":"a***@example.com"}'],
    [
      'as a JSON string',
      JSON.stringify('{"Email":"ana@example.com"}'),
      JSON.stringify('{"Email":"a***@example.com"}'),
    ],
    ['and was redacted whole', 'log {"Email":"ana@example.com"}', '[redacted]'],
  ])('as it was shown %s is taken out of the request', async (_, before, shown) => {
    expect(await shownAs('Payload__c', before)).toBe(shown);
    const body = { LastName: 'X', Payload__c: shown };
    const now = [{ Id: ID, Payload__c: before }];
    expect((await play(scene({ request: WRITE, body, current: now }))).body).toEqual({ LastName: 'X' });
  });

  const current = [{ Id: ID, Payload__c: '{"Email":"ana@example.com","NIF__c":"12345678Z","step":1}' }];

  it('as it was shown is taken out of the request', async () => {
    const body = { LastName: 'X', Payload__c: '{"Email":"a***@example.com","step":1}' };
    expect((await play(scene({ request: WRITE, body, current }))).body).toEqual({ LastName: 'X' });
  });

  it('over JSON with something hidden in it is refused', async () => {
    const body = { Payload__c: '{"step":2}' };
    expect((await refusalOf(scene({ request: WRITE, body, current }))).message).toContain('Payload__c');
  });

  it.each([
    ['nothing was hidden', [{ Id: ID, Payload__c: '{"step":1}' }]],
    ['there was nothing', [{ Id: ID, Payload__c: null }]],
  ])('passes where %s', async (_, before) => {
    const body = { Payload__c: '{"step":2,"Email":"new@example.com"}' };
    expect((await play(scene({ request: WRITE, body, current: before }))).body).toEqual(body);
  });

  it('is refused where it holds what may be a mask, and nobody knows what stands there', async () => {
    const body = { Payload__c: '{"Email":"a***@example.com"}' };
    expect((await refusalOf(scene({ request: WRITE, body }))).message).toContain('Payload__c');
    const harmless = { Payload__c: '{"step":2}' };
    expect((await play(scene({ request: WRITE, body: harmless }))).body).toEqual(harmless);
  });
});

describe('JSON in a text is no oracle', () => {
  const maps = MAPS.replace(
    '  Task:\n    fields: {',
    '  Task:\n    fields: { Note__c: free-text, Message__c: payload,',
  );
  const asked = (soql: string): Partial<Scene> => ({
    request: `GET ${V59}/query?q=${encodeURIComponent(soql)}`,
  });
  const searched = (search: object): Partial<Scene> => ({
    crm: 'hubspot',
    request: 'POST /crm/v3/objects/contacts/search',
    body: { properties: ['email'], ...search },
  });
  const filter = (propertyName: string, operator: string, value?: string): Partial<Scene> =>
    searched({ filterGroups: [{ filters: [{ propertyName, operator, value }] }] });

  it.each<[string, Partial<Scene>]>([
    ['a part of a text that no data map knows', asked("SELECT Id FROM Task WHERE Unknown__c LIKE '%ana@%'")],
    ['its end', asked("SELECT Id FROM Task WHERE Unknown__c LIKE '%.example\"}'")],
    ['one letter', asked("SELECT Id FROM Task WHERE Unknown__c LIKE '_a'")],
    ['its beginning, far into it', asked(`SELECT Id FROM Task WHERE Unknown__c LIKE '{"Email":"a%'`)],
    ['its place in an order', asked(`SELECT Id FROM Task WHERE Unknown__c > '{"Email":"ana'`)],
    ['what it does not hold', asked("SELECT Id FROM Task WHERE NOT Unknown__c LIKE '%ana@%'")],
    [
      'a part of what a function makes of it',
      asked("SELECT Id FROM Task WHERE toLabel(Unknown__c) LIKE '%ana@%'"),
    ],
    ['a part of a payload', asked("SELECT Id FROM Task WHERE Message__c LIKE '%ana@%'")],
    ['the order of payloads', asked('SELECT Id FROM Task ORDER BY Message__c')],
    ['the first of payloads', asked('SELECT MAX(Message__c) FROM Task')],
    [
      'a name of JSON in what is said to hold none',
      asked(`SELECT Id FROM Task WHERE Payload__c LIKE '%"Email":"a%'`),
    ],
    [
      'a part, by another object',
      asked(
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Unknown__c LIKE '%ana@%')",
      ),
    ],
    ['a word of a property that no data map knows', filter('unknown', 'CONTAINS_TOKEN', 'ana*')],
    ['a word that it does not hold', filter('unknown', 'NOT_CONTAINS_TOKEN', 'ana*')],
    ['the place of a property in an order', filter('payload', 'GT', '{"email":"ana')],
    [
      'any text of an object that no data map knows',
      { ...searched({ query: 'ana' }), request: 'POST /crm/v3/objects/cars/search' },
    ],
  ])('by %s', async (_, over) => {
    const { message } = await refusalOf(scene({ maps, ...over }));
    expect(message).toContain('parts of it cannot be searched for');
  });

  it.each<[string, Partial<Scene>]>([
    ['a whole text', asked(`SELECT Id FROM Task WHERE Unknown__c = '{"Email":"ana@example.com"}'`)],
    ['one of several', asked("SELECT Id FROM Task WHERE Unknown__c IN ('a', 'b')")],
    ['whether there is one', asked('SELECT Id FROM Task WHERE Unknown__c != null')],
    ['a beginning', asked("SELECT Id FROM Task WHERE Unknown__c LIKE 'Open%'")],
    ['a number', asked('SELECT Id FROM Task WHERE Unknown__c > 5')],
    ['an order of what no data map knows', asked('SELECT Id FROM Task ORDER BY Unknown__c')],
    [
      'a part of what a data map says is no payload',
      asked("SELECT Id FROM Task WHERE Payload__c LIKE '%ana%'"),
    ],
    ['how many payloads are alike', asked('SELECT Message__c, COUNT(Id) n FROM Task GROUP BY Message__c')],
    ['a value', filter('unknown', 'EQ', 'open')],
    ['a range', filter('unknown', 'GTE', '5')],
    ['a word of a mapped property', filter('payload', 'CONTAINS_TOKEN', 'ana*')],
  ])('but does not keep anybody from asking for %s', async (_, over) => {
    expect((await play(scene({ maps, ...over }))).refusal).toBeUndefined();
  });

  it('nor whoever has nothing hidden from them from asking for anything', async () => {
    const soql = `SELECT Id FROM Task WHERE Unknown__c LIKE '%"Email":"a%' ORDER BY Message__c`;
    expect((await play(scene({ maps, policies: '', ...asked(soql) }))).refusal).toBeUndefined();
  });
});
