import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { type IngestJob, uploadOf } from '../../../src/crm/salesforce/ingest.ts';
import { walkWhole } from '../../../src/enforce/answer/walk-whole.ts';
import { createEnforcement } from '../../../src/enforce/enforcement.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { keepMasksOutOfRows } from '../../../src/enforce/upload/uploaded-masks.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { POSTURE } from '../../fixtures/posture.ts';
import { decide, operation, principal, snapshotOf, viewsOfReading } from '../../policy/fixture.ts';
import { ID, page } from '../people.ts';

const MAPS = `
dataMap: salesforce
objects:
  Contact:
    fields:
      Email: contact.email
      AnnualIncome__c: financial.income
      Active__c: health.status
      Description: free-text
      Payload__c: none
  Case: { fields: { Subject: none } }
`;
const POLICIES = `
policy: masks
show:
  contact.email: { mask: email }
  financial.income: { generalize: range, size: 10000 }
  health.status: "null"
  free-text: { scan: [email] }
`;
const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const PAYLOAD = '{"Email":"ana@example.com","a":1}';
const SHOWN_PAYLOAD = '{"Email":"a***@example.com","a":1}';
const CUT = '{"Email":"ana@exam';
const STANDS = {
  Id: ID(1),
  ExternalId__c: 'k1',
  Email: 'ana@example.com',
  AnnualIncome__c: 48250,
  Active__c: true,
  Description: 'Write to ana@example.com',
  Payload__c: PAYLOAD,
};

/** A Salesforce that has one contact. */
function salesforce({ path, query, body }: CrmRequest): unknown {
  if (path.endsWith('/query')) {
    const asked = query.find(([name]) => name === 'q')?.[1].toLowerCase() ?? '';
    return page(asked.includes("'k1'") ? [STANDS] : []);
  }
  const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
  return ids.map((id) => (id.startsWith(STANDS.Id.slice(0, 15)) ? STANDS : null));
}

interface Upload {
  readonly job?: Partial<IngestJob>;
  readonly answers?: (read: CrmRequest) => unknown;
  readonly reads?: CrmRequest[];
}

function stageOf({ job, answers = salesforce, reads = [] }: Upload) {
  const body = uploadOf({ object: 'Contact', delimiter: ',', ...job }, 'job');
  const upload = operation('bulk', { body });
  const snapshot = snapshotOf(POLICIES, {}, MAPS);
  const tools = createEnforcement({
    mode: 'enforce',
    posture: POSTURE,
    limits: DEFAULT_LIMITS,
    keyring: { derive: (use) => Buffer.alloc(32, use) },
  });
  return keepMasksOutOfRows(body, viewsOfReading(snapshot, adapter, principal(), upload), {
    ...tools,
    adapter,
    operation: { ...upload, request: { ...upload.request, segments: ['services', 'data', 'v59.0'] } },
    view: decide(snapshot, adapter, principal(), upload).view,
    naming: createNaming(adapter, 'crm'),
    read: (read) => {
      reads.push(read);
      return Promise.resolve(answers(read));
    },
  });
}

