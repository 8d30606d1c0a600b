import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

const KEY = 'bench-support-desk';
/** Headers of a client of the support desk. */
export const CLIENT_HEADERS = [`x-privet-key: ${KEY}`, 'accept: application/json'];

export interface HouseOptions {
  readonly upstream: string;
  /** False: the same policies, but free text is shown as it is. */
  readonly scans?: boolean;
  readonly redis?: string;
}

/** Configurations and stores of the bench, in a directory of their own. */
export interface Houses {
  /** @returns the path of a new configuration: the example's policies, an API key of the support desk, audit on */
  readonly write: (options: HouseOptions) => string;
  readonly remove: () => void;
}

export function openHouses(): Houses {
  const root = mkdtempSync(join(tmpdir(), 'privet-bench-'));
  let count = 0;
  return {
    write: ({ upstream, scans = true, redis }) => {
      const directory = join(root, String(++count));
      cpSync(resolve('policies/example'), join(directory, 'policies'), { recursive: true });
      if (!scans) leaveScanOut(join(directory, 'policies', 'support.yaml'));
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
        ...(redis === undefined ? {} : { audit: { redis: { url: redis } } }),
        log: { level: 'error' },
      };
      writeFileSync(file, stringify(config));
      return file;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

function leaveScanOut(file: string): void {
  const policies = readFileSync(file, 'utf8');
  const without = policies.replace(/^ {2}free-text: .*\n/m, '');
  if (without === policies) throw new Error(`${file} scans no free text.`);
  writeFileSync(file, without);
}
