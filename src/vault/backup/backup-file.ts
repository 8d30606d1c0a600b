import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PrivetError } from '../../errors.ts';
import type { Entry } from '../../store/store.ts';
import { FIRST_VERSION, type Keyring } from '../keys/keyring.ts';

const FORMAT = 'privet-vault-backup-1';
const PRIVATE_MODE = 0o600;

/** `records`: sealed values, to be kept as long as one likes. `keys`: the wrapped data keys that open them. */
export type BackupPart = 'records' | 'keys';

interface Manifest {
  readonly format: typeof FORMAT;
  readonly part: BackupPart;
  readonly created: string;
}

function macOver(keyring: Keyring): Hmac {
  return createHmac('sha256', keyring.derive('vault backup', FIRST_VERSION));
}

/**
 * Writes one part: a manifest, an entry on each line, and at the end their number and an HMAC-SHA256 over all lines
 * before. Synced before it resolves; what is cut short is removed. Mode 0600.
 * @throws when the file exists: a backup is never overwritten
 * @returns how many entries
 */
export async function writeBackup(
  path: string,
  keyring: Keyring,
  { part, created }: Pick<Manifest, 'part' | 'created'>,
  pages: AsyncIterable<readonly Entry[]>,
): Promise<number> {
  const file = await open(path, 'wx', PRIVATE_MODE);
  try {
    const mac = macOver(keyring);
    let entries = 0;
    await writeLines(file, mac, [{ format: FORMAT, part, created } satisfies Manifest]);
    for await (const page of pages) {
      await writeLines(
        file,
        mac,
        page.map(({ key, value }) => ({ key, value: Buffer.from(value).toString('base64') })),
      );
      entries += page.length;
    }
    await file.write(`${JSON.stringify({ entries, mac: mac.digest('base64') })}\n`);
    await file.sync();
    return entries;
  } catch (error) {
    await rm(path);
    throw error;
  } finally {
    await file.close();
  }
}

async function writeLines(file: FileHandle, mac: Hmac, lines: readonly object[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  mac.update(text);
  await file.write(text);
}

/**
 * Reads a whole part and checks that it is complete and was made with this ring.
 * @returns its HMAC in base64, by which it can be told from others
 * @throws PrivetError VAULT_UNAVAILABLE
 */
export async function checkBackup(path: string, keyring: Keyring, part: BackupPart): Promise<string> {
  const wrong = (what: string) => new PrivetError('VAULT_UNAVAILABLE', `The backup ${path} ${what}.`);
  const mac = macOver(keyring);
  let previous: string | undefined;
  let lines = 0;
  for await (const line of linesOf(path)) {
    if (previous !== undefined) mac.update(`${previous}\n`);
    if (lines === 0 && !isManifest(line, part)) throw wrong(`is no backup of ${part}`);
    previous = line;
    lines++;
  }
  const end = parse(previous ?? '');
  const expected = mac.digest();
  const found = Buffer.from(typeof end?.['mac'] === 'string' ? end['mac'] : '', 'base64');
  const isWhole = found.length === expected.length && timingSafeEqual(found, expected);
  if (!isWhole || end?.['entries'] !== lines - 2) {
    throw wrong('is not whole, was changed, or was made with another keyring');
  }
  return expected.toString('base64');
}

/** The entries of a part that was checked, in pages. */
export async function* readBackup(path: string, pageSize: number): AsyncGenerator<readonly Entry[]> {
  let page: Entry[] = [];
  for await (const line of linesOf(path)) {
    const entry = parse(line);
    if (typeof entry?.['key'] !== 'string' || typeof entry['value'] !== 'string') continue;
    page.push({ key: entry['key'], value: Buffer.from(entry['value'], 'base64') });
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

function isManifest(line: string, part: BackupPart): boolean {
  const manifest = parse(line);
  return manifest?.['format'] === FORMAT && manifest['part'] === part;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
