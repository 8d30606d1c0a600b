import { join } from 'node:path';
import { directoryOf } from '../config/directory.ts';

/** Files in which there is nothing wrong. */
export const GOOD = {
  'config.yaml': `upstreams: [{ name: sales, crm: salesforce, url: https://acme.example }]
identity: [{ crm: {} }]
policies: { path: ./policies, include: [packs/salesforce] }
`,
  'policies/support.yaml': `policy: support-sees-no-addresses
for: { roles: [support] }
show: { contact.email: { mask: email } }
`,
};

/** Writes files, and tells where the configuration is. */
export function config(files: Readonly<Record<string, string>>): string {
  return join(directoryOf(files), 'config.yaml');
}
