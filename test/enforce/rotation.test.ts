import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEnforcement } from '../../src/enforce/enforcement.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { rotateKeyring } from '../../src/vault/keys/keyring.ts';
import { POSTURE } from '../fixtures/posture.ts';
import { type VaultUnderTest, vaultUnderTest } from '../vault/harness.ts';

const OWNER = { upstream: 'sales', principal: 'ana' };
const CONTENT = { locator: '01g-2000', continuation: 'SELECT Id FROM Contact' };

describe('a rotation of the keyring', () => {
  let here: VaultUnderTest;
  beforeEach(async () => {
    here = await vaultUnderTest();
  });
  afterEach(() => here.dispose());

  const enforcement = () =>
    createEnforcement({
      mode: 'enforce',
      posture: POSTURE,
      limits: DEFAULT_LIMITS,
      keyring: here.keyring,
    });

  it('leaves pseudonyms in the audit trail as they are, and opens the locators from before', async () => {
    const before = enforcement();
    const sealed = before.seal.seal(OWNER, CONTENT);
    const pseudonym = before.pseudonyms('Contact', undefined).byId.of('003A');
    await rotateKeyring(here.place);
    await here.keyring.reload();
    const after = enforcement();
    expect(after.pseudonyms('Contact', undefined).byId.of('003A')).toBe(pseudonym);
    expect(after.seal.open(OWNER, sealed)).toEqual(CONTENT);
    expect(before.seal.open(OWNER, after.seal.seal(OWNER, CONTENT))).toBeUndefined();
  });
});
