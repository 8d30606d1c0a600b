import type { IncomingMessage, ServerResponse } from 'node:http';

export const ANA = { 'x-privet-key': 'ana' };
export const EMMA = { 'x-privet-key': 'emma' };
export const MASKED = `
policy: support-masks
for: { roles: [support] }
show: { contact.email: { mask: email } }
`;
export const OWN_ROWS = `
policy: reps-see-their-own
for: { roles: [support] }
on: { objects: [Contact] }
rows: record.owner == principal.crmUserId
`;
export const CONTACT = {
  attributes: { type: 'Contact', url: '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA' },
  Id: '0035g00000AAAAAAAA',
  Email: 'canary@example.com',
  OwnerId: '0055g00000BBBBBBBB',
};
export const READ = '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA?fields=Id,Email,OwnerId';
export const QUERY = '/services/data/v59.0/query?q=SELECT+Id,Email+FROM+Contact';

export function json(body: unknown, headers: Record<string, string> = {}, status = 200) {
  return (_: IncomingMessage, response: ServerResponse): void => {
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(bytes);
  };
}
