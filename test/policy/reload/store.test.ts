import { describe, expect, it } from 'vitest';
import type { Compiled } from '../../../src/policy/compile/compile.ts';
import { createPolicyStore, type Reload } from '../../../src/policy/reload/store.ts';
import { snapshotOf } from '../fixture.ts';

const one = snapshotOf('policy: a\ndeny: No.\n');
const two = { ...one, hash: 'two' };
const three = { ...one, hash: 'three' };
const none = { ...one, hash: 'none', policies: [] };
const problem = { file: 'p.yaml', line: 1, column: 1, message: 'found nothing' };

describe('createPolicyStore', () => {
  it.each<[string, () => Promise<Compiled>, Reload['outcome'], string]>([
    ['a right change', async () => ({ snapshot: two, warnings: [] }), 'replaced', 'two'],
    ['no change', async () => ({ snapshot: { ...one }, warnings: [] }), 'unchanged', 'hash'],
    ['a wrong change', async () => ({ problems: [problem], warnings: [] }), 'refused', 'hash'],
    ['all policies went away', async () => ({ snapshot: none, warnings: [] }), 'failed', 'hash'],
    ['files that cannot be read', async () => Promise.reject(new Error('EACCES')), 'failed', 'hash'],
  ])('after %s: %s', async (_, load, outcome, hash) => {
    const told: Reload[] = [];
    const store = createPolicyStore(one, load, (reload) => told.push(reload));
    expect((await store.reload()).outcome).toBe(outcome);
    expect(told.map((reload) => reload.outcome)).toEqual([outcome]);
    expect(store.current().hash).toBe(hash);
  });

  it('never lets an older load replace a newer one', async () => {
    const loads = [
      { ms: 30, snapshot: two },
      { ms: 0, snapshot: three },
    ];
    const load = async (): Promise<Compiled> => {
      const next = loads.shift();
      if (next === undefined) throw new Error('loaded too often');
      await new Promise((resolve) => setTimeout(resolve, next.ms));
      return { snapshot: next.snapshot, warnings: [] };
    };
    const store = createPolicyStore(one, load, () => undefined);
    const first = store.reload();
    await Promise.resolve();
    await Promise.all([first, store.reload(), store.reload()]);
    expect(store.current().hash).toBe('three');
  });
});
