import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { RECORDS } from '../../../src/crm/salesforce/shapes.ts';
import { createDiscloser } from '../../../src/enforce/answer/disclosure.ts';
import { createPseudonyms } from '../../../src/enforce/limits/pseudonyms.ts';
import { createObjectPlans } from '../../../src/enforce/record/object-plan.ts';
import { createTally } from '../../../src/enforce/record/tally.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createJsonRewriter } from '../../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import type { View } from '../../../src/model/decision.ts';
import { compileTransform } from '../../../src/transform/compile.ts';
import { UNASKED } from '../unasked.ts';

/** Contacts show no e-mail address, and only to their owner; of records that say nothing, nothing is shown. */
const VIEW: View = {
  id: 'view',
  isClear: false,
  of: (object) => ({
    object,
    isClear: false,
    field: (field) =>
      object === '*' || (object === 'Contact' && field === 'Email')
        ? { field, treatment: { kind: 'redact' }, policies: ['p'] }
        : undefined,
    classifies: () => true,
    rows:
      object === 'Contact'
        ? [{ policy: 'own', needs: ['OwnerId'], holds: (facts) => facts('OwnerId') === 'me' }]
        : [],
    ...(object === 'Contact' ? { dataSubjectId: 'Id' } : {}),
  }),
};

/** A posture that redacts whatever no data map names. */
const REDACTING: View = {
  ...VIEW,
  of: (object) => ({
    object,
    isClear: false,
    field: (field) =>
      field === 'Name'
        ? undefined
        : { field, treatment: { kind: 'redact' }, policies: ['posture.unclassifiedField'] },
    classifies: (field) => field === 'Name',
    rows: [],
  }),
};

interface Kept {
  readonly names: NameTable;
  readonly plans: ReturnType<typeof createObjectPlans>;
  readonly added: ReadonlyMap<string, readonly string[]>;
}

/** What is kept from one answer to the next. */
function createKept(): Kept {
  const plans = createObjectPlans((field) =>
    compileTransform(field.treatment, {
      field: field.field,
      hash: (_, text) => text,
      limits: DEFAULT_LIMITS,
    }),
  );
  return { names: new NameTable(100), plans, added: new Map() };
}

function beginAnswer(view: View, kept: Kept) {
  const tally = createTally(DEFAULT_LIMITS);
  const { addresses } = createSalesforceAdapter(DEFAULT_LIMITS);
  const handler = createDiscloser({
    view,
    tally,
    ...UNASKED,
    ...kept,
    pseudonyms: createPseudonyms((object, id) => `${object}:${id}`, 100),
    special: () => undefined,
    isWritten: false,
    namesIgnoreCase: true,
    addresses,
  });
  const options = { shape: RECORDS, handler, limits: DEFAULT_LIMITS, duplicates: 'treat' } as const;
  return { tally, rewriter: createJsonRewriter({ ...options, names: kept.names }) };
}

function disclose(records: unknown, view: View = VIEW) {
  const { tally, rewriter } = beginAnswer(view, createKept());
  const body = Buffer.from(JSON.stringify(records));
  const shown: unknown = JSON.parse(Buffer.concat([rewriter.push(body), rewriter.end()]).toString());
  return { shown, dataSubjects: tally.report().dataSubjects };
}

const SOBJECTS = '/services/data/v59.0/sobjects';
const name = (url: string | undefined) => ({
  attributes: { type: 'Name', ...(url && { url }) },
  Name: 'Ana',
});

describe('a record whose type is a stand-in', () => {
  it('is what its address says: hidden where that object is', () => {
    const task = { attributes: { type: 'Task' }, Who: name(`${SOBJECTS}/Contact/0035g0000000001AAA`) };
    expect(disclose([task]).shown).toEqual([{ ...task, Who: null }]);
  });

  it('is what its address says: shown where that object is', () => {
    const task = { attributes: { type: 'Case' }, Owner: name(`${SOBJECTS}/User/0055g0000000001AAA`) };
    expect(disclose([task]).shown).toEqual([task]);
  });

  it('is what its id says, where the address has the stand-in too', () => {
    const viewed = (id: string) => ({
      attributes: { type: 'RecentlyViewed', url: `${SOBJECTS}/RecentlyViewed/${id}` },
      Name: 'Ana',
    });
    const user = viewed('0055g0000000001AAA');
    const unknown = viewed('a035g0000000001AAA');
    expect(disclose([user, viewed('0035g0000000001AAA'), unknown]).shown).toEqual([
      user,
      { ...unknown, Name: '[redacted]' },
    ]);
  });

  it.each([undefined, '/elsewhere'])('is shown as little as anything without an address: %s', (url) => {
    expect(disclose([name(url)]).shown).toEqual([{ ...name(url), Name: '[redacted]' }]);
  });
});

describe('a data subject', () => {
  it('is known by the address of a record that was read without its id', () => {
    const attributes = { type: 'Contact', url: `${SOBJECTS}/Contact/0035g0000000001AAA` };
    const { dataSubjects } = disclose([{ attributes, OwnerId: 'me' }]);
    expect(dataSubjects).toEqual(['Contact:0035g0000000001AAA']);
  });
});

describe('a relationship', () => {
  it('is no unknown field: the records it leads to are decided on by themselves', () => {
    const owner = { attributes: { type: 'User' }, Name: 'Ana', Secret__c: 'x' };
    const contact = { attributes: { type: 'Contact' }, Name: 'Iván', Owner: owner, Place__c: { city: 'x' } };
    expect(disclose([contact], REDACTING).shown).toEqual([
      { ...contact, Owner: { ...owner, Secret__c: '[redacted]' }, Place__c: null },
    ]);
  });
});

describe('answers of one view', () => {
  const contact = (OwnerId: string) => ({
    attributes: { type: 'Contact' },
    OwnerId,
    Email: 'ana@acme.example',
  });

  it('count what they disclose each for itself, also where they come record by record in turns', () => {
    const kept = createKept();
    const answers = [beginAnswer(VIEW, kept), beginAnswer(VIEW, kept)] as const;
    for (const chunk of ['[', JSON.stringify(contact('me')), ',', JSON.stringify(contact('me'))]) {
      for (const { rewriter } of answers) rewriter.push(Buffer.from(chunk));
    }
    const [, second] = answers;
    second.rewriter.push(Buffer.from(`,${JSON.stringify(contact('me'))}`));
    for (const { rewriter } of answers) rewriter.push(Buffer.from(']'));
    const counts = answers.map(({ tally }) => tally.report().fields.map(({ count }) => count));
    expect(counts).toEqual([[2], [3]]);
  });

  it('take out what their own query was extended by', () => {
    const kept = createKept();
    const shown = (added: Kept['added']) => {
      const { rewriter } = beginAnswer(VIEW, { ...kept, added });
      const body = Buffer.from(JSON.stringify([contact('me')]));
      return JSON.parse(Buffer.concat([rewriter.push(body), rewriter.end()]).toString()) as unknown;
    };
    const { OwnerId: _, ...without } = { ...contact('me'), Email: '[redacted]' };
    expect(shown(new Map())).toEqual([{ ...without, OwnerId: 'me' }]);
    expect(shown(new Map([['Contact', ['OwnerId']]]))).toEqual([without]);
  });
});
