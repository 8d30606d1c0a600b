import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { createEnforcement } from '../../src/enforce/enforcement.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Mode, Posture } from '../../src/model/posture.ts';
import { type Explanation, explain } from '../../src/verify/explain.ts';
import { UNSPENT } from '../../src/verify/unspent-budget.ts';
import { POSTURE } from '../fixtures/posture.ts';
import { FACTS, principal, snapshotOf } from '../policy/fixture.ts';

const MASKS = `
policy: support
for: { roles: [support] }
show: { contact.email: { mask: email } }
`;
const POLICIES = `${MASKS}
---
policy: own
on: { objects: [Contact] }
rows: record.owner == principal.crmUserId
`;
const READ = '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA';
const QUERY = '/services/data/v59.0/query';
const record = (OwnerId: string) => ({
  attributes: { type: 'Contact' },
  Id: '1',
  Email: 'ana@example.com',
  OwnerId,
});

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly answer?: unknown;
  readonly contentType?: string;
  readonly posture?: Partial<Posture>;
  readonly mode?: Mode;
  readonly policies?: string;
}

function ask(asked: Asked): Promise<Explanation> {
  const { method = 'GET', path, query = [], body, answer, contentType = 'application/json' } = asked;
  const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return explain({
    facts: FACTS,
    adapter: createSalesforceAdapter(DEFAULT_LIMITS),
    upstream: 'sales',
    enforcement: createEnforcement({
      mode: asked.mode ?? 'enforce',
      posture: { ...POSTURE, ...asked.posture },
      limits: DEFAULT_LIMITS,
      keyring: { derive: (use) => Buffer.alloc(32, use) },
      readingBudget: UNSPENT,
    }),
    policies: snapshotOf(asked.policies ?? POLICIES),
    principal: principal({ crmUserId: 'me' }),
    request: {
      method,
      path,
      segments: path.slice(1).split('/'),
      query,
      contentType: body === undefined ? '' : 'application/json',
      accept: '',
      ...(body === undefined ? {} : { body: bytes(body) }),
    },
    ...(answer === undefined ? {} : { answer: { body: bytes(answer), contentType } }),
  });
}

