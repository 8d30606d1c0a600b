import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { backUp, backupFile } from '../../../src/vault/backup/backup.ts';
import { destroyErased } from '../../../src/vault/backup/backup-keys.ts';
import { ensureBackupSecret, openBackupSecret } from '../../../src/vault/backup/backup-secret.ts';
import { restore } from '../../../src/vault/backup/restore.ts';
import { provisionalDataSubject } from '../../../src/vault/holder/holder.ts';
import { sweep } from '../../../src/vault/upkeep/sweep.ts';
import { NIF, readBack, tokenOf, vaultUnderTest } from '../harness.ts';

const PEOPLE = ['ana', 'ben', 'eve'];
const HOUR_MS = 3_600_000;

/** A value on its way to the CRM. */
interface Write {
  readonly isUpload: boolean;
  readonly settle: (isTaken: boolean) => Promise<void>;
}

type Step =
  | { readonly does: 'write' | 'upload'; readonly who: string; readonly value: number }
  | { readonly does: 'settle'; readonly isTaken: boolean }
  | { readonly does: 'wait' | 'back up' | 'sweep' }
  | { readonly does: 'erase'; readonly who: string };

const who = fc.constantFrom(...PEOPLE);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('write', 'upload'), who, value: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('settle'), isTaken: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('wait', 'back up', 'back up', 'sweep') }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('erase'), who }) },
);

async function run(steps: readonly Step[]): Promise<void> {
  let laterMs = 0;
  const here = await vaultUnderTest(() => Date.now() + laterMs);
  const folder = mkdtempSync(join(tmpdir(), 'privet-any-order-'));
  const secret = await ensureBackupSecret(here.place);
  let open: Write[] = [];
  let lines = 0;
  /** Tokens that the CRM took, and all that were ever made, by person. */
  const taken = new Map<string, string>();
  const made = new Map<string, string>();
  const backups: { readonly path: string; readonly taken: ReadonlyMap<string, string> }[] = [];

  async function begin(does: 'write' | 'upload', name: string, value: string): Promise<void> {
    const nobody = provisionalDataSubject(here.context.clock);
    const { token, use } = await tokenOf(here.vault, { ...NIF, value, dataSubject: nobody });
    const dataSubject = { id: name };
    made.set(token, name);
    const row = { job: '750A', tokens: [['nif__c', token]] as const };
    if (does === 'upload') {
      await here.vault.rememberRows([{ row, ...nobody, upload: 'one' }]);
      await here.vault.confirm([use]);
    }
    const line = String(lines++);
    open.push({
      isUpload: does === 'upload',
      settle: async (isTaken) => {
        if (does === 'upload')
          await here.vault.settleRows([{ row, line, dataSubject: isTaken ? dataSubject : undefined }]);
        else if (isTaken) await here.vault.confirm([use]).then(() => here.vault.bind(nobody, dataSubject));
        else await here.vault.release([use]);
        if (isTaken) taken.set(token, value);
      },
    });
  }

  /** Two hours, in which the CRM answers whatever is no upload. */
  async function wait(): Promise<void> {
    for (const one of open) if (!one.isUpload) await one.settle(true);
    open = open.filter(({ isUpload }) => isUpload);
    laterMs += 2 * HOUR_MS;
  }

  /** Erases somebody of whom nothing is under way, and reads every backup. */
  async function erase(name: string): Promise<void> {
    for (const one of open.splice(0)) await one.settle(true);
    await here.vault.erase({ id: name });
    await destroyErased(here.context, secret);
    for (const [token, owner] of made) if (owner === name) taken.delete(token);
    for (const [index, backup] of backups.entries()) {
      const store = openEmbedded(join(folder, `of-${index}-without-${name}-${lines++}`), DEFAULT_LIMITS);
      const files = { records: backupFile(backup.path, 'records'), keys: backupFile(backup.path, 'keys') };
      await restore({ ...here.context, store }, await openBackupSecret(here.place), files);
      const { vault } = await here.another(store);
      for (const [token, owner] of made)
        if (owner === name) expect(await readBack(vault, NIF.domain, token)).toMatch(/^\(/);
      for (const [token, value] of backup.taken)
        if (taken.has(token)) expect(await readBack(vault, NIF.domain, token)).toBe(value);
      await store.close();
    }
  }

  for (const one of steps) {
    if (one.does === 'write' || one.does === 'upload')
      await begin(one.does, one.who, `${one.who} ${one.value}`);
    else if (one.does === 'settle') await open.shift()?.settle(one.isTaken);
    else if (one.does === 'wait') await wait();
    else if (one.does === 'sweep') await sweep(here.context, HOUR_MS);
    else if (one.does === 'erase') await erase(one.who);
    else {
      const path = join(folder, String(backups.length));
      await backUp(here.context, secret, path);
      backups.push({ path, taken: new Map(taken) });
    }
  }
  for (const name of PEOPLE) await erase(name);
  await here.dispose();
  rmSync(folder, { recursive: true });
}

it('opens no backup to the values of who was erased, and all others, whatever was under way when it was taken', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), run), { numRuns: 5 });
}, 120_000);
