import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKekFile, readKek } from '../../src/vault/kek.ts';
import { createKeyring, openKeyring, rewrapKeyring, rotateKeyring } from '../../src/vault/keyring.ts';

let folder: string;
let ring: string;
let kek: Buffer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'privet-ring-'));
  ring = join(folder, 'keys', 'ring.json');
  kek = randomBytes(32);
});
afterEach(() => rmSync(folder, { recursive: true }));

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error
      ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
      : '';
  }
  throw new Error('nothing was thrown');
}

describe('a keyring', () => {
  it('gives the same key for the same purpose after it is opened again, and another for another', () => {
    createKeyring(ring, kek);
    const key = openKeyring({ ring, kek }).derive('hash:Contact.Email');
    expect(key).toHaveLength(32);
    expect(openKeyring({ ring, kek }).derive('hash:Contact.Email')).toEqual(key);
    expect(openKeyring({ ring, kek }).derive('hash:Contact.Phone')).not.toEqual(key);
  });

  it('is a private file that holds no key in the clear, and leaves nothing beside it', () => {
    createKeyring(ring, kek);
    expect(statSync(ring).mode & 0o777).toBe(0o600);
    expect(readFileSync(ring, 'utf8')).not.toContain(kek.toString('base64'));
    expect(readdirSync(join(folder, 'keys'))).toEqual(['ring.json']);
  });

  it('keeps old versions readable after a rotation', () => {
    createKeyring(ring, kek, () => 0);
    const first = openKeyring({ ring, kek }).derive('tokens');
    expect(rotateKeyring({ ring, kek }, () => 1_000)).toBe(2);
    const rotated = openKeyring({ ring, kek });
    expect(rotated.activeVersion).toBe(2);
    expect(rotated.versions).toEqual([
      { version: 1, created: '1970-01-01T00:00:00.000Z' },
      { version: 2, created: '1970-01-01T00:00:01.000Z' },
    ]);
    expect(rotated.derive('tokens', 1)).toEqual(first);
    expect(rotated.derive('tokens')).not.toEqual(first);
  });

  it('opens with the new key-encryption key alone after it is rewrapped', () => {
    createKeyring(ring, kek);
    const key = openKeyring({ ring, kek }).derive('tokens');
    const newKek = randomBytes(32);
    rewrapKeyring({ ring, kek }, newKek);
    expect(openKeyring({ ring, kek: newKek }).derive('tokens')).toEqual(key);
    expect(() => openKeyring({ ring, kek })).toThrow('does not open');
  });

  it('is never overwritten by a new one', () => {
    createKeyring(ring, kek);
    expect(() => createKeyring(ring, kek)).toThrow('exists already');
  });

  it('has no key of an unknown version', () => {
    createKeyring(ring, kek);
    expect(() => openKeyring({ ring, kek }).derive('tokens', 7)).toThrow('no key of version 7');
  });

  it('names no secret when the key-encryption key is wrong', () => {
    createKeyring(ring, kek);
    const wrong = randomBytes(32);
    const message = messageOf(() => openKeyring({ ring, kek: wrong }));
    expect(message).toContain('does not open version 1');
    for (const secret of [kek, wrong]) {
      expect(message).not.toContain(secret.toString('base64'));
      expect(message).not.toContain(secret.toString('hex'));
    }
  });

  it.each([
    [
      'a version',
      (file: { keys: { version: number }[]; active: number }) => ({
        ...file,
        active: 9,
        keys: [{ ...file.keys[0], version: 9 }],
      }),
    ],
    [
      'a date',
      (file: { keys: object[] }) => ({
        ...file,
        keys: [{ ...file.keys[0], created: '2000-01-01T00:00:00.000Z' }],
      }),
    ],
    [
      'a wrapped key',
      (file: { keys: object[] }) => ({
        ...file,
        keys: [{ ...file.keys[0], key: randomBytes(32).toString('base64') }],
      }),
    ],
    [
      'a tag cut short',
      (file: { keys: { tag: string }[] }) => ({
        ...file,
        keys: [{ ...file.keys[0], tag: file.keys[0]!.tag.slice(0, 8) }],
      }),
    ],
  ])('does not open when someone changed %s', (_, change) => {
    createKeyring(ring, kek);
    writeFileSync(ring, JSON.stringify(change(JSON.parse(readFileSync(ring, 'utf8')))));
    expect(() => openKeyring({ ring, kek })).toThrow('does not open');
  });

  it.each([
    ['no JSON', 'ring'],
    ['another format', '{"format":"privet-keyring-2","active":1,"keys":[]}'],
    ['an active version it does not hold', '{"format":"privet-keyring-1","active":1,"keys":[]}'],
    ['null', 'null'],
  ])('is refused when it is %s', (_, text) => {
    createKeyring(ring, kek);
    writeFileSync(ring, text);
    expect(() => openKeyring({ ring, kek })).toThrow('is not a keyring');
  });

  it('is refused when it is missing', () => {
    expect(() => openKeyring({ ring, kek })).toThrow('cannot be read');
  });
});

describe('the key-encryption key', () => {
  it.each(['base64', 'base64url', 'hex'] as const)('is read from %s', (encoding) => {
    expect(readKek({ env: 'KEK' }, { KEK: ` ${kek.toString(encoding)}\n` })).toEqual(kek);
  });

  it('is made once, in a private file, and read again', () => {
    const file = join(folder, 'kek');
    const made = createKekFile(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readKek({ file })).toEqual(made);
    expect(() => createKekFile(file)).toThrow('exists already');
  });

  it.each([
    ['too short', 'c2hvcnQta2V5LW1hdGVyaWFs'],
    ['too long', 'a'.repeat(66)],
    ['a passphrase', 'correct horse battery staple correct horse'],
    ['43 letters that are not base64', `${'!'.repeat(42)}=`],
  ])('is refused without being printed when it is %s', (_, text) => {
    const message = messageOf(() => readKek({ env: 'KEK' }, { KEK: text }));
    expect(message).toContain('environment variable KEK');
    expect(message).not.toContain(text);
  });

  it('is refused when it is not there', () => {
    expect(() => readKek({ env: 'KEK' }, {})).toThrow('KEK is not set');
    expect(() => readKek({ file: join(folder, 'none') })).toThrow('cannot be read');
  });
});
