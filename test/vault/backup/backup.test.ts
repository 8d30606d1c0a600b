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
import { createKeyring, openKeyring, rotateKeyring } from '../../../src/vault/keys/keyring.ts';
import { recordId } from '../../../src/vault/places.ts';
import { indexKeyOf } from '../../../src/vault/token/value-index.ts';
import { tidy } from '../../../src/vault/upkeep/housekeeping.ts';
import { compareRing } from '../../../src/vault/upkeep/ring-check.ts';
import { vaultStats } from '../../../src/vault/upkeep/stats.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { verifyVault } from '../../../src/vault/upkeep/verify.ts';
import { openVault } from '../../../src/vault/vault.ts';
import {
  ANA,
  BEN,
  dump,
  MAIL,
  NIF,
  NOTE,
  PHONE,
  readBack,
  tokenOf,
  type VaultUnderTest,
  vaultUnderTest,
} from '../harness.ts';

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

/** Two people with tokens of every kind, one of them shared. */
async function fill(): Promise<Record<'nif' | 'mail' | 'phone' | 'note' | 'ben', string>> {
  const of = async (as: Parameters<typeof tokenOf>[1]) => {
    const { token, use } = await tokenOf(here.vault, as);
    await here.vault.confirm([use]);
    return token;
  };
  return {
    nif: await of({ ...NIF, value: '12345678Z', dataSubject: ANA }),
    mail: await of({ ...MAIL, value: 'ana@example.com', dataSubject: ANA }),
    phone: await of({ ...PHONE, value: '+34 612 345 678', dataSubject: ANA }).then(async (token) => {
      expect(await of({ ...PHONE, value: '+34 612 345 678', dataSubject: BEN })).toBe(token);
      return token;
    }),
    note: await of({ ...NOTE, value: 'ring twice', dataSubject: ANA }),
    ben: await of({ ...NIF, value: '87654321X', dataSubject: BEN }),
  };
}

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

async function problemsOf(store: Store): Promise<string[]> {
  const problems: string[] = [];
  await verifyVault({ ...here.context, store }, (problem) => problems.push(problem));
  return problems;
}

