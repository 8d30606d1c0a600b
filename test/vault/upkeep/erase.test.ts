import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { erase } from '../../../src/vault/upkeep/erase.ts';
import {
  ANA,
  BEN,
  dump,
  NIF,
  NOTE,
  nif,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

let here: VaultUnderTest;
beforeEach(async () => {
  here = await vaultUnderTest();
});
afterEach(() => here.dispose());

describe('an erasure', () => {
  it('makes every token of that person unreadable and forgets the values, and nobody else’s', async () => {
    const ana = await tokenOf(here.vault, nif('12345678Z'));
    const note = await tokenOf(here.vault, { ...NOTE, value: 'ring twice', dataSubject: ANA });
    const ben = await tokenOf(here.vault, nif('87654321X', BEN));
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 2 });
    expect(await readBack(here.vault, NIF.domain, ana.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NOTE.domain, note.token)).toBe('(unknown)');
    expect(await readBack(here.vault, NIF.domain, ben.token)).toBe('87654321X');
    expect(await here.vault.lookUp([{ ...NIF, value: '12345678Z' }])).toEqual([[]]);
    expect(await here.vault.tokenize([nif(ana.token)])).toEqual([{ refused: 'unissued' }]);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 0 });
  });

  it('holds against whoever kept the records from before', async () => {
    const { token } = await tokenOf(here.vault, nif('12345678Z'));
    const old = await here.store.page({ from: 'vault/record/', to: 'vault/record/~' }, 10);
    await here.vault.erase(ANA);
    await here.store.write(old.map(({ key, value }) => ({ put: key, value })));
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(erased)');
    await tokenOf(here.vault, nif('a new life'));
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(erased)');
  });

  it.each([
    ['first', [ANA, BEN]],
    ['second', [BEN, ANA]],
  ] as const)('leaves a shared token to the others, when the %s to have it is erased', async (_, order) => {
    const [gone, stays] = order;
    const { token } = await tokenOf(here.vault, nif('family phone', ANA));
    await tokenOf(here.vault, nif('family phone', BEN));
    await here.vault.erase(gone);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('family phone');
    expect((await tokenOf(here.vault, nif('family phone', stays))).token).toBe(token);
    await here.vault.erase(stays);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('cut short leaves a token that was shared at the last moment to the others, and to whoever writes it then', async () => {
    const shared: string[] = [];
    const token = async (as: typeof ANA) => (await tokenOf(here.vault, nif('12345678Z', as))).token;
    await tokenOf(here.vault, nif('1'));
    const write: Store['write'] = async (writes) => {
      if (!writes.some((one) => 'put' in one && one.put.startsWith('vault/key/')))
        return here.store.write(writes);
      shared.push(await token(ANA), await token(BEN));
      await here.store.write(writes);
      throw new Error('killed');
    };
    await expect(erase({ ...here.context, store: { ...here.store, write } }, ANA)).rejects.toThrow('killed');
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    expect(await token({ id: 'Contact:003C' })).toBe(shared[1]);
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    await here.vault.erase(ANA);
    await here.vault.erase({ id: 'Contact:003C' });
    expect(await readBack(here.vault, NIF.domain, shared[1]!)).toBe('12345678Z');
    await here.vault.erase(BEN);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|index)\//);
  });

  it('cut short leaves nothing once it is done again', async () => {
    await tokenOf(here.vault, nif('1'));
    const write: Store['write'] = async (writes) => {
      if (!writes.some((one) => 'put' in one && one.put.startsWith('vault/key/')))
        return here.store.write(writes);
      await tokenOf(here.vault, nif('x1234567l'));
      await here.store.write(writes);
      throw new Error('killed');
    };
    await expect(erase({ ...here.context, store: { ...here.store, write } }, ANA)).rejects.toThrow('killed');
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|index|spelling)\//);
  });

  it('reaches what was tokenized before the CRM gave the person an id', async () => {
    const subject = provisionalDataSubject();
    const { token } = await tokenOf(here.vault, nif('12345678Z', subject));
    expect(await here.vault.detokenize([{ domain: NIF.domain, token }])).toEqual([
      { value: '12345678Z', provisional: subject.provisional },
    ]);
    await here.vault.bind(subject, ANA);
    await here.vault.bind(subject, ANA);
    expect(await here.vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('takes no token from a person who comes back while others write the same value', async () => {
    await tokenOf(here.vault, nif('12345678Z'));
    let back: string | undefined;
    const getMany: Store['getMany'] = async (keys) => {
      const values = await here.store.getMany(keys);
      if (back === undefined && keys.some((key) => key.startsWith('vault/key/'))) {
        back = '';
        await here.vault.erase(ANA);
        back = (await tokenOf(here.vault, nif('12345678Z'))).token;
      }
      return values;
    };
    const { vault } = await here.another({ ...here.store, getMany });
    const [shared] = await vault.tokenize([nif('12345678Z', BEN), nif('87654321X')]);
    expect(shared).toMatchObject({ token: back });
    expect(await readBack(here.vault, NIF.domain, back ?? '')).toBe('12345678Z');
  });

  it('reaches a value that the CRM refused before it took it', async () => {
    const [first, again] = [provisionalDataSubject(), provisionalDataSubject()];
    const { token, use } = await tokenOf(here.vault, nif('12345678Z', first));
    await here.vault.release([use]);
    await here.vault.confirm([(await tokenOf(here.vault, nif('12345678Z', again))).use]);
    await here.vault.bind(again, ANA);
    await here.vault.erase(ANA);
    expect(await readBack(here.vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('leaves the person free to come back, with new tokens', async () => {
    const before = await tokenOf(here.vault, nif('12345678Z'));
    await here.vault.erase(ANA);
    const after = await tokenOf(here.vault, nif('12345678Z'));
    expect(after.token).not.toBe(before.token);
    expect(await readBack(here.vault, NIF.domain, after.token)).toBe('12345678Z');
  });

  it('wins over writes that are under way', async () => {
    const other = (await here.another()).vault;
    const items = Array.from({ length: 50 }, (_, index) => nif(`value ${index}`));
    await here.vault.tokenize(items);
    const [, results] = await Promise.all([here.vault.erase(ANA), other.tokenize(items)]);
    await here.vault.erase(ANA);
    const tokens = results.map((one) => ({ domain: NIF.domain, token: 'token' in one ? one.token : '' }));
    const values = await here.vault.detokenize(tokens);
    expect(values.filter((one) => 'value' in one)).toEqual([]);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|index|holding|grant|mark)\//);
  });
});