describe('explain', () => {
  it('shows the body the client would get, and why', async () => {
    const { body, denied, reasons } = await ask({
      path: QUERY,
      query: [['q', 'SELECT Id, Email FROM Contact']],
      answer: { totalSize: 2, done: true, records: [record('me'), record('you')] },
    });
    expect(denied).toBe(false);
    const { OwnerId: _, ...shown } = { ...record('me'), Email: 'a***@example.com' };
    expect(JSON.parse(body.toString())).toMatchObject({ records: [shown] });
    expect(reasons).toEqual([
      'operation: query (read) on Contact',
      'policy applied: own',
      'policy applied: support',
      'asked for and taken out again: Contact.OwnerId',
      'records: 2 seen, 1 left out',
      'Contact: 1 left out, because of own (rows: record.owner == principal.crmUserId)',
      'Contact.Email: mask in 1 of 2 records, because of support',
    ]);
  });

  it('names what is not told of a record that is left out, and what a login lacks', async () => {
    const { body, reasons } = await ask({
      path: READ,
      policies: `${POLICIES}---
policy: factor
require: { authentication: { amr: [mfa, hwk], acr: [gold] }, otherwise: { contact.phone: redact } }
---
policy: factor-for-leads
on: { objects: [Lead] }
require: { authentication: { amr: [mfa] }, otherwise: omit-record }
`,
      answer: {
        ...record('me'),
        Phone: '+34 600 000 001',
        Sent: { totalSize: 1, done: true, records: [{ attributes: { type: 'Lead' }, Id: '2' }] },
        Boss: { attributes: { type: 'Contact' }, Id: '3' },
      },
    });
    expect(JSON.parse(body.toString())).toMatchObject({ Phone: '[redacted]', Boss: null });
    const needed = 'login: without amr mfa or amr hwk or acr gold';
    expect(reasons).toEqual(
      expect.arrayContaining([
        'records: 3 seen, 2 left out',
        'Lead: 1 left out, because of factor-for-leads (login: without amr mfa)',
        'Contact: 1 left out, because of own (rows: record.owner == principal.crmUserId (not told: OwnerId))',
        `Contact: fields treated in 1 of 3 records, because of factor (${needed})`,
        'Contact.Phone: redact in 1 of 3 records, because of factor',
      ]),
    );
  });

  it('says of one record that is withheld from a weak login how to see it', async () => {
    const { reasons } = await ask({
      path: READ,
      policies: 'policy: factor\nrequire: { authentication: { amr: [mfa] }, otherwise: omit-record }\n',
      answer: record('me'),
    });
    expect(reasons.at(-1)).toBe(
      'refused: factor: This record may not be shown to you. This needs a stronger login (amr mfa). Log in again with a second factor.',
    );
  });

  describe('a limit', () => {
    const limited = (records: number, over: Partial<Asked> = {}) =>
      ask({
        path: QUERY,
        query: [['q', 'SELECT Id FROM Contact']],
        policies: `policy: few\non: { objects: [Contact] }\nlimit: { records: ${records}, per: 1h, then: deny }`,
        answer: { totalSize: 2, done: true, records: ['1', '2'].map((Id) => ({ ...record('me'), Id })) },
        ...over,
      });

    it('is named, with what counts against it', async () => {
      const { denied, reasons } = await limited(2);
      expect(denied).toBe(false);
      expect(reasons).toEqual(
        expect.arrayContaining([
          'limit: 2 records per hour, because of few; nothing counts as read before',
          'records: 2 seen, 0 left out, 2 counted against the limit',
        ]),
      );
    });

    it('refuses an answer of more, but in observe mode, which says so', async () => {
      const message = 'few: There are more records in this answer than may be read: 1 records per hour.';
      const refused = await limited(1);
      expect([refused.denied, refused.reasons.at(-1)]).toEqual([
        true,
        expect.stringContaining(`refused: ${message}`),
      ]);
      const observed = await limited(1, { mode: 'observe' });
      expect(observed.denied).toBe(false);
      expect(observed.reasons).toContainEqual(expect.stringContaining(`would be refused: ${message}`));
    });
  });

  it.each<readonly [string, Asked, string]>([
    ['a policy', { path: READ, policies: 'policy: no\ndeny: Not today.' }, 'refused: no: Not today.'],
    [
      'an oracle',
      { path: QUERY, query: [['q', "SELECT Id FROM Contact WHERE Email = 'x'"]] },
      'refused: support: Email',
    ],
    ['a row rule', { path: READ, answer: record('you') }, 'refused: own: '],
    ['an unknown operation', { path: '/services/apexrest/x' }, 'refused: posture.unknownOperation: '],
    ['an unreadable query', { path: QUERY, query: [['q', 'SELECT']] }, 'refused: posture.unreadableBody: '],
    [
      'an unreadable answer',
      { path: READ, answer: '<a/>', contentType: 'text/xml' },
      'refused: ANSWER_UNREADABLE: ',
    ],
    [
      'an upload to a job that only the CRM knows',
      { method: 'PUT', path: '/services/data/v59.0/jobs/ingest/750R0000000zlh9IAA/batches', policies: '' },
      'refused: posture.unreadableBody: ',
    ],
    ['a malformed answer', { path: READ, answer: '{"attributes":{' }, 'refused: ANSWER_UNREADABLE: '],
    [
      'an edited mask',
      { method: 'PATCH', path: READ, body: { Email: 'b***@example.com' }, policies: MASKS },
      'refused: support: The value written to Email',
    ],
    [
      'a write to a record that cannot be read here',
      { method: 'PATCH', path: READ, body: { LastName: 'Ruiz' } },
      'refused: own: Records that may not be changed',
    ],
  ])('names what refuses: %s', async (_, asked, reason) => {
    const { body, denied, reasons } = await ask(asked);
    expect(denied).toBe(true);
    expect(reasons.at(-1)).toContain(reason);
    expect(JSON.parse(body.toString())).toMatchObject([{ errorCode: expect.any(String) as string }]);
    expect(body.toString()).not.toContain('example.com');
  });

  it.each<readonly [string, Asked]>([
    [
      'an unknown operation by posture',
      { path: '/services/apexrest/x', posture: { unknownOperation: 'allow' } },
    ],
    ['an unknown operation that is only observed', { path: '/services/apexrest/x', mode: 'observe' }],
    [
      'an unreadable answer by posture',
      { path: READ, contentType: 'text/xml', posture: { unreadableBody: 'allow' } },
    ],
    [
      'a malformed answer with nothing to hide',
      { path: READ, policies: 'policy: p\nfor: { roles: [x] }\ndeny: No.' },
    ],
    [
      'a denied answer that is only observed',
      { path: READ, mode: 'observe', policies: 'policy: no\ndeny: No.' },
    ],
  ])('passes what the proxy would pass: %s', async (_, asked) => {
    const { body, denied } = await ask({ answer: '{"attributes":', ...asked });
    expect(denied).toBe(false);
    expect(body.toString()).toBe('{"attributes":');
  });
});