const cell = (text: string): string => (/["\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const rowsOf = (header: string, ...rows: readonly (readonly string[])[]): string =>
  [header, ...rows.map((row) => row.map(cell).join(','))].join('\n');
const sent = async (csv: string, upload: Upload = {}): Promise<string> =>
  (await walkWhole({ gather: stageOf(upload) }, Buffer.from(csv))).toString();

describe('a cell that holds what was shown', () => {
  it.each([
    ['Email', 'a***@example.com'],
    ['eMAIL', 'a***@example.com'],
    ['AnnualIncome__c', '40000'],
    ['AnnualIncome__c', '40000.0'],
    ['AnnualIncome__c', '4.0E4'],
    ['Active__c', '#N/A'],
    ['Description', 'Write to [email]'],
    ['Payload__c', SHOWN_PAYLOAD],
  ])('is emptied, so that the field stays as it is: %s, %s', async (column, shown) => {
    const csv = rowsOf(`Id,${column},Title`, [ID(1), shown, 'Chief']);
    expect(await sent(csv)).toBe(rowsOf(`Id,${column},Title`, [ID(1), '', 'Chief']));
  });

  it('is emptied where the record is found by a key, however it is spelled', async () => {
    const csv = rowsOf('ExternalId__c,Email', ['k1', 'a***@example.com'], ['K1', 'a***@example.com']);
    expect(await sent(csv, { job: { lookup: 'ExternalId__c' } })).toBe('ExternalId__c,Email\nk1,\nK1,');
  });
});

describe('a cell that holds something else', () => {
  it.each([
    ['Email', 'new@example.com'],
    ['Email', '#N/A'],
    ['AnnualIncome__c', '51000'],
    ['Description', 'Nothing found here'],
    ['Payload__c', 'no JSON'],
    ['Title', 'a***@example.com'],
  ])('goes on as it is: %s, %s', async (column, value) => {
    const csv = rowsOf(`Id,${column}`, [ID(1), value]);
    expect(await sent(csv)).toBe(csv);
  });

  it.each([
    ['Email', 'an***@example.com', 'Email looks like an edited mask'],
    ['Description', 'Write to [email] soon', 'Description looks like an edited mask'],
    ['Payload__c', '{"Email":"a***@example.com","a":2}', 'Payload__c looks like an edited mask'],
    ['Payload__c', '{"a":2}', 'Payload__c looks like an edited mask'],
  ])('is refused where it is what was shown, edited: %s, %s', async (column, value, message) => {
    const refused = sent(rowsOf(`Id,${column}`, [ID(1), value]));
    await expect(refused).rejects.toMatchObject({ denial: { message: expect.stringContaining(message) } });
  });

  it.each([
    ['of which the CRM does not tell', { answers: () => undefined }],
    ['that is not there', { answers: () => [null] }],
  ])('is refused where it may be what was shown of a record %s', async (_, upload) => {
    for (const [column, value] of [
      ['Email', 'a***@example.com'],
      ['AnnualIncome__c', '40000'],
      ['Payload__c', SHOWN_PAYLOAD],
      ['Payload__c', '[redacted]'],
    ] as const) {
      const refused = sent(rowsOf(`Id,${column}`, [ID(1), value]), upload);
      await expect(refused).rejects.toMatchObject({
        denial: { message: expect.stringContaining('The value written to') },
      });
    }
  });
});

it('takes JSON that was cut off for what was shown of it', async () => {
  const answers = () => [{ ...STANDS, Payload__c: CUT }];
  const csv = rowsOf('Id,Payload__c', [ID(1), '[redacted]']);
  expect(await sent(csv, { answers })).toBe(rowsOf('Id,Payload__c', [ID(1), '']));
});

it('lets new rows through, and asks for nothing', async () => {
  const reads: CrmRequest[] = [];
  const csv = rowsOf('LastName,Email,Payload__c', ['New', 'new@example.com', PAYLOAD]);
  expect(await sent(csv, { job: { creates: true }, reads })).toBe(csv);
  expect(reads).toEqual([]);
});

it('lets rows through under keys that have no record yet', async () => {
  const csv = rowsOf('ExternalId__c,AnnualIncome__c', ['k9', '40000']);
  expect(await sent(csv, { job: { lookup: 'ExternalId__c' } })).toBe(csv);
});

it('asks for nothing where all columns are shown clear, or the others are empty', async () => {
  const reads: CrmRequest[] = [];
  const csv = rowsOf('Id,Title,Email', [ID(1), 'Chief', ''], [ID(2), 'a***@example.com', '']);
  expect(await sent(csv, { reads })).toBe(csv);
  expect(reads).toEqual([]);
});

it('refuses columns that find related records by what is hidden', async () => {
  for (const header of ['Subject,Contact.Email', 'Subject,contact.email']) {
    const refused = sent(`${header}\nX,ana@example.com`, { job: { object: 'Case' } });
    await expect(refused).rejects.toMatchObject({
      denial: { policy: 'masks', message: expect.stringContaining('cannot be used to look up records') },
    });
  }
});

it('is the same whatever the chunks', async () => {
  const csv = rowsOf(
    'Id,Email,Payload__c,Title',
    [ID(1), 'a***@example.com', SHOWN_PAYLOAD, 'x'],
    [ID(1), '', '', 'y'],
    [ID(1), 'new@example.com', '', 'é'],
  );
  const whole = await sent(csv);
  const bytes = Buffer.from(csv);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const { rewriter, fetch } = stageOf({});
      const out: Buffer[] = [];
      const drain = async () => {
        await fetch(false);
        for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) out.push(part);
      };
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      for (let at = 1; at < places.length; at++) {
        rewriter.push(bytes.subarray(places[at - 1], places[at]));
        await drain();
      }
      rewriter.end();
      await drain();
      expect(Buffer.concat(out).toString()).toBe(whole);
    }),
    { numRuns: 30 },
  );
});
