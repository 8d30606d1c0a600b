import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKekFile, readKek } from '../../../src/vault/keys/kek.ts';
import { type KeyWrapper, localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring, openKeyring, rewrapKeyring, rotateKeyring } from '../../../src/vault/keys/keyring.ts';

let folder: string;
let ring: string;
let kek: Buffer;
let wrapper: KeyWrapper;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'privet-ring-'));
  ring = join(folder, 'keys', 'ring.json');
  kek = randomBytes(32);
  wrapper = wrapperOf(kek);
});
afterEach(() => rmSync(folder, { recursive: true }));

function wrapperOf(key: Buffer): KeyWrapper {
  return localKeyWrapper({ env: 'KEK' }, { KEK: key.toString('base64') });
}

async function messageOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return error instanceof Error
      ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
      : '';
  }
  throw new Error('nothing was thrown');
}

describe('a keyring', () => {
  it('gives the same key for the same purpose after it is opened again, and another for another', async () => {
    await createKeyring({ ring, wrapper });
    const key = (await openKeyring({ ring, wrapper })).derive('hash:Contact.Email');
    expect(key).toHaveLength(32);
    expect((await openKeyring({ ring, wrapper })).derive('hash:Contact.Email')).toEqual(key);
    expect((await openKeyring({ ring, wrapper })).derive('hash:Contact.Phone')).not.toEqual(key);
  });

  it('is a private file that holds no key in the clear, and leaves nothing beside it', async () => {
    await createKeyring({ ring, wrapper });
    expect(statSync(ring).mode & 0o777).toBe(0o600);
    expect(readFileSync(ring, 'utf8')).not.toContain(kek.toString('base64'));
    expect(readdirSync(join(folder, 'keys'))).toEqual(['ring.json']);
  });

  it('keeps old versions readable after a rotation', async () => {
    await createKeyring({ ring, wrapper }, () => 0);
    const first = (await openKeyring({ ring, wrapper })).derive('tokens');
    expect(await rotateKeyring({ ring, wrapper }, () => 1_000)).toBe(2);
    const rotated = await openKeyring({ ring, wrapper });
    expect(rotated.activeVersion).toBe(2);
    expect(rotated.versions).toEqual([
      { version: 1, created: '1970-01-01T00:00:00.000Z' },
      { version: 2, created: '1970-01-01T00:00:01.000Z' },
    ]);
    expect(rotated.derive('tokens', 1)).toEqual(first);
    expect(rotated.derive('tokens')).not.toEqual(first);
  });

  it('opens with the new key-encryption key alone after it is rewrapped', async () => {
    await createKeyring({ ring, wrapper });
    const key = (await openKeyring({ ring, wrapper })).derive('tokens');
    const newKek = randomBytes(32);
    await rewrapKeyring({ ring, wrapper }, wrapperOf(newKek));
    expect((await openKeyring({ ring, wrapper: wrapperOf(newKek) })).derive('tokens')).toEqual(key);
    await expect(openKeyring({ ring, wrapper })).rejects.toThrow('does not open');
  });

  it('sees what was rotated elsewhere once it is read again, and refuses another ring', async () => {
    await createKeyring({ ring, wrapper });
    const keyring = await openKeyring({ ring, wrapper });
    const key = keyring.derive('tokens');
    await rotateKeyring({ ring, wrapper });
    expect(keyring.activeVersion).toBe(1);
    await keyring.reload();
    expect(keyring.activeVersion).toBe(2);
    expect(keyring.derive('tokens', 1)).toEqual(key);
    rmSync(ring);
    await createKeyring({ ring, wrapper });
    await expect(keyring.reload()).rejects.toThrow('another one');
    expect(keyring.activeVersion).toBe(2);
  });

  it('takes its keys from whoever fills the contract of a key wrapper, and never sees the key-encryption key', async () => {
    const service = new Map<string, Buffer>();
    const remote: KeyWrapper = {
      name: 'key service',
      wrap: async (key, boundTo) => {
        const id = randomBytes(16);
        service.set(`${id.toString('hex')} ${JSON.stringify(boundTo)}`, Buffer.from(key));
        return id;
      },
      unwrap: async (wrapped, boundTo) => {
        const key = service.get(`${wrapped.toString('hex')} ${JSON.stringify(boundTo)}`);
        if (key === undefined) throw new Error('The key service is away.');
        return Buffer.from(key);
      },
    };
    await createKeyring({ ring, wrapper: remote });
    const key = (await openKeyring({ ring, wrapper: remote })).derive('tokens');
    await rewrapKeyring({ ring, wrapper: remote }, wrapper);
    expect((await openKeyring({ ring, wrapper })).derive('tokens')).toEqual(key);
    await expect(openKeyring({ ring, wrapper: remote })).rejects.toThrow('does not open');
  });

  it('is never overwritten by a new one', async () => {
    await createKeyring({ ring, wrapper });
    await expect(createKeyring({ ring, wrapper })).rejects.toThrow('exists already');
  });

  it('has no key of an unknown version', async () => {
    await createKeyring({ ring, wrapper });
    const keyring = await openKeyring({ ring, wrapper });
    expect(() => keyring.derive('tokens', 7)).toThrow('no key of version 7');
  });

  it('names no secret when the key-encryption key is wrong', async () => {
    await createKeyring({ ring, wrapper });
    const wrong = randomBytes(32);
    const message = await messageOf(() => openKeyring({ ring, wrapper: wrapperOf(wrong) }));
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
        keys: [{ ...file.keys[0], wrapped: randomBytes(60).toString('base64') }],
      }),
    ],
    [
      'a wrapped key by cutting it short',
      (file: { keys: { wrapped: string }[] }) => ({
        ...file,
        keys: [{ ...file.keys[0], wrapped: file.keys[0]!.wrapped.slice(0, -8) }],
      }),
    ],
  ])('does not open when someone changed %s', async (_, change) => {
    await createKeyring({ ring, wrapper });
    writeFileSync(ring, JSON.stringify(change(JSON.parse(readFileSync(ring, 'utf8')))));
    await expect(openKeyring({ ring, wrapper })).rejects.toThrow('does not open');
  });

  it.each([
    ['no JSON', 'ring'],
    ['another format', '{"format":"privet-keyring-2","active":1,"keys":[]}'],
    ['an active version it does not hold', '{"format":"privet-keyring-1","active":1,"keys":[]}'],
    ['null', 'null'],
  ])('is refused when it is %s', async (_, text) => {
    await createKeyring({ ring, wrapper });
    writeFileSync(ring, text);
    await expect(openKeyring({ ring, wrapper })).rejects.toThrow('is not a keyring');
  });

  it('is refused when it is missing', async () => {
    await expect(openKeyring({ ring, wrapper })).rejects.toThrow('There is no keyring');
  });
});

describe('the key-encryption key', () => {
  it.each(['base64', 'base64url', 'hex'] as const)('is read from %s', (encoding) => {
    expect(readKek({ env: 'KEK' }, { KEK: ` ${kek.toString(encoding)}\n` })).toEqual(kek);
  });

  it('is made once, in a private file, and read again', async () => {
    const file = join(folder, 'kek');
    createKekFile(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readKek({ file })).toHaveLength(32);
    expect(() => createKekFile(file)).toThrow('exists already');
  });

  it.each([
    ['too short', 'c2hvcnQta2V5LW1hdGVyaWFs'],
    ['too long', 'a'.repeat(66)],
    ['a passphrase', 'correct horse battery staple correct horse'],
    ['43 letters that are not base64', `${'!'.repeat(42)}=`],
  ])('is refused without being printed when it is %s', async (_, text) => {
    const message = await messageOf(() => readKek({ env: 'KEK' }, { KEK: text }));
    expect(message).toContain('environment variable KEK');
    expect(message).not.toContain(text);
  });

  it('is refused when it is not there', async () => {
    expect(() => readKek({ env: 'KEK' }, {})).toThrow('KEK is not set');
    expect(() => readKek({ file: join(folder, 'none') })).toThrow('cannot be read');
  });
});
