import { Client } from '@hubspot/api-client';
import { Connection } from '@jsforce/jsforce-node';
import { type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';

/** Both sandbox CRMs, and the vendors' clients of somebody who may see everything. */
export interface Sandboxes {
  readonly salesforce: Sandbox;
  readonly hubspot: Sandbox;
  readonly connection: Connection;
  readonly client: Client;
  readonly close: () => Promise<void>;
}

export async function openSandboxes(people: number): Promise<Sandboxes> {
  const options = { people, seed: 5 };
  const [salesforce, hubspot] = await Promise.all([
    startSandbox({ ...options, crm: 'salesforce' }),
    startSandbox({ ...options, crm: 'hubspot' }),
  ]);
  const { salesforceToken, hubspotToken } = STAFF[0]!;
  return {
    salesforce,
    hubspot,
    connection: new Connection({
      instanceUrl: salesforce.url,
      accessToken: salesforceToken,
      version: '59.0',
    }),
    client: new Client({ accessToken: hubspotToken, basePath: hubspot.url }),
    close: async () => {
      await Promise.all([salesforce.close(), hubspot.close()]);
    },
  };
}
