import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { RECORDS } from '../../src/crm/salesforce/shapes.ts';
import { createDiscloser } from '../../src/enforce/disclosure.ts';
import { createObjectPlans } from '../../src/enforce/object-plan.ts';
import { createTally } from '../../src/enforce/tally.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createJsonRewriter } from '../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../src/media/name-table.ts';
import type { View } from '../../src/model/decision.ts';
import { compileTransform } from '../../src/transform/compile.ts';
import { UNASKED } from './unasked.ts';

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

function disclose(records: unknown, view: View = VIEW) {
  const tally = createTally(DEFAULT_LIMITS);
  const { addresses } = createSalesforceAdapter(DEFAULT_LIMITS);
  const names = new NameTable(100);
  const handler = createDiscloser({
    view,
    plans: createObjectPlans((field) =>
      compileTransform(field.treatment, {
        field: field.field,
        hash: (_, text) => text,
        limits: DEFAULT_LIMITS,
      }),
    ),
    tally,
    ...UNASKED,
    added: new Map(),
    pseudonym: (object, id) => `${object}:${id}`,
    special: () => undefined,
    isWritten: false,
    namesIgnoreCase: true,
    names,
    ...(addresses === undefined ? {} : { addresses }),
  });
  const rewriter = createJsonRewriter({
    shape: RECORDS,
    handler,
    names,
    limits: DEFAULT_LIMITS,
    duplicates: 'treat',
  });
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
