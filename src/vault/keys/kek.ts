import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { PrivetError } from '../../errors.ts';
import { writePrivateFile } from './private-file.ts';

/** Where the key-encryption key comes from. */
export type KekSource = { readonly env: string } | { readonly file: string };

export const KEY_BYTES = 32;
const HEX = /^[\da-f]{64}$/i;
/** 32 bytes in base64 or base64url, with or without padding. */
const BASE64 = /^[\w+/-]{43}=?$/;

function decodeKek(text: string, where: string): Buffer {
  const trimmed = text.trim();
  if (HEX.test(trimmed)) return Buffer.from(trimmed, 'hex');
  const kek = BASE64.test(trimmed) ? Buffer.from(trimmed, 'base64') : undefined;
  if (kek?.length === KEY_BYTES) return kek;
  throw new PrivetError('KEYRING_UNUSABLE', `The key in ${where} is not 32 bytes in base64 or hex.`);
}

function readKekFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PrivetError('KEYRING_UNUSABLE', `The key file ${path} cannot be read.`, { cause });
  }
}

/**
 * Reads the key-encryption key: 32 bytes, written as base64 or hex.
 * @throws PrivetError KEYRING_UNUSABLE when it is missing or anything else; what was found is not in the message
 */
export function readKek(source: KekSource, env: NodeJS.ProcessEnv = process.env): Buffer {
  if ('file' in source) return decodeKek(readKekFile(source.file), `file ${source.file}`);
  const text = env[source.env];
  if (text === undefined || text === '') {
    throw new PrivetError('KEYRING_UNUSABLE', `The environment variable ${source.env} is not set.`);
  }
  return decodeKek(text, `environment variable ${source.env}`);
}

/**
 * Makes a new key-encryption key and writes it to a file of mode 0600.
 * @throws PrivetError KEYRING_UNUSABLE when the file exists: a key that opens a ring is never overwritten
 */
export function createKekFile(path: string): void {
  if (existsSync(path)) throw new PrivetError('KEYRING_UNUSABLE', `The key file ${path} exists already.`);
  const kek = randomBytes(KEY_BYTES);
  writePrivateFile(path, `${kek.toString('base64')}\n`);
  kek.fill(0);
}
