import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifierOf, type SigningKey, sign, signingKey } from '../harness.ts';

let key: SigningKey;
let rsa: SigningKey;
beforeAll(async () => {
  [key, rsa] = await Promise.all([signingKey('k1'), signingKey('k2', 'RS256')]);
});

describe('signing keys from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'privet-jwks-'));
  const file = join(folder, 'jwks.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read again when they change, and kept when they break', async () => {
    writeFileSync(file, JSON.stringify({ keys: [key.jwk] }));
    const problems: string[] = [];
    const identifier = identifierOf(file, {}, { warn: (problem) => problems.push(problem) });
    expect(await identifier.identify({ authorization: `Bearer ${await sign(key)}` })).toBeDefined();
    writeFileSync(file, JSON.stringify({ keys: [rsa.jwk, key.jwk] }));
    expect(await identifier.identify({ authorization: `Bearer ${await sign(rsa)}` })).toBeDefined();
    writeFileSync(file, 'broken');
    expect(
      await identifier.identify({ authorization: `Bearer ${await sign(rsa, { sub: 'bo' })}` }),
    ).toBeDefined();
    expect(problems).toHaveLength(1);
  });

  it('must be there at the start', () => {
    expect(() => identifierOf(join(folder, 'none.json'))).toThrow('cannot be read');
  });
});
