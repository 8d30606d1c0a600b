import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { openKeyring } from '../../src/vault/keys/keyring.ts';
import { openVault } from '../../src/vault/vault.ts';

/** Tokenizes until it or its Redis is killed; a line for every batch that was acknowledged. */
const [folder = '', redis] = process.argv.slice(2);
const keyring = await openKeyring({
  ring: join(folder, 'ring.json'),
  wrapper: localKeyWrapper({ file: join(folder, 'kek') }),
});
const store =
  redis === undefined
    ? openEmbedded(join(folder, 'data'), DEFAULT_LIMITS)
    : await openRedis(redis, DEFAULT_LIMITS);
const vault = await openVault({ store, keyring, clock: Date.now, limits: DEFAULT_LIMITS });
for (let batch = 0; ; batch++) {
  const items = Array.from({ length: 20 }, (_, index) => ({
    domain: 'nif',
    value: `value ${process.pid} ${batch} ${index}`,
    as: { kind: 'deterministic' } as const,
    dataSubject: { id: `Contact:${batch % 10}` },
  }));
  const tokens = await vault.tokenize(items);
  const pairs = items.map(({ value }, index) => [value, tokens[index]]);
  process.stdout.write(`${JSON.stringify(pairs)}\n`);
}
