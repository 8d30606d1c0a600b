import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const ANA = {
  id: 7,
  name: 'Ana',
  email: 'ana@customer.example',
  phone: '+34 612 345 678',
  birthdate: '1990-05-17',
  salary: 50_000,
  notes: 'Call +34 612 345 678 or write to ana@customer.example.',
};
const COMPANY = { id: 70, name: 'Acme', phone: '+34 912 345 678' };

/** CSV as it should be, and as some write it: without a header, and with a note for Excel in its place. */
const TABLES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/api/v1/customers/export.csv': { type: 'text/csv', text: `name,email\r\nAna,${ANA.email}\r\n` },
  '/api/v1/tickets/export.csv': { type: 'text/csv; header=absent', text: `Ana,${ANA.email}\r\n` },
  '/api/v1/customer/export.csv': { type: 'text/csv', text: `sep=;\r\nname;email\r\nAna;${ANA.email}\r\n` },
};

export interface Helpdesk {
  readonly url: string;
  /** Requests as they came, with what they carried. */
  readonly requests: readonly { readonly line: string; readonly token: string; readonly body: string }[];
  readonly close: () => Promise<void>;
}

/** An API as the descriptor in test/fixtures/crm/generic declares it. */
export async function startHelpdesk(): Promise<Helpdesk> {
  const requests: { line: string; token: string; body: string }[] = [];
  let url = '';
  const answers: Readonly<Record<string, () => unknown>> = {
    '/api/v1/customers': () => ({
      items: [{ ...ANA, links: { self: '/api/v1/customers/7' }, company: COMPANY }],
      page: { total: 1, number: 1, next: `${url}/api/v1/customers?page=2` },
    }),
    '/api/v1/customers/7': () => ({ meta: { id: '7', kind: 'Customer' }, attributes: ANA }),
    '/api/v1/customers/8': () => ({
      meta: { id: '8', kind: 'Person' },
      attributes: { ...ANA, id: 8, profile: { contacts: [{ email: ANA.email, since: 2019 }] } },
    }),
    '/api/v1/customers/404': () => ({ error: `Nobody is ${ANA.email}.` }),
    '/api/v1/customers/409': () => ({ error: 'duplicate', found: [ANA], status: 409 }),
    '/api/v1/tickets': () => ({ items: [], included: { customers: { 7: ANA }, mails: [ANA.email] } }),
  };
  const server = createServer((incoming, outgoing) => {
    incoming.toArray().then(
      (chunks) => answer(incoming, outgoing, Buffer.concat(chunks as Buffer[]).toString()),
      () => outgoing.destroy(),
    );
  });
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse, body: string): void => {
    const { method = '', url: target = '', headers } = incoming;
    const token = headers.authorization ?? '';
    requests.push({ line: `${method} ${target}`, token, body });
    const path = target.replace(/\?.*/, '');
    const table = TABLES[path];
    if (table !== undefined) {
      outgoing.writeHead(200, { 'content-type': table.type }).end(table.text);
      return;
    }
    const status = Number(/4\d\d$/.exec(path)?.[0] ?? 200);
    outgoing.writeHead(status, { 'content-type': 'application/json', 'x-last-editor': ANA.email });
    outgoing.end(method === 'GET' ? JSON.stringify(answers[path]?.() ?? {}) : '{}');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
