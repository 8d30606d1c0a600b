import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { createObjectPlans } from '../../src/enforce/object-plan.ts';
import { keepMasksOut } from '../../src/enforce/write.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { NameTable } from '../../src/media/name-table.ts';
import type { View } from '../../src/model/decision.ts';
import type { Treatment } from '../../src/model/treatment.ts';
import { compileTransform } from '../../src/transform/compile.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const IDS = ['0035g0000000001AAA', '0035g0000000002AAA'];
const TREATMENTS: Readonly<Record<string, Treatment>> = {
  Email: { kind: 'mask', style: 'email' },
  Birthdate: { kind: 'generalize', to: 'year' },
};

const VIEW: View = {
  id: 'view',
  isClear: false,
  of: (object) => ({
    object,
    isClear: false,
    field: (field) => {
      const treatment = TREATMENTS[field];
      return treatment && { field, treatment, policies: ['p'] };
    },
    classifies: () => true,
    rows: [],
  }),
};

async function written(records: readonly object[]): Promise<unknown> {
  const body = Buffer.from(JSON.stringify({ records }));
  const segments = ['services', 'data', 'v59.0', 'composite', 'sobjects'];
  const operation = adapter.recognise(
    {
      method: 'PATCH',
      path: `/${segments.join('/')}`,
      segments,
      query: [],
      contentType: 'application/json',
      accept: '',
      body,
    },
    () => undefined,
  );
  if (operation === undefined) throw new Error('The write is not recognised.');
  const kept = await keepMasksOut(operation, body, VIEW, {
    adapter,
    plans: createObjectPlans((view) =>
      compileTransform(view.treatment, {
        field: view.field,
        hash: (_, text) => text,
        limits: DEFAULT_LIMITS,
      }),
    ),
    names: new NameTable(100),
    limits: DEFAULT_LIMITS,
    read: async () =>
      IDS.map((Id) => ({ Id, Email: `ana@${Id.slice(-4)}.example`, Birthdate: '1985-07-12' })),
  });
  return (JSON.parse(kept.toString()) as { records: unknown }).records;
}

describe('a write of many records', () => {
  const attributes = { type: 'Contact' };

  it.each(['Id', 'id', 'ID'])('compares each with the record that its %s names', async (name) => {
    const records = [
      { attributes, [name]: IDS[0], Email: 'a***@1AAA.example', Birthdate: '1985-01-01', Title: 'x' },
      { attributes, [name]: IDS[1], Email: 'new@example.com', Birthdate: '1999-01-01' },
    ];
    expect(await written(records)).toEqual([{ attributes, [name]: IDS[0], Title: 'x' }, records[1]]);
  });

  it('refuses the mask of another of them', async () => {
    await expect(written([{ attributes, Id: IDS[0], Email: 'a***@2AAA.example' }])).rejects.toThrow('Email');
  });
});
