import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { type IngestJob, uploadOf } from '../../../src/crm/salesforce/ingest.ts';
import { createNaming } from '../../../src/enforce/people/person.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { keepRestrictedRows } from '../../../src/enforce/upload/restricted-rows.ts';
import { observed, type UploadStage } from '../../../src/enforce/upload/upload-stage.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { decide, operation, principal, snapshotOf } from '../../policy/fixture.ts';
import { ID, PEOPLE_MAPS, restricted } from '../people.ts';
import { type RegistryFixture, registryOf, type Said } from '../registry.ts';
import { passed, salesforce } from './uploads.ts';

const MAPS = `${PEOPLE_MAPS}
---
dataMap: salesforce
objects:
  Case: { dataSubject: { id: ContactId }, fields: { Subject: free-text } }
`;
const RESTRICTED: readonly Said[] = [
  restricted(2),
  { who: { email: 'p3@example.com' }, restricted: true },
  { who: { phone: '+34600000004' }, restricted: true },
];
const adapter = createSalesforceAdapter(DEFAULT_LIMITS);

interface Upload {
  readonly policies?: string;
  readonly job?: Partial<IngestJob>;
  readonly consent?: RegistryFixture;
  readonly answers?: (read: CrmRequest) => unknown;
  readonly reads?: CrmRequest[];
}

function stageOf({
  policies = '',
  job,
  consent = registryOf(RESTRICTED),
  answers = salesforce,
  reads = [],
}: Upload): UploadStage {
  const body = uploadOf({ object: 'Contact', delimiter: ',', ...job }, 'job');
  const upload = operation('bulk', { body });
  const { view } = decide(snapshotOf(policies, {}, MAPS), adapter, principal(), upload, {
    anyRestricted: true,
  });
  const tools = {
    adapter,
    operation: { ...upload, request: { ...upload.request, segments: ['services', 'data', 'v59.0'] } },
    view,
    naming: createNaming(adapter, 'crm'),
    consent,
    vault: guardVault(undefined),
    limits: DEFAULT_LIMITS,
    read: (read: CrmRequest) => {
      reads.push(read);
      return Promise.resolve(answers(read));
    },
  };
  return keepRestrictedRows(body, tools, { names: new NameTable(100), limits: DEFAULT_LIMITS });
}

const upload = (csv: string, over: Upload = {}): Promise<string> => passed(stageOf(over), [csv]);

