import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { createKekFile } from '../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../src/vault/keys/keyring.ts';

const KEY = 'bench-support-desk';
/** Headers of a client of the support desk. */
export const CLIENT_HEADERS = [`x-privet-key: ${KEY}`, 'accept: application/json'];

export interface HouseOptions {
  readonly upstream: string;
  /** False: the same policies, but free text is shown as it is. */
  readonly scans?: boolean;
  readonly redis?: string;
  /** Counts what is read, in the embedded store or in this Redis. */
  readonly budget?: 'embedded' | { readonly redis: string };
}

/** Configurations and stores of the bench, in a directory of their own. */
export interface Houses {
  /** @returns the path of a new configuration: the example's policies, an API key of the support desk, audit on */
  readonly write: (options: HouseOptions) => Promise<string>;
  readonly remove: () => void;
}

export function openHouses(): Houses {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-'));
  let count = 0;
  return {
    write: async ({ upstream, scans = true, redis, budget }) => {
      const directory = join(root, String(++count));
      cpSync(resolve('policies/example'), join(directory, 'policies'), { recursive: true });
      if (!scans) leaveScanOut(join(directory, 'policies', 'support.yaml'));
      if (budget !== undefined) writeFileSync(join(directory, 'policies', 'budget.yaml'), BUDGET);
      const sha256 = createHash('sha256').update(KEY).digest('hex');
      const key = { id: 'support-desk', sha256, roles: ['support'], purposes: ['support'] };
      const file = join(directory, 'config.yaml');
      const config = {
        listen: { port: 0 },
        admin: { port: 0 },
        upstreams: [
          { name: 'crm', crm: 'salesforce', url: upstream },
          // The example's data map speaks of both; nothing is sent here.
          { name: 'other', crm: 'hubspot', url: upstream, match: { host: 'hubspot.invalid' } },
        ],
        identity: [{ apiKey: { keys: [key] } }],
        policies: { path: './policies', include: ['packs/salesforce', 'packs/hubspot'], reload: false },
        store: { embedded: './data' },
        ...(typeof budget === 'object' ? await sharedStore(directory, budget.redis) : {}),
        ...(redis === undefined ? {} : { audit: { redis: { url: redis } } }),
        log: { level: 'error' },
      };
      writeFileSync(file, stringify(config));
      return file;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** Nobody reaches it: what is measured is that it is counted. */
const BUDGET = `policy: bench-budget
for: { roles: [support] }
limit: { records: 100000, per: 1d, then: deny }
`;

/** A store that several Privets share wants a keyring of theirs. */
async function sharedStore(directory: string, redis: string) {
  const keys = { ring: join(directory, 'ring.json'), kek: { file: join(directory, 'kek') } };
  createKekFile(keys.kek.file);
  await createKeyring({ ring: keys.ring, wrapper: localKeyWrapper(keys.kek) });
  return { store: { embedded: './data', redis }, keys };
}

function leaveScanOut(file: string): void {
  const policies = readFileSync(file, 'utf8');
  const without = policies.replace(/^ {2}free-text: .*\n/m, '');
  if (without === policies) throw new Error(`${file} scans no free text.`);
  writeFileSync(file, without);
}
