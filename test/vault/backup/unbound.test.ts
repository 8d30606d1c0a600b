import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import type { Store } from '../../../src/store/store.ts';
import { backUp, backupFile } from '../../../src/vault/backup/backup.ts';
import { destroyErased } from '../../../src/vault/backup/backup-keys.ts';
import {
  type BackupSecret,
  ensureBackupSecret,
  openBackupSecret,
} from '../../../src/vault/backup/backup-secret.ts';
import { restore } from '../../../src/vault/backup/restore.ts';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { ANA, BEN, NIF, readBack, tokenOf, type VaultUnderTest, vaultUnderTest } from '../harness.ts';

const HOUR_MS = 3_600_000;

let here: VaultUnderTest;
let folder: string;
let empty: Store;
let secret: BackupSecret;
let laterMs: number;
beforeEach(async () => {
  laterMs = 0;
  here = await vaultUnderTest(() => Date.now() + laterMs);
  folder = mkdtempSync(join(tmpdir(), 'privet-backup-'));
  empty = openEmbedded(join(folder, 'data'), DEFAULT_LIMITS);
  secret = await ensureBackupSecret(here.place);
});
afterEach(async () => {
  await empty.close();
  await here.dispose();
  rmSync(folder, { recursive: true });
});

const filesIn = (directory: string) => ({
  records: backupFile(directory, 'records'),
  keys: backupFile(directory, 'keys'),
});

describe('a backup taken before it is known whose a value is', () => {
  const backup = () => join(folder, 'backup');
  const written = { ...NIF, value: '12345678Z' };
  /** Writes the value for somebody new and does something before the CRM tells who it was. */
  async function create(before: () => Promise<unknown> = () => Promise.resolve()): Promise<string> {
    const nobody = provisionalDataSubject();
    const { token, use } = await tokenOf(here.vault, { ...written, dataSubject: nobody });
    await before();
    await here.vault.bind(nobody, ANA);
    await here.vault.confirm([use]);
    return token;
  }
  /** Uploads the value, with results to be read later. */
  async function upload(settling: (writeIf: Store['writeIf']) => Store['writeIf'] = (writeIf) => writeIf) {
    const { provisional } = provisionalDataSubject();
    const { token, use } = await tokenOf(here.vault, { ...written, dataSubject: { provisional } });
    const row = { job: '750A', tokens: [['nif__c', token]] as const };
    await here.vault.rememberRows([{ row, provisional, upload: 'one' }]);
    await here.vault.confirm([use]);
    let isFirst = true;
    const own = settling(here.store.writeIf);
    const writeIf: Store['writeIf'] = (guarded) => {
      const write = isFirst ? own : here.store.writeIf;
      isFirst = false;
      return write(guarded);
    };
    const { vault } = await here.another({ ...here.store, writeIf });
    return {
      token,
      settle: (dataSubject?: typeof ANA) => vault.settleRows([{ row, line: '', dataSubject }]),
    };
  }
  const takeBackup = () => backUp(here.context, secret, backup());
  async function restored(token: string): Promise<string> {
    await restore({ ...here.context, store: empty }, await openBackupSecret(here.place), filesIn(backup()));
    return readBack((await here.another(empty)).vault, NIF.domain, token);
  }
  async function erased(token: string): Promise<string> {
    await here.vault.erase(ANA);
    await destroyErased(here.context, secret);
    return restored(token);
  }

  it.each<[string, () => Promise<string>]>([
    ['of a new record', () => create(takeBackup)],
    [
      'of a record that had the value already',
      async () => {
        await create();
        return create(takeBackup);
      },
    ],
    [
      'of a write that the CRM refused then',
      async () => {
        const nobody = provisionalDataSubject();
        const { token, use } = await tokenOf(here.vault, { ...written, dataSubject: nobody });
        await takeBackup();
        await here.vault.release([use]);
        return token;
      },
    ],
    [
      'of an uploaded row',
      async () => {
        const { token, settle } = await upload();
        await takeBackup();
        await settle(ANA);
        return token;
      },
    ],
    [
      'of an uploaded row of a record that had the value already',
      async () => {
        await create();
        const { token, settle } = await upload();
        await takeBackup();
        await settle(ANA);
        return token;
      },
    ],
    [
      'of a row that was uploaded long ago, of a record that had the value already',
      async () => {
        await create();
        const { token, settle } = await upload();
        laterMs = 2 * HOUR_MS;
        await takeBackup();
        await settle(ANA);
        return token;
      },
    ],
    [
      'of such a row whose results are just being read',
      async () => {
        await create();
        const { token, settle } = await upload((writeIf) => async (guarded) => {
          const conflicts = await writeIf(guarded);
          await takeBackup();
          return conflicts;
        });
        laterMs = 2 * HOUR_MS;
        await settle(ANA);
        return token;
      },
    ],
    [
      'of an uploaded row that the CRM refused, where the person got it later',
      async () => {
        const { token, settle } = await upload();
        await takeBackup();
        await settle();
        await sweep(here.context, -1);
        await create();
        return token;
      },
    ],
  ])('%s, it opens for nobody once the person is erased', async (_, take) => {
    expect(await erased(await take())).toBe('(unknown)');
  });

  it.each<[string, () => Promise<string>]>([
    ['of a new record', () => create(takeBackup)],
    [
      'of an uploaded row',
      async () => {
        const { token, settle } = await upload();
        await takeBackup();
        await settle(ANA);
        return token;
      },
    ],
  ])('%s, it has the value, though others were erased', async (_, take) => {
    const token = await take();
    await tokenOf(here.vault, { ...NIF, value: '1', dataSubject: BEN });
    await here.vault.erase(BEN);
    await destroyErased(here.context, secret);
    expect(await restored(token)).toBe('12345678Z');
  });

  it('has it also when another store was backed up since, such as one that was emptied', async () => {
    const token = await create(takeBackup);
    const other = openEmbedded(join(folder, 'other'), DEFAULT_LIMITS);
    await here.another(other);
    await backUp({ ...here.context, store: other }, secret, join(folder, 'of-other'));
    await other.close();
    expect(await restored(token)).toBe('12345678Z');
  });

  it('opens for nobody once the person is erased where it was restored, or from where it was taken', async () => {
    const token = await create(async () => {
      await create();
      await takeBackup();
    });
    expect(await restored(token)).toBe('12345678Z');
    const keys = await openBackupSecret(here.place);
    await here.vault.erase(ANA);
    await destroyErased(here.context, keys);
    const again = openEmbedded(join(folder, 'again'), DEFAULT_LIMITS);
    await restore({ ...here.context, store: again }, keys, filesIn(backup()));
    expect(await readBack((await here.another(again)).vault, NIF.domain, token)).toBe('(unknown)');
    await again.close();
  });
});
