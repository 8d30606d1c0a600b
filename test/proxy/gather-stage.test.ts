import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGatherer } from '../../src/enforce/gatherer.ts';
import { createObjectPlans } from '../../src/enforce/object-plan.ts';
import { createPseudonyms } from '../../src/enforce/pseudonyms.ts';
import { createRevealing } from '../../src/enforce/reveal.ts';
import { createTally } from '../../src/enforce/tally.ts';
import { guardVault } from '../../src/enforce/vault-access.ts';
import { createVaultAllowance } from '../../src/enforce/vault-allowance.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createDeferringJsonRewriter } from '../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../src/media/name-table.ts';
import type { View } from '../../src/model/decision.ts';
import type { Shape } from '../../src/model/shape.ts';
import { gatherStage } from '../../src/proxy/gather-stage.ts';
import { compileTransform } from '../../src/transform/compile.ts';
import { UNASKED } from '../enforce/unasked.ts';
import { tokenOf, type VaultUnderTest, vaultUnderTest } from '../vault/harness.ts';

const STORED = {
  form: { kind: 'deterministic' },
  domain: 'identity.national-id',
  policies: ['kept'],
} as const;
const VIEW: View = {
  id: 'v',
  isClear: true,
  reveals: true,
  of: (object) => ({
    object,
    isClear: true,
    field: () => undefined,
    classifies: () => true,
    rows: [],
    stored: (name) => (name === 'nif' ? STORED : undefined),
  }),
};
const SHAPE: Shape = {
  is: 'array',
  items: { is: 'record', object: 'contacts', members: {}, others: 'field' },
};

let made: VaultUnderTest;
let tokens: string[];

beforeAll(async () => {
  made = await vaultUnderTest();
  tokens = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const item = { domain: STORED.domain, as: STORED.form, dataSubject: { id: `c:${index}` } };
      return (await tokenOf(made.vault, { ...item, value: `nif "${index}"` })).token;
    }),
  );
});

afterAll(() => made.dispose());

/** Shows a document that comes in chunks. `asked` counts calls of the vault. */
async function shown(
  document: Buffer,
  chunkBytes: number,
  { valuesMax = 1_000, windowBytesMax = DEFAULT_LIMITS.lookupWindowBytesMax } = {},
) {
  let asked = 0;
  const vault = guardVault({
    ...made.vault,
    detokenize: (items) => {
      asked++;
      return made.vault.detokenize(items);
    },
  });
  const allowance = createVaultAllowance(Date.now, valuesMax);
  const names = new NameTable(100);
  const tally = createTally(DEFAULT_LIMITS);
  const revealing = createRevealing(vault, (values) => allowance.take('ana', values));
  const disclosure = {
    view: VIEW,
    plans: createObjectPlans((view) =>
      compileTransform(view.treatment, {
        field: view.field,
        hash: (_, text) => text,
        limits: DEFAULT_LIMITS,
      }),
    ),
    tally,
    ...UNASKED,
    revealing,
    added: new Map(),
    pseudonyms: createPseudonyms((_, id) => id, 100),
    special: () => undefined,
    isWritten: false,
    namesIgnoreCase: false,
    names,
  };
  const options = { shape: SHAPE, names, limits: DEFAULT_LIMITS, duplicates: 'treat' } as const;
  const rewriter = createDeferringJsonRewriter({ ...options, handler: createGatherer(disclosure, true) });
  const chunks = Array.from({ length: Math.ceil(document.length / chunkBytes) }, (_, index) =>
    document.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const { isWaiting, fetch } = revealing;
  const stage = gatherStage({ rewriter, isWaiting, fetch }, windowBytesMax);
  const bytes = await buffer(Readable.from(chunks).pipe(stage));
  return { text: bytes.toString(), asked, fields: tally.report().fields };
}

describe('values of tokens in an answer', () => {
  const documentOf = (values: readonly string[]) =>
    Buffer.from(JSON.stringify(values.map((nif, index) => ({ name: `n${index}`, nif }))));

  it.each(
    [1, 7, 64, 333, 100_000].flatMap((chunkBytes) =>
      [1, 50, 500, 100_000].map((windowBytesMax) => ({ chunkBytes, windowBytesMax })),
    ),
  )('stand in their places, in chunks of $chunkBytes bytes and windows of $windowBytesMax', async (sizes) => {
    const { text } = await shown(documentOf(tokens), sizes.chunkBytes, sizes);
    expect(text).toBe(documentOf(tokens.map((_, index) => `nif "${index}"`)).toString());
  });

  it('are asked for once a window, however many there are', async () => {
    expect((await shown(documentOf(tokens), 100_000)).asked).toBe(1);
    expect((await shown(documentOf(tokens), 100)).asked).toBe(1);
    expect((await shown(documentOf(tokens), 100, { windowBytesMax: 5_000 })).asked).toBe(3);
  });

  it('are asked for sooner where records are many and small', async () => {
    const small = Buffer.from(`[${`{"nif":"${tokens[0]!}"},${'{},'.repeat(300)}`.repeat(10)}{}]`);
    expect((await shown(small, 1_000)).asked).toBe(1);
    expect((await shown(small, 1_000, { windowBytesMax: 100_000 })).asked).toBe(5);
  });

  it('are counted, and so is what is no token; a token that leads nowhere stays one', async () => {
    const unknown = `pvt1_${'z'.repeat(26)}`;
    const { text, fields } = await shown(documentOf([tokens[0]!, '12345678Z', unknown, '']), 100_000);
    expect(JSON.parse(text)).toMatchObject([
      { nif: 'nif "0"' },
      { nif: '12345678Z' },
      { nif: unknown },
      { nif: '' },
    ]);
    expect(fields).toEqual([
      { object: 'contacts', field: 'nif', treatment: 'detokenized', count: 1, policies: ['kept'] },
      { object: 'contacts', field: 'nif', treatment: 'unstored', count: 1, policies: ['kept'] },
    ]);
  });

  it('are refused before the first byte when the principal has had its share', async () => {
    await expect(shown(documentOf(tokens), 100_000, { valuesMax: 39 })).rejects.toMatchObject({
      denial: { policy: 'limits.detokenizedPerMinuteMax' },
    });
  });
});
