import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
  backupSecretPath,
  ensureBackupSecret,
  openBackupSecret,
} from '../../../src/vault/backup/backup-secret.ts';
import { restore } from '../../../src/vault/backup/restore.ts';
import { holderOf, provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { readStoredKey } from '../../../src/vault/holder/stored-key.ts';
import { createKeyring, openKeyring } from '../../../src/vault/keys/keyring.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import {
  ANA,
  BEN,
  dump,
  faultsOf,
  fill,
  MAIL,
  NIF,
  NOTE,
  PHONE,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

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

/** Reads a page of a store, and does something when the first one of a range was read. */
function pageAndThen(range: string, after: () => Promise<unknown>): Store['page'] {
  let isDone = false;
  return async (asked, ...how) => {
    const entries = await here.store.page(asked, ...how);
    if (asked.from === range && !isDone) {
      isDone = true;
      await after();
    }
    return entries;
  };
}

const filesIn = (directory: string) => ({
  records: backupFile(directory, 'records'),
  keys: backupFile(directory, 'keys'),
});

describe('a backup', () => {
  it('fills an empty store: every token reads, equal values are found, and it verifies', async () => {
    const tokens = await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    const { vault } = await here.another(empty);
    expect(await restore({ ...here.context, store: empty }, secret, filesIn(backup))).toEqual({
      seals: 6,
      withoutKey: 0,
    });
    expect(await readBack(vault, NIF.domain, tokens.nif)).toBe('12345678Z');
    expect(await readBack(vault, MAIL.domain, tokens.mail)).toBe('ana@example.com');
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('+34 612 345 678');
    expect(await readBack(vault, NOTE.domain, tokens.note)).toBe('ring twice');
    expect((await tokenOf(vault, { ...NIF, value: '12345678Z', dataSubject: ANA })).token).toBe(tokens.nif);
    expect(await faultsOf({ ...here.context, store: empty })).toEqual([]);
    expect(await vaultStats({ ...here.context, store: empty })).toEqual(await vaultStats(here.context));
  });

  it('opens for nobody what the CRM refused of somebody who was erased later', async () => {
    const write = async () => {
      const nobody = provisionalDataSubject();
      return { nobody, ...(await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: nobody })) };
    };
    const first = await write();
    await here.vault.release([first.use]);
    const again = await write();
    await here.vault.confirm([again.use]);
    await here.vault.bind(again.nobody, ANA);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    await sweep(here.context, -1);
    await here.vault.erase(ANA);
    await destroyErased(here.context, secret);
    await restore({ ...here.context, store: empty }, secret, filesIn(backup));
    const { vault } = await here.another(empty);
    expect(await readBack(vault, NIF.domain, again.token)).toBe('(unknown)');
  });

  it('that is cut short leaves nothing, so that the next may go to the same directory', async () => {
    await fill(here.vault);
    const backup = join(folder, 'backup');
    for (const range of ['vault/record/', 'vault/bond/']) {
      const page = pageAndThen(range, () => Promise.reject(new Error('ENOSPC')));
      const store = { ...here.store, page };
      await expect(backUp({ ...here.context, store }, secret, backup)).rejects.toThrow('ENOSPC');
      expect(readdirSync(backup)).toEqual([]);
    }
    await backUp(here.context, secret, backup);
    await expect(backUp(here.context, secret, backup)).rejects.toThrow('exists');
    expect(readdirSync(backup)).toEqual(['keys.jsonl', 'records.jsonl']);
  });

  it('holds no value, is private, and is not overwritten', async () => {
    await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    for (const file of Object.values(filesIn(backup))) {
      const text = readFileSync(file, 'utf8');
      const decoded = text
        .split('\n')
        .flatMap((line) =>
          line === '' ? [] : [Buffer.from(String(JSON.parse(line).value), 'base64').toString()],
        );
      for (const secret of ['12345678Z', 'ana@example.com', '612 345 678', 'ring twice', '003A']) {
        expect(text + decoded.join()).not.toContain(secret);
      }
      expect(text).not.toContain('vault/index');
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    await expect(backUp(here.context, secret, backup)).rejects.toThrow('EEXIST');
  });

  it.each([
    ['grants', 'vault/grant/'],
    ['records', 'vault/record/'],
    ['keys', 'vault/key/'],
  ])('keeps what others have of a token whose first holder goes after the %s were read', async (_, range) => {
    const tokens = await fill(here.vault);
    const backup = join(folder, 'backup');
    const store = { ...here.store, page: pageAndThen(range, () => here.vault.erase(ANA)) };
    await backUp({ ...here.context, store }, secret, backup);
    await destroyErased(here.context, secret);
    await restore({ ...here.context, store: empty }, secret, filesIn(backup));
    const { vault } = await here.another(empty);
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('+34 612 345 678');
    expect(await readBack(vault, NIF.domain, tokens.ben)).toBe('87654321X');
    expect(await readBack(vault, NIF.domain, tokens.nif)).toBe('(unknown)');
    expect(await faultsOf({ ...here.context, store: empty })).toEqual([]);
    expect(await vault.erase(BEN)).toEqual({ tokens: 2 });
    expect((await vaultStats({ ...here.context, store: empty })).tokens).toBe(0);
  });

  it('that is restored in part opens for nobody, and is restored whole from where it was cut short', async () => {
    const tokens = await fill(here.vault);
    const [backup, other] = [join(folder, 'backup'), join(folder, 'other')];
    await backUp(here.context, secret, backup);
    await backUp(here.context, secret, other);
    const limits = { ...here.context.limits, vaultBatchMax: 2 };
    for (let writes = 1; ; writes++) {
      let left = writes;
      const write: Store['write'] = async (what) => {
        if (left-- === 0) throw new Error('killed');
        await empty.write(what);
      };
      const run = restore(
        { ...here.context, limits, store: { ...empty, write } },
        secret,
        filesIn(backup),
      ).catch(String);
      if ((await run) !== 'Error: killed') break;
      await expect(here.another(empty)).rejects.toThrow('restored in part');
      await expect(restore({ ...here.context, store: empty }, secret, filesIn(other))).rejects.toThrow(
        'into an empty one',
      );
    }
    const { vault } = await here.another(empty);
    for (const [domain, token, value] of [
      [NIF.domain, tokens.nif, '12345678Z'],
      [PHONE.domain, tokens.phone, '+34 612 345 678'],
      [NOTE.domain, tokens.note, 'ring twice'],
      [NIF.domain, tokens.ben, '87654321X'],
    ] as const)
      expect(await readBack(vault, domain, token)).toBe(value);
    expect(await faultsOf({ ...here.context, store: empty })).toEqual([]);
    expect(await vaultStats({ ...here.context, store: empty })).toEqual(await vaultStats(here.context));
  });

  it('of people erased since is unreadable with the current keys, what they shared stays with the others', async () => {
    const tokens = await fill(here.vault);
    const [old, current] = [join(folder, 'old'), join(folder, 'current')];
    await backUp(here.context, secret, old);
    await here.vault.erase(ANA);
    await backUp(here.context, secret, current);
    const { vault } = await here.another(empty);
    const restored = await restore({ ...here.context, store: empty }, secret, {
      records: backupFile(old, 'records'),
      keys: backupFile(current, 'keys'),
    });
    expect(restored).toEqual({ seals: 2, withoutKey: 4 });
    for (const [domain, token] of [
      [NIF.domain, tokens.nif],
      [MAIL.domain, tokens.mail],
      [NOTE.domain, tokens.note],
    ] as const) {
      expect(await readBack(vault, domain, token)).toBe('(unknown)');
    }
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('+34 612 345 678');
    expect(await readBack(vault, NIF.domain, tokens.ben)).toBe('87654321X');
    expect(await faultsOf({ ...here.context, store: empty })).toEqual([]);
    await vault.erase(BEN);
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('(unknown)');
  });

  it('from before an erasure gives nobody the values of who was erased, with its own keys, and all others', async () => {
    const tokens = await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    await here.vault.erase(ANA);
    await destroyErased(here.context, secret);
    // As after a new start: what counts is what the file says.
    const read = await openBackupSecret(here.place);
    expect(await restore({ ...here.context, store: empty }, read, filesIn(backup))).toEqual({
      seals: 2,
      withoutKey: 4,
    });
    const { vault } = await here.another(empty);
    expect(await readBack(vault, NIF.domain, tokens.nif)).toBe('(unknown)');
    expect(await readBack(vault, NIF.domain, tokens.ben)).toBe('87654321X');
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('+34 612 345 678');
    expect(await faultsOf({ ...here.context, store: empty })).toEqual([]);
    expect((await vaultStats({ ...here.context, store: empty })).dataKeysErased).toBe(1);
  });

  it('is closed to everybody who was erased, though two commands that had read its secret have each erased one', async () => {
    const tokens = await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    const other = await openBackupSecret(here.place);
    const keyOf = async (as: typeof ANA) => {
      const holder = holderOf(here.keyring, as);
      const entry = await here.store.get(`vault/key/${holder}`);
      return { holder, id: readStoredKey(entry!).wrapped!.id };
    };
    const [ana, ben] = [await keyOf(ANA), await keyOf(BEN)];
    await secret.destroy([ana]);
    await other.destroy([ben]);
    await other.destroy([ben]);
    expect([other.keyFor(ana), other.keyFor(ben)]).toEqual([undefined, undefined]);
    await restore({ ...here.context, store: empty }, await openBackupSecret(here.place), filesIn(backup));
    const { vault } = await here.another(empty);
    for (const token of [tokens.nif, tokens.ben])
      expect(await readBack(vault, NIF.domain, token)).toBe('(unknown)');
  });

  it('has what is written for somebody after their erasure', async () => {
    await fill(here.vault);
    await here.vault.erase(ANA);
    const { token } = await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: ANA });
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    await restore({ ...here.context, store: empty }, await openBackupSecret(here.place), filesIn(backup));
    const { vault } = await here.another(empty);
    expect(await readBack(vault, NIF.domain, token)).toBe('12345678Z');
  });

  it('needs its secret: with none, another, or a changed one nothing is restored', async () => {
    await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    const file = backupSecretPath(here.place);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"sealed":"', '"sealed":"A'));
    await expect(openBackupSecret(here.place)).rejects.toThrow('was changed');
    writeFileSync(file, '{}');
    await expect(openBackupSecret(here.place)).rejects.toThrow('is no backup secret');
    rmSync(file);
    await expect(openBackupSecret(here.place)).rejects.toThrow('cannot be read');
    const other = await ensureBackupSecret(here.place);
    await expect(restore({ ...here.context, store: empty }, other, filesIn(backup))).rejects.toThrow(
      'another backup secret',
    );
  });

  it('still knows whose the tokens of people without an id were', async () => {
    const subject = provisionalDataSubject();
    const { token, use } = await tokenOf(here.vault, { ...NIF, value: '1', dataSubject: subject });
    await here.vault.confirm([use]);
    await here.vault.bind(subject, ANA);
    await backUp(here.context, secret, join(folder, 'backup'));
    await restore({ ...here.context, store: empty }, secret, filesIn(join(folder, 'backup')));
    const { vault } = await here.another(empty);
    expect(await vault.erase(ANA)).toEqual({ tokens: 1 });
    expect(await readBack(vault, NIF.domain, token)).toBe('(unknown)');
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -40)],
    ['missing a line', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
    ['changed', (text: string) => text.replace('"value":"A', '"value":"B')],
    ['empty', () => ''],
    ['another file', () => '{"format":"other"}\n'],
  ])('is refused, and writes nothing, when it is %s', async (_, change) => {
    await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    const { records } = filesIn(backup);
    writeFileSync(records, change(readFileSync(records, 'utf8')));
    await expect(restore({ ...here.context, store: empty }, secret, filesIn(backup))).rejects.toThrow(
      /is not whole|is no backup/,
    );
    expect(await dump(empty)).toBe('');
  });

  it('is refused with another ring, and over a vault that is there', async () => {
    await fill(here.vault);
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    await expect(restore(here.context, secret, filesIn(backup))).rejects.toThrow('into an empty one');
    const place = { ...here.place, ring: join(folder, 'other.json') };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    await expect(
      restore({ ...here.context, keyring, store: empty }, secret, filesIn(backup)),
    ).rejects.toThrow('another keyring');
  });
});
