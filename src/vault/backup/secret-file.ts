import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PrivetError } from '../../errors.ts';
import { KEY_BYTES } from '../keys/kek.ts';
import type { KeyWrapper } from '../keys/key-wrapper.ts';
import { writePrivateFile } from '../keys/private-file.ts';
import { seal, unseal } from '../keys/sealed.ts';
import type { PuncturableSecret } from './puncturable.ts';

/** A key that seals one data key in backups, and can be taken out by itself. */
export interface LooseKey {
  readonly key: Buffer;
  /** Names of the vaults that had the data key: what was backed up, and what was restored from it. */
  readonly vaults: readonly string[];
}

/** The content of a secret file. */
export interface SecretContent {
  readonly tree: PuncturableSecret;
  /** By the name of the data key, the oldest first. */
  readonly loose: ReadonlyMap<string, LooseKey>;
}

const FORMAT = 'privet-backup-secret-1';
const BOUND_TO = [FORMAT] as const;

/** As it is written. */
interface Plain {
  readonly tree: readonly (readonly [way: string, key: string])[];
  readonly loose: readonly (readonly [name: string, key: string, vaults: readonly string[]])[];
}

export async function writeSecret(
  path: string,
  { tree, loose }: SecretContent,
  wrapper: KeyWrapper,
): Promise<void> {
  // The secret grows with every puncture, and a key management service wraps only a few kilobytes, so it has a key of
  // its own that is wrapped.
  const own = randomBytes(KEY_BYTES);
  const plain = Buffer.from(
    JSON.stringify({
      tree: Array.from(tree, ([way, key]) => [way, key.toString('base64')] as const),
      loose: Array.from(loose, ([name, { key, vaults }]) => [name, key.toString('base64'), vaults] as const),
    } satisfies Plain),
  );
  const wrapped = (await wrapper.wrap(own, BOUND_TO)).toString('base64');
  const sealed = seal(own, plain, BOUND_TO).toString('base64');
  own.fill(0);
  plain.fill(0);
  writePrivateFile(path, `${JSON.stringify({ format: FORMAT, wrapped, sealed })}\n`);
}

/** @throws PrivetError KEYRING_UNUSABLE when it is missing, was changed, or the key-encryption key does not open it */
export async function readSecret(path: string, wrapper: KeyWrapper): Promise<SecretContent> {
  const { wrapped, sealed } = parse(path);
  const own = await wrapper.unwrap(Buffer.from(wrapped, 'base64'), BOUND_TO);
  const plain = unseal(own, Buffer.from(sealed, 'base64'), BOUND_TO);
  own.fill(0);
  if (plain === undefined)
    throw new PrivetError('KEYRING_UNUSABLE', `The backup secret ${path} was changed.`);
  // Written by this file alone, and authenticated.
  const { tree, loose } = JSON.parse(plain.toString()) as Plain;
  plain.fill(0);
  return {
    tree: new Map(tree.map(([way, key]) => [way, Buffer.from(key, 'base64')])),
    loose: new Map(loose.map(([name, key, vaults]) => [name, { key: Buffer.from(key, 'base64'), vaults }])),
  };
}

/** Wipes the keys of a content that are not left in another. */
export function wipeSecret({ tree, loose }: SecretContent, left: SecretContent): void {
  for (const [way, key] of tree) if (left.tree.get(way) !== key) key.fill(0);
  for (const [name, { key }] of loose) if (left.loose.get(name)?.key !== key) key.fill(0);
}

function parse(path: string): { readonly wrapped: string; readonly sealed: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PrivetError('KEYRING_UNUSABLE', `The backup secret ${path} cannot be read.`, { cause });
  }
  try {
    const { format, wrapped, sealed } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (format === FORMAT && typeof wrapped === 'string' && typeof sealed === 'string')
      return { wrapped, sealed };
  } catch {
    // Said below.
  }
  throw new PrivetError('KEYRING_UNUSABLE', `The file ${path} is no backup secret.`);
}
