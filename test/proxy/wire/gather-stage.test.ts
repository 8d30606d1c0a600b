import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGatherer } from '../../../src/enforce/answer/gatherer.ts';
import { createRevealing } from '../../../src/enforce/answer/reveal.ts';
import { createPseudonyms } from '../../../src/enforce/limits/pseudonyms.ts';
import { createVaultAllowance } from '../../../src/enforce/limits/vault-allowance.ts';
import { createObjectPlans } from '../../../src/enforce/record/object-plan.ts';
import { createTally } from '../../../src/enforce/record/tally.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createDeferringJsonRewriter } from '../../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import type { View } from '../../../src/model/decision.ts';
import type { Shape } from '../../../src/model/shape.ts';
import { gatherStage } from '../../../src/proxy/wire/gather-stage.ts';
import { compileTransform } from '../../../src/transform/compile.ts';
import { UNASKED } from '../../enforce/unasked.ts';
import { tokenOf, type VaultUnderTest, vaultUnderTest } from '../../vault/harness.ts';

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

interface Showing extends Pick<VaultUnderTest['vault'], 'detokenize'> {
  readonly valuesMax: number;
  readonly windowBytesMax: number;
  readonly leavesAtOnce: boolean;
}

/** Shows a document that comes in chunks. `groups`: how many tokens each call of the vault asked for. */
async function shown(
  document: Buffer,
  chunkBytes: number,
  {
    valuesMax = 1_000,
    windowBytesMax = DEFAULT_LIMITS.lookupWindowBytesMax,
    leavesAtOnce = false,
    detokenize = made.vault.detokenize,
  }: Partial<Showing> = {},
) {
  const groups: number[] = [];
  const vault = guardVault({
    ...made.vault,
    detokenize: (items) => {
      groups.push(items.length);
      return detokenize(items);
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
  const stage = gatherStage({ rewriter, isWaiting, fetch, leavesAtOnce }, windowBytesMax);
  const parts: Buffer[] = [];
  for await (const part of Readable.from(chunks).pipe(stage)) parts.push(part as Buffer);
  return { text: Buffer.concat(parts).toString(), groups, fields: tally.report().fields };
}

describe('values of tokens in an answer', () => {
  const documentOf = (values: readonly string[]) =>
    Buffer.from(JSON.stringify(values.map((nif, index) => ({ name: `n${index}`, nif }))));

  it.each(
    [1, 7, 64, 333, 100_000].flatMap((chunkBytes) =>
      [1, 50, 500, 100_000].map((windowBytesMax) => ({ chunkBytes, windowBytesMax })),
    ),
  )('stand in their places, in chunks of $chunkBytes bytes and windows of $windowBytesMax', async (sizes) => {
    for (const leavesAtOnce of [false, true]) {
      const { text } = await shown(documentOf(tokens), sizes.chunkBytes, { ...sizes, leavesAtOnce });
      expect(text).toBe(documentOf(tokens.map((_, index) => `nif "${index}"`)).toString());
    }
  });

  it('are asked for once a window, however many there are', async () => {
    expect((await shown(documentOf(tokens), 100_000)).groups).toEqual([40]);
    expect((await shown(documentOf(tokens), 100)).groups).toEqual([40]);
    expect((await shown(documentOf(tokens), 100, { windowBytesMax: 5_000 })).groups).toHaveLength(3);
  });

  it('are asked for sooner where records are many and small', async () => {
    const noToken = '{"nif":""},';
    const small = Buffer.from(`[${`{"nif":"${tokens[0]!}"},${noToken.repeat(300)}`.repeat(10)}{}]`);
    expect((await shown(small, 1_000)).groups).toHaveLength(1);
    expect((await shown(small, 1_000, { windowBytesMax: 100_000 })).groups).toHaveLength(5);
  });

  const many = Array.from({ length: 1_200 }, (_, index) => `token ${index}`);
  const standInFor = (token: string) => ({ value: `value of ${token}` });

  it('are asked for while the rest is read, where they are many, each once', async () => {
    const twice = [...many, ...many.toReversed()];
    const detokenize: Showing['detokenize'] = async (items) => items.map(({ token }) => standInFor(token));
    const { text, groups } = await shown(documentOf(twice), 10_000, { detokenize, valuesMax: 1_200 });
    expect(groups).toEqual([500, 500, 200]);
    expect(text).toBe(documentOf(twice.map((token) => standInFor(token).value)).toString());
  });

  it.each([0, 1, 2])(
    'fail before the first byte where the vault is away, though it be for group %i alone',
    async (failing) => {
      let group = 0;
      const detokenize: Showing['detokenize'] = async (items) => {
        if (group++ === failing) throw new Error('away');
        return items.map(({ token }) => standInFor(token));
      };
      const showing = shown(documentOf(many), 10_000, { detokenize, valuesMax: 1_200, leavesAtOnce: true });
      await expect(showing).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    },
  );

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
    for (const leavesAtOnce of [false, true]) {
      const showing = shown(documentOf(tokens), 100_000, { valuesMax: 39, leavesAtOnce });
      await expect(showing).rejects.toMatchObject({ denial: { policy: 'limits.detokenizedPerMinuteMax' } });
    }
  });
});
