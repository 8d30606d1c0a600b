import { Client } from '@hubspot/api-client';
import { Connection } from '@jsforce/jsforce-node';

/** The vendor's own client, told nothing but the proxy's address and a credential. */
export function salesforceClient(proxy: string, token: string): Connection {
  return new Connection({ instanceUrl: proxy, accessToken: token, version: '59.0' });
}

/** @param proxy with the prefix of HubSpot */
export function hubspotClient(proxy: string, token: string): Client {
  return new Client({ basePath: proxy, accessToken: token, numberOfApiCallRetries: 3 });
}
