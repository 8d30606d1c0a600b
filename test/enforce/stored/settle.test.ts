import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bondsOf, settleIssued } from '../../../src/enforce/stored/settle.ts';
import type { StoredRecord } from '../../../src/enforce/stored/store-values.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { NIF, readBack, tokenOf, type VaultUnderTest, vaultUnderTest } from '../../vault/harness.ts';

const dataSubjectIdOf = (object: string, id: string): string => `crm:${object}:${id}`;

function record(
  provisional: string | undefined,
  tokens: Readonly<Record<string, string>> = {},
): StoredRecord {
  return {
    object: 'Contact',
    id: undefined,
    provisional,
    tokens: new Map(Object.entries(tokens)),
    uses: [],
  };
}

function bonds(records: readonly StoredRecord[], answer: unknown): (readonly [string, string])[] {
  return bondsOf({ uses: [], records }, answer, dataSubjectIdOf).map(({ provisional, dataSubject }) => [
    provisional,
    dataSubject.id,
  ]);
}

describe('who the records of a write were about', () => {
  it('is told by the id of the one that was created', () => {
    expect(bonds([record('a')], { id: '003', success: true, errors: [] })).toEqual([
      ['a', 'crm:Contact:003'],
    ]);
  });

  it('is told by results in the order of the records; those that failed have none', () => {
    const answer = [
      { id: '1', success: true },
      { success: false, errors: [] },
      { id: '3', success: true },
    ];
    expect(
      bonds(
        ['a', 'b', 'c'].map((one) => record(one)),
        answer,
      ),
    ).toEqual([
      ['a', 'crm:Contact:1'],
      ['c', 'crm:Contact:3'],
    ]);
  });

  it('is told by the tokens that were written, where the order is not promised', () => {
    const answer = {
      results: [
        { id: '2', properties: { nif: 'y', other: 1 } },
        { id: '1', properties: { nif: 'x' } },
      ],
    };
    expect(bonds([record('a', { nif: 'x' }), record('b', { nif: 'y' })], answer)).toEqual([
      ['b', 'crm:Contact:2'],
      ['a', 'crm:Contact:1'],
    ]);
  });

  it.each([[undefined], [null], ['text'], [{}], [{ id: 5 }], [[]], [[null]], [{ results: [{ id: '1' }] }]])(
    'is not guessed from %j',
    (answer) => {
      expect(bonds([record('a', { nif: 'x' })], answer)).toEqual([]);
    },
  );

  it('is known already of records that are updated', () => {
    expect(bonds([record(undefined)], { id: '003' })).toEqual([]);
  });
});

describe('tokens of a write', () => {
  let made: VaultUnderTest;
  beforeAll(async () => {
    made = await vaultUnderTest();
  });
  afterAll(() => made.dispose());

  it.each([
    [204, 0],
    [400, 1],
    [500, 0],
    [503, 0],
  ])('after %i, %i of them may be reclaimed', async (status, reclaimed) => {
    const value = `${status}2345678Z`;
    const { token, use } = await tokenOf(made.vault, {
      ...NIF,
      value,
      dataSubject: provisionalDataSubject(),
    });
    await settleIssued(made.vault, { uses: [use], records: [] }, { status });
    expect(await sweep(made.context, -1)).toMatchObject({ reclaimed });
    expect(await readBack(made.vault, NIF.domain, token)).toBe(reclaimed === 0 ? value : '(unknown)');
  });
});

describe('tokens of several records in one write', () => {
  let made: VaultUnderTest;
  beforeAll(async () => {
    made = await vaultUnderTest();
  });
  afterAll(() => made.dispose());

  /** Writes records with these values and hears this answer. @returns what can be read once refused tokens are reclaimed */
  async function settled(values: readonly string[], answer: (tokens: readonly string[]) => unknown) {
    const all = await Promise.all(
      values.map(async (value) => {
        const subject = provisionalDataSubject();
        const { token, use } = await tokenOf(made.vault, { ...NIF, value, dataSubject: subject });
        return { token, record: { ...record(subject.provisional, { nif: token }), uses: [use] } };
      }),
    );
    const records = all.map((one) => one.record);
    const uses = records.flatMap((one) => one.uses);
    const document = answer(all.map(({ token }) => token));
    await settleIssued(made.vault, { uses, records }, { status: 200, document });
    await sweep(made.context, -1);
    const read = await Promise.all(all.map(({ token }) => readBack(made.vault, NIF.domain, token)));
    return read.map((value) => value !== '(unknown)');
  }

  const salesforce = (outcomes: readonly boolean[]) =>
    outcomes.map((success, index) => ({ success, errors: [], id: `00${index}` }));
  const result = (token: string | undefined, id: string) => ({ id, properties: { nif: token } });

  it('stand where Salesforce took the record, and are given back where it did not', async () => {
    const values = ['10000000A', '10000001A', '10000002A'];
    expect(await settled(values, () => salesforce([true, false, true]))).toEqual([true, false, true]);
  });

  it('stand where the same value was taken in another record', async () => {
    expect(await settled(['20000000A', '20000000A'], () => salesforce([false, true]))).toEqual([true, true]);
  });

  it('stand where HubSpot tells a result of the record', async () => {
    const answer = (tokens: readonly string[]) => ({
      results: [result(tokens[2], '3'), result(tokens[0], '1')],
      errors: [{ status: 'error' }],
    });
    expect(await settled(['30000000A', '30000001A', '30000002A'], answer)).toEqual([true, false, true]);
  });

  it.each([
    ['a result that is of none of the records', { results: [result('other', '9')], errors: [{}] }],
    ['no errors', { results: [], errors: [] }],
    ['no document', undefined],
    ['fewer results than records', [{ success: false }]],
  ])('stand where it cannot be told: %s', async (name, answer) => {
    const read = await settled([`${name}1`, `${name}2`], () => answer);
    expect(read.at(-1)).toBe(true);
  });
});

describe('a vault that is not there, or fails', () => {
  it.each([
    ['missing', undefined],
    ['failing', { detokenize: () => Promise.reject(new Error('ECONNREFUSED')) } as never],
  ])('%s, is VAULT_UNAVAILABLE', async (_, vault) => {
    await expect(guardVault(vault).detokenize([])).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });
});
