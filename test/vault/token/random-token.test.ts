import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import type { TokenizeItem } from '../../../src/vault/token/token-group.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import {
  ANA,
  BEN,
  dump,
  faultsOf,
  lineCount,
  NOTE,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

let here: VaultUnderTest;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  here = await vaultUnderTest(() => nowMs);
});
afterEach(() => here.dispose());

describe('a random token', () => {
  const SLOT = 'crm:003A Contact.Note__c';
  const note = (value: string, slot?: string, dataSubject: TokenizeItem['dataSubject'] = ANA) => ({
    ...NOTE,
    value,
    dataSubject,
    ...(slot === undefined ? {} : { slot }),
  });
  async function save(...item: Parameters<typeof note>): Promise<string> {
    const { token, use } = await tokenOf(here.vault, note(...item));
    await here.vault.confirm([use]);
    return token;
  }

  it('stays where its value is saved again, however often, and takes no more room', async () => {
    const token = await save('ring twice', SLOT);
    const once = await lineCount(here.store);
    for (let again = 0; again < 5; again++) expect(await save('ring twice', SLOT)).toBe(token);
    const batch = await here.vault.tokenize([note('ring twice', SLOT), note('ring twice', SLOT)]);
    expect(batch.map((one) => 'token' in one && one.token)).toEqual([token, token]);
    expect([await lineCount(here.store), await faultsOf(here.context)]).toEqual([once, []]);
  });

  it('is another for each record and field, each value, and where the record is not known', async () => {
    const tokens = [
      await save('ring twice', SLOT),
      await save('ring once', SLOT),
      await save('ring twice', 'crm:003A Contact.Other__c'),
      await save('ring twice', 'crm:003B Contact.Note__c', BEN),
      await save('ring twice'),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(await here.vault.lookUp([{ ...NOTE, value: 'ring twice' }])).toEqual([[]]);
    const [first, second] = await here.vault.tokenize(
      ['crm:003C Contact.Note__c', 'crm:003D Contact.Note__c'].map((slot) => note('no', slot)),
    );
    expect(first).not.toEqual(second);
  });

  it('of a record that is upserted again takes no more room than once, and is erased with its person', async () => {
    const upsert = async () => {
      const nobody = provisionalDataSubject();
      const { token, use } = await tokenOf(here.vault, note('ring twice', SLOT, nobody));
      await here.vault.confirm([use]);
      await here.vault.bind(nobody, ANA);
      return token;
    };
    const token = await upsert();
    const once = await lineCount(here.store);
    expect([
      await upsert(),
      await upsert(),
      await lineCount(here.store),
      await faultsOf(here.context),
    ]).toEqual([token, token, once, []]);
    await here.vault.erase(ANA);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|slot|bond)\//);
    expect(await upsert()).not.toBe(token);
  });

  it('that the CRM refused leaves nothing, and one that it took stays after a rotation', async () => {
    const { use } = await tokenOf(here.vault, note('ring twice', SLOT));
    await here.vault.release([use]);
    nowMs += 7_200_000;
    await sweep(here.context, 3_600_000);
    expect(await dump(here.store)).not.toMatch(/vault\/(record|grant|holding|slot|mark)\//);
    const token = await save('ring twice', SLOT);
    await rotateKeyring(here.place);
    await here.keyring.reload();
    await here.vault.rekey();
    expect([await save('ring twice', SLOT), await faultsOf(here.context)]).toEqual([token, []]);
  });
});