describe('a backup', () => {
  it('fills an empty store: every token reads, equal values are found, and it verifies', async () => {
    const tokens = await fill();
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
    expect(await problemsOf(empty)).toEqual([]);
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

  describe('taken before it is known whose a value is', () => {
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

  it('that is cut short leaves nothing, so that the next may go to the same directory', async () => {
    await fill();
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
    await fill();
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
    const tokens = await fill();
    const backup = join(folder, 'backup');
    const store = { ...here.store, page: pageAndThen(range, () => here.vault.erase(ANA)) };
    await backUp({ ...here.context, store }, secret, backup);
    await destroyErased(here.context, secret);
    await restore({ ...here.context, store: empty }, secret, filesIn(backup));
    const { vault } = await here.another(empty);
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('+34 612 345 678');
    expect(await readBack(vault, NIF.domain, tokens.ben)).toBe('87654321X');
    expect(await readBack(vault, NIF.domain, tokens.nif)).toBe('(unknown)');
    expect(await problemsOf(empty)).toEqual([]);
    expect(await vault.erase(BEN)).toEqual({ tokens: 2 });
    expect((await vaultStats({ ...here.context, store: empty })).tokens).toBe(0);
  });

  it('that is restored in part opens for nobody, and is restored whole from where it was cut short', async () => {
    const tokens = await fill();
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
    expect(await problemsOf(empty)).toEqual([]);
    expect(await vaultStats({ ...here.context, store: empty })).toEqual(await vaultStats(here.context));
  });

  it('of people erased since is unreadable with the current keys, what they shared stays with the others', async () => {
    const tokens = await fill();
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
    expect(await problemsOf(empty)).toEqual([]);
    await vault.erase(BEN);
    expect(await readBack(vault, PHONE.domain, tokens.phone)).toBe('(unknown)');
  });

  it('from before an erasure gives nobody the values of who was erased, with its own keys, and all others', async () => {
    const tokens = await fill();
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
    expect(await problemsOf(empty)).toEqual([]);
    expect((await vaultStats({ ...here.context, store: empty })).dataKeysErased).toBe(1);
  });

  it('is closed to everybody who was erased, though two commands that had read its secret have each erased one', async () => {
    const tokens = await fill();
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    const other = await openBackupSecret(here.place);
    const keyOf = async (as: typeof ANA) => {
      const holder = holderOf(here.keyring, as);
      const entry = await here.store.get(`vault/key/${holder}`);
      return { holder, id: String(JSON.parse(Buffer.from(entry!).toString()).wrapped.id) };
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
    await fill();
    await here.vault.erase(ANA);
    const { token } = await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: ANA });
    const backup = join(folder, 'backup');
    await backUp(here.context, secret, backup);
    await restore({ ...here.context, store: empty }, await openBackupSecret(here.place), filesIn(backup));
    const { vault } = await here.another(empty);
    expect(await readBack(vault, NIF.domain, token)).toBe('12345678Z');
  });

  it('needs its secret: with none, another, or a changed one nothing is restored', async () => {
    await fill();
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
    await fill();
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
    await fill();
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

describe('a vault that is verified', () => {
  it.each([
    [
      'a record that was changed',
      'vault/record/',
      (text: string) => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1),
      'does not open',
    ],
    ['a record that cannot be read', 'vault/record/', () => '{', 'cannot be read'],
    [
      'a record of another token',
      'vault/record/',
      (text: string) => text.replace('pvt1_', 'pvt2_'),
      'is not the record',
    ],
    [
      'a data key that was changed',
      'vault/key/',
      (text: string) => text.replace('"key":"', '"key":"A'),
      'does not open with the keyring',
    ],
    ['a data key that is gone', 'vault/key/', undefined, 'has no data key'],
    ['an index entry that is gone', 'vault/index/', undefined, 'is not in the index'],
    ['an index entry that leads nowhere', 'vault/index/', () => 'nowhere', 'leads to no record'],
    ['a holding that is gone', 'vault/holding/', undefined, 'missing among'],
  ] as const)('shows %s, and names no value', async (_, prefix, change, problem) => {
    await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: ANA });
    expect(await problemsOf(here.store)).toEqual([]);
    const [entry] = await here.store.page({ from: prefix, to: `${prefix}~` }, 1);
    const text = Buffer.from(entry!.value).toString('latin1');
    await here.store.write([
      change === undefined
        ? { delete: entry!.key }
        : { put: entry!.key, value: Buffer.from(change(text), 'latin1') },
    ]);
    const problems = await problemsOf(here.store);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).not.toContain('12345678Z');
  });

  it('shows an entry that leads to the token of another value, and not one to a newer token of the same', async () => {
    const [first, second] = [
      await fill(),
      await tokenOf(here.vault, { ...NIF, value: 'x', dataSubject: ANA }),
    ];
    const entryOf = (value: string) =>
      indexKeyOf(here.keyring, 1, { domain: NIF.domain, format: 'token', value });
    const idOf = (token: string) => Buffer.from(recordId(NIF.domain, token));
    await here.store.write([{ put: entryOf('12345678Z'), value: idOf(second.token) }]);
    expect(await problemsOf(here.store)).toEqual([expect.stringContaining('is not in the index')]);
    await here.store.write([{ delete: entryOf('12345678Z') }]);
    const { token } = await tokenOf(here.vault, { ...NIF, value: '12345678Z', dataSubject: BEN });
    expect(token).not.toBe(first.nif);
    expect(await problemsOf(here.store)).toEqual([]);
  });

  it('does not open with another ring, and says so', async () => {
    await fill();
    const place = { ...here.place, ring: join(folder, 'other.json') };
    await createKeyring(place);
    const keyring = await openKeyring(place);
    await expect(openVault({ ...here.context, keyring })).rejects.toThrow('filled with another keyring');
  });

  it('does not open with its ring from before a rotation, once somebody has used the newer key', async () => {
    const ring = readFileSync(here.place.ring, 'utf8');
    await rotateKeyring(here.place);
    await here.another();
    await tidy(here.context, { isAlone: true, tell: () => undefined });
    writeFileSync(here.place.ring, ring);
    const half = await openKeyring(here.place);
    const refused = 'filled with version 2 of its keyring, which this one does not have';
    await expect(openVault({ ...here.context, keyring: half })).rejects.toThrow(refused);
    await expect(compareRing({ store: here.store, keyring: half })).rejects.toThrow(refused);
  });

  it('does not open with its ring from before a rotation that was taken up while it was in use', async () => {
    const ring = readFileSync(here.place.ring, 'utf8');
    await rotateKeyring(here.place);
    await tidy(here.context, { isAlone: false, tell: () => undefined });
    writeFileSync(here.place.ring, ring);
    await expect(here.another()).rejects.toThrow('filled with version 2');
  });
});
