import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { type Helpdesk, startHelpdesk } from './helpdesk.ts';

let helpdesk: Helpdesk;
let premises: Premises;

beforeAll(async () => {
  helpdesk = await startHelpdesk();
  premises = await openPremises({
    config: 'test/e2e/generic/config.yaml',
    sandbox: { people: 1 },
    environment: { HELPDESK_URL: helpdesk.url },
  });
});

afterAll(async () => {
  await premises.close();
  await helpdesk.close();
});

const ask = (
  who: keyof typeof PRINCIPALS,
  path: string,
  more: { method?: string; body?: string; headers?: Readonly<Record<string, string>> } = {},
) =>
  send(premises.proxy, {
    path,
    ...more,
    headers: {
      'x-privet-token': PRINCIPALS[who],
      authorization: 'Bearer helpdesk',
      ...(more.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more.headers,
    },
  });

const SHOWN = {
  id: 7,
  name: 'Ana',
  email: 'a***@customer.example',
  birthdate: '1990-01-01',
  salary: null,
  notes: 'Call [phone] or write to [email].',
};

describe('a CRM that the company declares', () => {
  it('answers lists with fields treated, related records by their own rules, and links led back', async () => {
    const { text } = await ask('support', '/api/v1/customers');
    expect(JSON.parse(text)).toEqual({
      items: [{ ...SHOWN, links: { self: '/api/v1/customers/7' }, company: { id: 70, name: 'Acme' } }],
      page: { total: 1, number: 1, next: `${premises.proxy}/api/v1/customers?page=2` },
    });
  });

  it('answers one record, whose fields stand where the descriptor says', async () => {
    const { text } = await ask('support', '/api/v1/customers/7');
    expect(JSON.parse(text)).toMatchObject({ meta: { id: '7', kind: 'Customer' } });
    expect((JSON.parse(text) as { attributes: unknown }).attributes).toEqual(SHOWN);
  });

  it('treats what stands deeper in a record, of a type that nobody knows, as the fields that it is named like', async () => {
    const { text } = await ask('support', '/api/v1/customers/8');
    expect((JSON.parse(text) as { attributes: unknown }).attributes).toEqual({
      ...SHOWN,
      id: 8,
      profile: { contacts: [{ email: SHOWN.email, since: 2019 }] },
    });
  });

  it('takes the credential for Privet off, and leaves the CRM its own', async () => {
    await ask('support', '/api/v1/customers');
    expect(helpdesk.requests.at(-1)).toMatchObject({ token: 'Bearer helpdesk' });
    expect(JSON.stringify(helpdesk.requests)).not.toContain(PRINCIPALS.support);
  });

  it('is inspected in its errors too', async () => {
    const { status, text } = await ask('support', '/api/v1/customers/404');
    expect([status, JSON.parse(text)]).toEqual([404, { error: 'Nobody is [email].' }]);
  });

  it('is inspected where it answers what its descriptor does not tell: in an error, or beside the records', async () => {
    const duplicate = await ask('support', '/api/v1/customers/409');
    expect(duplicate.status).toBe(409);
    expect(JSON.parse(duplicate.text)).toEqual({ error: 'duplicate', found: [SHOWN], status: 409 });
    const { text } = await ask('support', '/api/v1/tickets');
    expect(JSON.parse(text)).toEqual({
      items: [],
      included: { customers: { 7: SHOWN }, mails: ['[email]'] },
    });
  });

  it.each([
    ['a sort by a masked field', '/api/v1/customers?order=-email', 'support-sees-no-contact-details'],
    [
      'a sort by one with its direction',
      '/api/v1/customers?order=email:desc',
      'support-sees-no-contact-details',
    ],
    [
      'a sort by one of a relation',
      '/api/v1/customers?order=company.phone',
      'support-sees-no-contact-details',
    ],
    ['a sort by what is no name', '/api/v1/customers?order=%22email%22', 'posture.unreadableBody'],
    ['a filter by one', '/api/v1/customers?email=ana@customer.example', 'support-sees-no-contact-details'],
    [
      'a look-up by one',
      '/api/v1/customers/by-email/ana@customer.example',
      'support-sees-no-contact-details',
    ],
    ['an export', '/api/v1/customers/export.csv', 'no-exports'],
    ['a parameter it does not know', '/api/v1/customers?expand=all', 'posture.unknownOperation'],
    ['an object it does not know', '/api/v1/invoices', 'posture.unknownOperation'],
  ])('denies %s in the words the descriptor gives it', async (_, path, policy) => {
    const asked = helpdesk.requests.length;
    const { status, headers, text } = await ask('support', path);
    expect(status).toBe(403);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: 'forbidden',
        message: expect.any(String),
        policy,
        status: '403',
        request: headers['x-privet-request-id'],
      },
    });
    expect(helpdesk.requests).toHaveLength(asked);
  });

  it.each([
    ['the reader', 'support', '[email]'],
    ['whoever sees everything', 'privacyOfficer', 'ana@customer.example'],
  ] as const)('names nobody in headers whom %s may not see', async (_, who, named) => {
    expect((await ask(who, '/api/v1/customers/7')).headers['x-last-editor']).toBe(named);
  });

  it('sends a table whose first row is no header to nobody from whom something is hidden', async () => {
    for (const path of ['/api/v1/tickets/export.csv', '/api/v1/customer/export.csv']) {
      const { status, text } = await ask('exportOfficer', path);
      expect([status, text.includes('customer.example')]).toEqual([502, false]);
      expect((await ask('privacyOfficer', path)).text).toContain('customer.example');
    }
  });

  it('is not sent a body that its descriptor does not describe', async () => {
    const asked = helpdesk.requests.length;
    const patch = {
      method: 'PUT',
      body: JSON.stringify([{ op: 'copy', from: '/email', path: '/name' }]),
      headers: { 'content-type': 'application/json-patch+json' },
    };
    const text = { method: 'PUT', body: JSON.stringify(JSON.stringify({ email: SHOWN.email })) };
    for (const more of [patch, text]) {
      const { status } = await ask('support', '/api/v1/customers/7', more);
      expect(status).toBe(403);
    }
    expect(helpdesk.requests).toHaveLength(asked);
  });

  it('gives the privacy officer every byte', async () => {
    for (const path of ['/api/v1/customers/7', '/api/v1/customers/export.csv']) {
      const direct = await send(helpdesk.url, { path });
      expect((await ask('privacyOfficer', path)).text).toBe(direct.text);
    }
  });

  it('is written new values', async () => {
    const body = JSON.stringify({ name: 'Ana María', email: 'new@customer.example' });
    expect((await ask('support', '/api/v1/customers/7', { method: 'PUT', body })).status).toBe(200);
    expect(helpdesk.requests.at(-1)).toMatchObject({ line: 'PUT /api/v1/customers/7', body });
  });

  it('is not written a half-edited mask', async () => {
    const body = JSON.stringify({ name: 'Ana', email: 'b***@customer.example' });
    const { status, text } = await ask('support', '/api/v1/customers/7', { method: 'PUT', body });
    expect(status).toBe(403);
    expect(text).toContain('email');
    expect(helpdesk.requests.at(-1)).not.toMatchObject({ body });
  });

  it('is not written what was shown deeper in a record', async () => {
    const body = JSON.stringify({ profile: { contacts: [{ email: SHOWN.email }] } });
    const { status, text } = await ask('support', '/api/v1/customers/8', { method: 'PUT', body });
    expect(status).toBe(403);
    expect(text).toContain('profile');
  });
});