describe('an upload while somebody is restricted', () => {
  it.each([2, 5])('does not tell who is found by a hidden field: contact %i', async (index) => {
    const csv = `Subject,Contact.Email\nx,p${index}@example.com\n`;
    const job = { object: 'Case', creates: true } as const;
    const policies = 'policy: hidden\nshow: { contact.email: redact }\n';
    await expect(upload(csv, { job, policies })).rejects.toMatchObject({
      denial: {
        policy: 'hidden',
        message: 'Email of Contact is not shown in clear, so it cannot be used to look up records.',
      },
    });
  });

  it.each([
    ['updates of others', `Id,Title\r\n${ID(1)},"a ""b"""\r\n`, {}],
    ['a record that is not there', `Id\n${ID(40)}\n`, {}],
    ['new records without a person', 'LastName,Email\nRuiz,\nSanz,#N/A\n', { creates: true }],
    ['new records of others', 'LastName,Email\nRuiz,ruiz@example.com\n', { creates: true }],
    ['an upsert by the keys of others', 'ExternalId__c,Title\nk1,x\nk99,y\n', { lookup: 'ExternalId__c' }],
    ['an upsert by id that makes records', `Id,Title\n,x\n${ID(1)},y\n`, { lookup: 'Id', creates: true }],
    ['nothing at all', '', {}],
    ['a header alone', 'Id,Title\n', {}],
  ] as const)('goes through as it is: %s', async (_, csv, job) => {
    expect(await upload(csv, { job })).toBe(csv);
  });

  it.each([
    ['an id', `Id,Title\n${ID(1)},x\n${ID(2)},x\n`, {}, 1],
    ['an id in its short spelling', `id\n${ID(2).slice(0, 15)}\n`, {}, 1],
    ['the address that the record has', `Id\n${ID(3)}\n`, {}, 1],
    ['a key', 'ExternalId__c\nk1\nk2\nK3\n', { lookup: 'ExternalId__c' }, 2],
    [
      'the key of a related record',
      'Subject,Contact.ExternalId__c\nx,k2\n',
      { object: 'Case', creates: true },
      1,
    ],
    ['the person that a case is about', `Id,Subject\n${ID(1)},x\n`, { object: 'Case' }, 1],
    [
      'the person that a new case is about',
      `ContactId,Subject\n${ID(2)},x\n`,
      { object: 'Case', creates: true },
      1,
    ],
    ['an address in a new row', 'LastName,EMAIL\nRuiz,p3@example.com\n', { creates: true }, 1],
    ['a number in a new row', 'LastName,Phone\nRuiz,+34600000004\n', { creates: true }, 1],
    ['an address that another record is given', `Id,Email\n${ID(1)},p3@example.com\n`, {}, 1],
  ] as const)('is refused where a row names them by %s', async (_, csv, job, count) => {
    const refused = await upload(csv, { job }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      denial: { policy: 'restriction', message: `Rows of people whose processing is restricted: ${count}.` },
    });
  });

  it.each([
    ['a row without the id of its record', 'Title\nx\n', {}],
    ['a row with an empty one', 'Id,Title\n,x\n', {}],
    ['an id that is none', 'Id\nx\n', {}],
    ['an upsert without its key', 'ExternalId__c,LastName\n,x\n', { lookup: 'ExternalId__c' }],
  ] as const)('is refused where its target cannot be told: %s', async (_, csv, job) => {
    await expect(upload(csv, { job })).rejects.toThrow('Rows that do not tell who they are about: 1.');
  });

  it.each([
    ['a column that is no field', 'Id,not a field\n', 'A column of the upload is not a known field.'],
    ['a key that stands twice', 'Id,Email,email\n', 'A column of the upload stands twice.'],
  ])('is refused for %s', async (_, header, message) => {
    await expect(upload(`${header}${ID(1)}${',x'.repeat(header.split(',').length - 1)}\n`)).rejects.toThrow(
      message,
    );
  });

  it('is refused where the CRM does not answer', async () => {
    await expect(upload(`Id\n${ID(1)}\n`, { answers: () => undefined })).rejects.toThrow(
      'do not tell who they are about',
    );
  });

  it('does not pass while the registry is away', async () => {
    const consent = registryOf(RESTRICTED);
    consent.failWith(new Error('away'));
    await expect(upload(`Id\n${ID(1)}\n`, { consent })).rejects.toThrow('away');
  });

  it('asks once for all the rows of a window', async () => {
    const consent = registryOf(RESTRICTED);
    const reads: CrmRequest[] = [];
    const rows = Array.from({ length: 1_500 }, (_, index) => `${ID(1)},k${index},a${index}@example.com\n`);
    await upload(`Id,ExternalId__c,Email\n${rows.join('')}`, { consent, reads });
    expect(reads).toHaveLength(1);
    expect(consent.asked).toHaveLength(1);
  });

  it('goes no further than its first window with such a row, and is counted to its end', async () => {
    const reached: string[] = [];
    const opened = stageOf({});
    const { rewriter } = opened;
    const stage: UploadStage = {
      ...opened,
      rewriter: {
        ...rewriter,
        next: () => {
          const part = rewriter.next();
          if (part !== undefined) reached.push(part.toString());
          return part;
        },
      },
    };
    const chunks = [`Id\n${ID(1)}\n`, `${ID(2)}\n`, `${ID(1)}\n`, `${ID(3)}\n`];
    await expect(passed(stage, chunks)).rejects.toThrow('restricted: 2.');
    expect(reached).toEqual([`Id\n${ID(1)}\n`, '', '', '']);
  });

  it('does not depend on where its chunks end', async () => {
    const csv = `Id,Title\n${ID(1)},"a\nb"\n${ID(2)},x\n${ID(5)},"é"\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(csv.length), { maxLength: 6 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), csv.length];
        const chunks = edges.slice(1).map((to, index) => csv.slice(edges[index], to));
        await expect(passed(stageOf({}), chunks)).rejects.toThrow('restricted: 1.');
      }),
      { numRuns: 50 },
    );
  });

  it('passes in observe mode, and says what would have been refused', async () => {
    const csv = `Id\n${ID(2)}\n`;
    const stage = observed(stageOf({}));
    expect(await passed(stage, [csv])).toBe(csv);
    expect(stage.refusal?.()).toEqual({
      policy: 'restriction',
      message: 'Rows of people whose processing is restricted: 1.',
    });
    const broken = observed(stageOf({}));
    expect(await passed(broken, ['Id,Title\nx\n'])).toBe('Id,Title\nx\n');
    expect(broken.refusal?.()).toMatchObject({ policy: 'REQUEST_MALFORMED' });
  });
});
