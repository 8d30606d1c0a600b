import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileDescriptor } from '../../../src/crm/generic/compile.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const helpdesk: unknown = parse(
  readFileSync(new URL('../../fixtures/crm/generic/helpdesk.yaml', import.meta.url), 'utf8'),
);
const compiled = compileDescriptor(helpdesk);

function adapterOf(): NonNullable<typeof compiled.adapter> {
  if (compiled.adapter === undefined) throw new Error(JSON.stringify(compiled.errors));
  return compiled.adapter;
}

describe('a CRM that a company declares', () => {
  it.each([
    [
      'GET /api/v1/customers?fields=name,email&order=-phone&email=a&page=2',
      'list',
      ['Customer.name select', 'Customer.email select', 'Customer.phone sort', 'Customer.email filter'],
    ],
    ['GET /API/v2/Customer', 'list', ['Customer.* select']],
    ['GET /api/v1/customers/7', 'read', ['Customer.* select']],
    [
      'GET /api/v1/customers/by-email/a@b.example',
      'read-by-email',
      ['Customer.email lookup', 'Customer.* select'],
    ],
    ['GET /api/v1/tickets/export.csv', 'export', []],
  ])('knows %s', (line, route, uses) => {
    const operation = recognised(adapterOf(), line);
    expect({ route: operation.route, uses: usesOf(operation) }).toEqual({ route, uses });
  });

  it.each([
    'GET /api/customers',
    'GET /api/v1/secrets',
    'GET /api/v1/customers?where=1',
    'POST /api/v1/customers',
  ])('does not know %s', (line) => {
    expect(adapterOf().recognise(crmRequest(line), nothingSealed)).toBeUndefined();
  });

  it('asks for a path with a slash at its end where that is how the CRM writes it', () => {
    const { operations } = helpdesk as { operations: { name: string; path: string }[] };
    const slashed = operations.map(({ path, ...rest }) => ({ ...rest, path: `${path}/` }));
    const { adapter, errors } = compileDescriptor({ ...(helpdesk as object), operations: slashed });
    expect(errors).toBeUndefined();
    const operation = adapter?.recognise(crmRequest('GET /api/v1/customers/7'), nothingSealed);
    expect(operation).toMatchObject({
      route: 'read',
      recordId: '7',
      request: { path: '/api/v1/customers/7/' },
    });
    expect(recognised(adapterOf(), 'GET /api/v1/customers/7').request.path).toBe('/api/v1/customers/7');
  });

  it('lets parameters stand several times where it says so, and judges each', () => {
    const { operations } = helpdesk as { operations: { name: string }[] };
    const parameters = {
      'ids[]': { repeats: true },
      fields: { lists: 'select', repeats: true },
      email: { field: 'email', position: 'filter', repeats: true },
      order: { lists: 'sort' },
    };
    const declared = operations.map((one) => (one.name === 'list' ? { ...one, parameters } : one));
    const { adapter, errors } = compileDescriptor({ ...(helpdesk as object), operations: declared });
    expect(errors).toBeUndefined();
    if (adapter === undefined) return;
    const query = 'ids[]=1&ids[]=2&fields=name&fields=phone&email=a&email=b';
    expect(usesOf(recognised(adapter, `GET /api/v1/customers?${query}`))).toEqual([
      'Customer.name select',
      'Customer.phone select',
      'Customer.email filter',
      'Customer.email filter',
    ]);
    expect(['ids[]', 'fields', 'email', 'order', 'page'].map(adapter.repeatable)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    const twice = crmRequest('GET /api/v1/customers?order=name&order=phone');
    expect(adapter.recognise(twice, nothingSealed)).toBeUndefined();
  });

  it('may not have one path twice, with a slash at its end and without', () => {
    const { operations } = helpdesk as { operations: { name: string; path: string }[] };
    const [list] = operations;
    const twice = [...operations, { ...list, name: 'again', path: `${list?.path}/` }];
    const { errors } = compileDescriptor({ ...(helpdesk as object), operations: twice });
    expect(errors).toEqual([
      { path: ['operations', operations.length, 'path'], message: 'another operation has this path' },
    ]);
  });

  it.each([
    ['Customer', 'Customer'],
    ['Cliente%20VIP', 'Cliente VIP'],
    ['ana%40customer.example', undefined],
    ['+34612345678', undefined],
  ])('takes %s in a path that may name any object for %s', (segment, object) => {
    const { objects: _, pathsIgnoreCase: __, ...open } = helpdesk as Record<string, unknown>;
    const operation = compileDescriptor(open).adapter?.recognise(
      crmRequest(`GET /api/v1/${segment}`),
      nothingSealed,
    );
    expect(operation?.objects[0]).toBe(object);
  });

  it.each([
    ['name:desc', ['Customer.name sort']],
    ['name desc', ['Customer.name sort']],
    ['-name', ['Customer.name sort']],
    ['company.phone', ['Customer.company.phone sort', '*.phone sort']],
    ['company.phone.asc', ['Customer.company.phone sort', '*.phone sort']],
  ])('reads an order by %s', (order, uses) => {
    const operation = recognised(adapterOf(), `GET /api/v1/customers?fields=&order=${order}`);
    expect(usesOf(operation)).toEqual(uses);
  });

  it.each([
    ['*', ['Customer.* select']],
    ['name,company.phone', ['Customer.name select', 'Customer.company.phone select']],
    ['straße,@id', ['Customer.straße select', 'Customer.@id select']],
    ['company/name,company/*', ['Customer.company/name select', 'Customer.company/* select']],
  ])('reads a selection of %s', (fields, uses) => {
    expect(usesOf(recognised(adapterOf(), `GET /api/v1/customers?fields=${fields}`))).toEqual(uses);
  });

  // Under another name nobody would know a hidden value again.
  it.each([
    'x:email',
    'email as x',
    'x=email',
    'email->>x',
    'max(email)',
    'email.max()',
    '"email"',
    'email::text',
  ])('refuses a selection that may rename or compute: %s', (fields) => {
    const line = `GET /api/v1/customers?fields=${encodeURIComponent(fields)}`;
    expect(() => adapterOf().recognise(crmRequest(line), nothingSealed)).toThrow(
      expect.objectContaining({ code: 'BODY_UNREADABLE' }),
    );
  });

  it.each(['"email"', 'email|name', '--email', 'lower(email)', 'email:down'])(
    'refuses an order by what is no name: %s',
    (order) => {
      const line = `GET /api/v1/customers?order=${encodeURIComponent(order)}`;
      expect(() => adapterOf().recognise(crmRequest(line), nothingSealed)).toThrow(
        expect.objectContaining({ code: 'BODY_UNREADABLE' }),
      );
    },
  );

  it.each([
    ['Customer', 'Customer'],
    ['customer', 'Customer'],
    ['Company', 'Company'],
    ['Ticket', 'Ticket'],
    ['Kunde', undefined],
  ])('takes a record that says it is a %s for one of %s', (type, object) => {
    expect(adapterOf().objectOfType?.(type)).toBe(object);
  });

  it('may reach anybody by a send, since nothing tells who', () => {
    const { adapter } = compileDescriptor({
      crm: 'newsletter',
      operations: [{ name: 'issue', method: 'POST', path: '/issues', kind: 'send', answer: 'plain' }],
      denial: { body: { message: '{message}' } },
    });
    const operation = adapter?.recognise(crmRequest('POST /issues'), nothingSealed);
    expect(operation?.recipients).toEqual({ named: [], untold: true });
  });

  it('makes shapes of pointers', () => {
    const { answer } = recognised(adapterOf(), 'GET /api/v1/customers');
    expect(answer).toEqual({
      format: 'json',
      error: { is: 'text' },
      root: {
        is: 'object',
        others: { is: 'text' },
        members: {
          items: {
            is: 'array',
            items: {
              is: 'record',
              object: 'Customer',
              others: 'field',
              members: {
                links: { is: 'plain' },
                company: { is: 'record', object: 'Company', members: {}, others: 'field' },
              },
            },
          },
          page: {
            is: 'object',
            others: { is: 'text' },
            members: { total: { is: 'count' }, next: { is: 'url' }, number: { is: 'plain' } },
          },
        },
      },
    });
  });

  it('keeps the shape of an object, so that it is prepared once', () => {
    const first = recognised(adapterOf(), 'GET /api/v1/customers').answer;
    expect(recognised(adapterOf(), 'GET /api/v1/customer').answer).toBe(first);
  });

  it('finds type, id and fields inside a record', () => {
    expect(recognised(adapterOf(), 'GET /api/v1/customers/7').answer).toMatchObject({
      root: {
        is: 'record',
        members: {
          meta: { is: 'object', members: { id: { is: 'id' }, kind: { is: 'type' } } },
          attributes: { is: 'fields' },
        },
        others: { is: 'text' },
      },
    });
  });

  it('reads what is written', () => {
    const operation = recognised(adapterOf(), 'PUT /api/v1/customers/7', { email: 'a' });
    expect(operation).toMatchObject({
      kind: 'update',
      recordId: '7',
      body: { format: 'json', root: { is: 'record', object: 'Customer' } },
    });
    expect(adapterOf().readsBody('PUT', '/api/v1/customers/7')).toBe(true);
  });

  it.each([
    ['an object', '{"email":"a"}', 'application/json'],
    ['a list of them', '[{"email":"a"}]', 'application/vnd.desk+json'],
    ['a merge patch', '{"email":null}', 'application/merge-patch+json'],
    ['nothing', 'null', 'application/json'],
  ])('reads a record that is %s', (_, body, contentType) => {
    const request = { ...crmRequest('PUT /api/v1/customers/7'), contentType, body: Buffer.from(body) };
    expect(adapterOf().recognise(request, nothingSealed)?.route).toBe('update');
  });

  it.each([
    ['a text, which may be JSON', '"{\\"email\\":\\"a\\"}"', 'application/json'],
    // RFC 6902: "copy" moves a value from a field that is hidden to one that is not.
    ['a list of changes', '[{"op":"copy","from":"/email","path":"/name"}]', 'application/json-patch+json'],
  ])('refuses a record that is %s', (_, body, contentType) => {
    const request = { ...crmRequest('PUT /api/v1/customers/7'), contentType, body: Buffer.from(body) };
    expect(() => adapterOf().recognise(request, nothingSealed)).toThrow(
      expect.objectContaining({ code: 'BODY_UNREADABLE' }),
    );
  });

  describe('whose requests hold more than records', () => {
    const { adapter } = compileDescriptor({
      crm: 'desk',
      denial: { body: {} },
      operations: [
        {
          name: 'import',
          method: 'POST',
          path: '/import',
          kind: 'create',
          object: 'A',
          body: {
            records: '/data/*',
            fields: '/attributes',
            id: '/id',
            plain: ['/tags'],
            related: { '/company': 'B' },
            ignored: ['/options'],
          },
          answer: 'plain',
        },
      ],
    });
    const recognise = (body: unknown) =>
      adapter?.recognise(crmRequest('POST /import', body), nothingSealed)?.route;

    it.each([
      { data: [] },
      { data: null, options: { notify: ['a'] } },
      { data: [{ id: '1', attributes: { email: 'a', address: { city: 'b' } }, tags: [{ x: 1 }] }] },
      { data: { id: '1', attributes: {} } },
      { data: [{ company: { phone: '1' } }] },
    ])('takes what the descriptor names: %j', (body) => {
      expect(recognise(body)).toBe('import');
    });

    it.each([
      [[{ data: [{ email: 'a' }] }, { email: 'a' }]],
      { items: [{ email: 'a' }] },
      { data: [], email: 'a' },
      { data: ['{"email":"a"}'] },
      { data: '[{"email":"a"}]' },
      { data: [{ id: { email: 'a' } }] },
      { data: [{ attributes: {}, email: 'a' }] },
      { data: [{ attributes: [{ email: 'a' }] }] },
      { data: [{ attributes: '{"email":"a"}' }] },
      { data: [], Options: {} },
    ])('refuses what it does not name: %j', (body) => {
      expect(() => recognise(body)).toThrow(expect.objectContaining({ code: 'BODY_UNREADABLE' }));
    });
  });

  it.each([
    ['POST', 'search', 'none'],
    ['POST', 'create', 'none'],
    ['PATCH', 'update', 'none'],
    ['POST', 'auth', 'opaque'],
    ['POST', 'file', 'opaque'],
  ])('takes a %s of kind %s without a declared body for one whose body is: %s', (method, kind, format) => {
    const operation = { name: 'a', method, path: '/a', kind, object: 'A', answer: 'plain' };
    const { adapter } = compileDescriptor({ crm: 'x', denial: { body: {} }, operations: [operation] });
    expect(adapter?.recognise(crmRequest(`${method} /a`), nothingSealed)?.body).toEqual({ format });
  });

  it('tells every object that its description names', () => {
    expect(adapterOf().describedObjects).toEqual(['Customer', 'Ticket', 'Company']);
  });

  it('knows headers by which such CRMs count records', () => {
    expect(adapterOf().countHeaders).toEqual(expect.arrayContaining(['x-total-count', 'x-pagination']));
  });

  it('adds fields where a parameter lists them', () => {
    const list = recognised(adapterOf(), 'GET /api/v1/customers?fields=name');
    const narrowed = adapterOf().narrow(list, {
      fields: new Map([['Customer', ['owner']]]),
      rows: new Map(),
    });
    expect(narrowed.operation.request.query).toEqual([['fields', 'name,owner']]);
  });

  it('denies as declared, whatever the message holds', () => {
    const { body } = adapterOf().errorBody(403, { policy: 'p', message: 'Say "{policy}".' }, '', 'r1');
    expect(JSON.parse(body)).toEqual({
      error: { code: 'forbidden', message: 'Say "{policy}".', policy: 'p', status: '403', request: 'r1' },
    });
  });
});
